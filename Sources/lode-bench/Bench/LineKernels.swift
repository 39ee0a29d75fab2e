internal import FoundationEssentials
internal import LodeColumns
internal import LodeCustomer
internal import LodeFormats
internal import LodeMining
internal import LodeRuntime

/// Kernels on order lines and baskets.
struct LineKernels {
  let folder: String
  /// The name of the files of order lines, without its ending.
  let stem: String

  /// A CSV file to typed columns; the types are declared, or found from all cells.
  func csv(isTyped: Bool) throws -> Measurement {
    let path = "\(folder)/\(stem).csv"
    let reader = isTyped ? BenchLines.reader : CSVReader()
    return try Measurement.of {
      try reader.read(try SourceBytes(file: path)).table
    } values: {
      try BenchLines.summary($0)
    }
  }

  private func table() throws -> Table {
    try ParquetFile(opening: "\(folder)/\(stem).parquet").read()
  }

  /// Three of the columns of a Parquet file: the sum of quantity times amount, first and last time.
  func parquetScan() throws -> Measurement {
    try Measurement.of {
      let file = try ParquetFile(opening: "\(folder)/\(stem).parquet")
      return try Parallel.map(file.rowGroupCount) { group in
        let part = try file.read(
          columns: ["quantity", "amount", "ordered_at"],
          rowGroups: group..<group + 1
        )
        return try BenchLines.scan(part)
      }
    } values: { (parts: [BenchLines.Scan]) in
      let sum = parts.reduce(Int64(0)) { $0 + $1.quantityCents }
      let first = parts.map(\.first).min() ?? 0
      let last = parts.map(\.last).max() ?? 0
      return ["quantity_cents": Double(sum), "first": Double(first), "last": Double(last)]
    }
  }

  /// The lines to a Parquet file in memory pages of the system (no waiting for the disk).
  func parquetWrite(to path: String) throws -> Measurement {
    let table = try table()
    return try Measurement.of {
      let bytes = try ParquetWriter.encode(table).bytes
      guard FileManager.default.createFile(atPath: path, contents: Data(bytes)) else {
        throw Diagnostic(.failure, at: path, "the file cannot be written.")
      }
      return bytes.count
    } values: { count in
      var values = try BenchLines.summary(try ParquetFile(opening: path).read())
      values["~megabytes"] = Double(count) / 1e6
      return values
    }
  }

  /// A Parquet file to columns.
  func parquetRead() throws -> Measurement {
    try Measurement.of {
      try table()
    } values: {
      try BenchLines.summary($0)
    }
  }

  /// All frequent itemsets, baskets already in memory.
  func itemsets(support: Double) throws -> Measurement {
    let path = "\(folder)/baskets.txt"
    let text = String(decoding: try FileBytes.read(path), as: UTF8.self)
    let baskets = Baskets(
      text.split(separator: "\n").map { $0.split(separator: " ").map(String.init) }
    )
    return try Measurement.of {
      try FrequentItemsets(minimumSupport: support).fit(baskets)
    } values: { model in
      [
        "itemsets": Double(model.itemsets.count),
        "occurrences": Double(model.itemsets.reduce(0) { $0 + $1.count }),
        "longest": Double(model.itemsets.map(\.items.count).max() ?? 0),
      ]
    }
  }
}
