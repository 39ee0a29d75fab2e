internal import LodeColumns
internal import LodeFormats
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

  /// A number below 100 with a zero in front where it has one digit.
  static func twoDigits(_ number: Int) -> String { number < 10 ? "0\(number)" : "\(number)" }

  /// The columns that RFM needs.
  static func purchases(_ path: String) throws -> Table {
    try ParquetFile(opening: path)
      .read(columns: ["customer_id", "order_id", "ordered_at", "amount"])
  }

  /// The same with whole numbers, far from each other, for the ids of customers and orders.
  static func numbered(_ table: Table) throws -> Table {
    func scattered(_ column: Column) -> Column {
      let factor: UInt64 = 0x9E37_79B9_7F4A_7C15
      return Column(
        type: .integer,
        storage: .integers(
          column.codes.map { Int64(bitPattern: (UInt64($0) + 1) &* factor) >> 1 }
        ),
        validity: column.validity
      )
    }
    let integer = ColumnType.integer
    return
      table
      .setting(Field("customer_id", integer), scattered(try table.requiredColumn("customer_id")))
      .setting(Field("order_id", integer), scattered(try table.requiredColumn("order_id")))
  }

  /// Last day, distinct orders and value of every known customer.
  static func rfm(_ table: Table) throws -> Table {
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
