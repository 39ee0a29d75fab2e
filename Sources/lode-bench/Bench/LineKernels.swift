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
    let table = try reader.read(try SourceBytes(file: source)).table
    try AtomicFile.write(try ParquetWriter.encode(table).bytes, to: target)
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

  /// Bytes of a CSV file to typed columns, reading the file included.
  func csv() throws -> Measurement {
    let path = "\(folder)/lines.csv"
    return try Measurement.of {
      try BenchLines.reader.read(try SourceBytes(file: path)).table
    } values: {
      try BenchLines.summary($0)
    }
  }

  private func table() throws -> Table {
    try ParquetFile(opening: "\(folder)/lines.parquet").read()
  }

  /// Recency, frequency and value a customer by a group-by of the table.
  func rfmByGrouping() throws -> Measurement {
    let table = try table()
    return try Measurement.of {
      let customers = try table.grouping(by: ["customer_id"])
      let orders = try table.grouping(by: ["customer_id", "order_id"])
      let times = try table.requiredColumn("ordered_at").integers
      let amounts = try table.requiredColumn("amount").integers
      var last = [Int64](repeating: .min, count: customers.count)
      var counts = [Int64](repeating: 0, count: customers.count)
      var cents = [Int64](repeating: 0, count: customers.count)
      for (row, group) in customers.groupOfRow.enumerated() {
        last[group] = max(last[group], times[row])
        cents[group] += amounts[row]
      }
      for row in orders.firstRows { counts[customers.groupOfRow[row]] += 1 }
      let column = try table.requiredColumn("customer_id")
      let known = (0..<customers.count).filter { !column.isMissing(customers.firstRows[$0]) }
      return Table([
        "customer_id": column.gathering(known.map { customers.firstRows[$0] }),
        "last_order_on": Column(
          .date,
          integers: known.map { last[$0] / Timestamp.microsecondsPerDay }
        ),
        "orders": Column(integers: known.map { counts[$0] }),
        "value_total": Column(.money(scale: 2), integers: known.map { cents[$0] }),
      ])
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
