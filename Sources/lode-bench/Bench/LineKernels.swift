internal import Foundation
internal import LodeColumns
internal import LodeCustomer
internal import LodeFormats
internal import LodeMining
internal import LodeRuntime

/// The order lines of the benchmarks.
enum BenchLines {
  /// A reader with the type of every column declared.
  static var reader: CSVReader {
    var reader = CSVReader()
    reader.types = [
      "order_id": .text, "customer_id": .text, "ordered_at": .timestamp, "product_id": .text,
      "category": .text, "channel": .text, "kind": .text, "quantity": .integer,
      "amount": .money(scale: 2),
    ]
    return reader
  }

  /// Reads a CSV file with our reader and writes it with our Parquet writer.
  static func csvToParquet(_ source: String, _ target: String) throws {
    let table = try reader.read(fileBytes: try FileBytes.read(source), name: source).table
    try AtomicFile.write(try ParquetWriter.encode(table).bytes, to: target)
  }

  /// Sums and bounds of three columns.
  struct Scan {
    /// The sum of quantity times amount in cents.
    let quantityCents: Int64
    /// The first time, in microseconds.
    let first: Int64
    /// The last time, in microseconds.
    let last: Int64
  }

  /// Sums and bounds of a part of the lines.
  static func scan(_ table: Table) throws -> Scan {
    let quantities = try table.requiredColumn("quantity").integers
    let amounts = try table.requiredColumn("amount").integers
    let times = try table.requiredColumn("ordered_at").integers
    var sum: Int64 = 0
    var first = Int64.max
    var last = Int64.min
    for row in 0..<table.rowCount {
      sum += quantities[row] * amounts[row]
      first = min(first, times[row])
      last = max(last, times[row])
    }
    return Scan(quantityCents: sum, first: first, last: last)
  }

  /// What the columns hold, for the comparison.
  static func summary(_ table: Table) throws -> [String: Double] {
    let customer = try table.requiredColumn("customer_id")
    let times = try table.requiredColumn("ordered_at").integers
    let amounts = try table.requiredColumn("amount").integers
    return [
      "rows": Double(table.rowCount),
      "guests": Double(customer.missingCount),
      "quantity": Double(try table.requiredColumn("quantity").integers.reduce(0, +)),
      "cents": Double(amounts.reduce(0, +)),
      "mean_second": Double(times.reduce(0) { $0 + $1 / 1_000_000 }) / Double(table.rowCount),
    ]
  }
}

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
      try reader.read(fileBytes: try FileBytes.read(path), name: path).table
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

  /// Recency, frequency and value a customer by a group-by of the table.
  func rfmByGrouping() throws -> Measurement {
    let table = try table()
    return try Measurement.of {
      let groups = try table.aggregated(
        by: ["customer_id"],
        [
          Aggregate("last_order", .maximum("ordered_at")),
          Aggregate("orders", .distinctCount("order_id")),
          Aggregate("value_total", .sum("amount")),
        ]
      )
      let customer = try groups.requiredColumn("customer_id")
      let customers = groups.filtered((0..<groups.rowCount).map { !customer.isMissing($0) })
      let days = try customers.requiredColumn("last_order").integers
        .map { $0 / Timestamp.microsecondsPerDay }
      return customers.setting(Field("last_order_on", .date), Column(.date, integers: days))
    } values: {
      try rfmSummary($0)
    }
  }

  /// What the product does for RFM: histories and all thirty features of every customer.
  func rfmByFeatures() throws -> Measurement {
    let table = try table()
    guard let asOf = CivilDate("2026-01-01") else { throw Diagnostic(.failure, "no date") }
    return try Measurement.of {
      CustomerFeatures.table(
        try PurchaseHistories(orderLines: table, returnMatches: nil, productsOnly: false),
        asOf: [asOf]
      )
    } values: {
      try rfmSummary($0)
    }
  }

  private func rfmSummary(_ customers: Table) throws -> [String: Double] {
    func sum(_ name: String) throws -> Double {
      Double(try customers.requiredColumn(name).integers.reduce(0, +))
    }
    return [
      "customers": Double(customers.rowCount), "orders": try sum("orders"),
      "cents": try sum("value_total"), "last_days": try sum("last_order_on"),
    ]
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
