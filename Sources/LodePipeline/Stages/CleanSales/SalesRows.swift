internal import LodeColumns
internal import LodeFormats
internal import LodeRuntime

/// Which columns of a raw table mean what.
struct SalesColumns: Sendable {
  let order: String?
  let customer: String
  let at: String
  let product: String?
  let description: String?
  let category: String?
  let channel: String?
  let country: String?
  let quantity: String?
  let price: String

  init(_ reader: ConfigurationReader) throws(Diagnostic) {
    customer = try reader.requiredString("customer")
    at = try reader.requiredString("at")
    order = try reader.string("order")
    product = try reader.string("product")
    description = try reader.string("description")
    category = try reader.string("category")
    channel = try reader.string("channel")
    country = try reader.string("country")
    quantity = try reader.string("quantity")
    if let amount = try reader.string("amount") {
      price = amount
      _ = try reader.string("price")
    } else {
      price = try reader.requiredString("price")
    }
    try reader.finish()
  }
}

/// The raw rows of sales in the shape that cleaning works on: whole columns, one entry a row, by
/// customer, time and line.
///
/// Rows of one customer lie together then, so that every step behind runs through memory from front
/// to back.
struct SalesRows: Sendable {
  let count: Int
  /// All cells.
  let cells: Table
  /// Which raw row each is.
  let rawRows: [Int]
  let order: Column
  let customer: Column
  let time: [Int64]
  let hasTime: [Bool]
  let product: Column
  let description: Column
  let category: Column
  let channel: Column
  let country: Column
  let quantity: [Int64]
  let hasQuantity: [Bool]
  let price: [Int64]
  let hasPrice: [Bool]
  /// Digits behind the point of prices and amounts.
  let scale: Int
  let file: Column
  let line: Column

  /// The rows of a part of a raw table.
  init(_ table: Table, _ columns: SalesColumns, tableName: String) throws(Diagnostic) {
    rawRows = try Self.order(of: table, columns, tableName)
    let raw = table.gathering(rawRows)
    cells = raw
    count = raw.rowCount
    func column(_ name: String) throws(Diagnostic) -> Column {
      try Self.column(name, of: raw, tableName)
    }
    let empty = Column(codes: [Int](repeating: -1, count: raw.rowCount), names: [])
    func text(_ name: String?) throws(Diagnostic) -> Column {
      guard let name else { return empty }
      return try column(name).asTexts()
    }
    customer = try text(columns.customer)
    product = try text(columns.product)
    description = try text(columns.description)
    category = try text(columns.category)
    channel = try text(columns.channel)
    country = try text(columns.country)
    let at = try Self.times(columns.at, of: raw, tableName)
    let unit = at.type == .date ? Timestamp.microsecondsPerDay : 1
    time = unit == 1 ? at.integers : at.integers.map { $0 * unit }
    hasTime = at.validity ?? Array(repeating: true, count: raw.rowCount)
    if let name = columns.quantity {
      let quantity = try column(name)
      guard quantity.type == .integer else {
        throw Self.wrongType(name, quantity.type, "integer", tableName)
      }
      self.quantity = quantity.integers
      hasQuantity = quantity.validity ?? Array(repeating: true, count: raw.rowCount)
    } else {
      quantity = Array(repeating: 1, count: raw.rowCount)
      hasQuantity = Array(repeating: true, count: raw.rowCount)
    }
    let price = try column(columns.price)
    switch price.type {
    case .integer, .decimal: break
    default: throw Self.wrongType(columns.price, price.type, "decimal(18,2)", tableName)
    }
    scale = max(2, price.type.scale)
    self.price = Self.scaled(price, to: scale)
    hasPrice = price.validity ?? Array(repeating: true, count: raw.rowCount)
    file = try column("_file")
    line = try column("_line")
    if let name = columns.order {
      order = try column(name).asTexts()
    } else {
      order = Self.ordersByDay(customer, time, file, line)
    }
  }

  /// The rows of a raw table by customer, time and line; equal ones in raw order.
  private static func order(
    of raw: Table,
    _ columns: SalesColumns,
    _ tableName: String
  ) throws(Diagnostic) -> [Int] {
    try Table([
      "customer": column(columns.customer, of: raw, tableName).asTexts(),
      "at": times(columns.at, of: raw, tableName),
      "line": column("_line", of: raw, tableName),
    ])
    .sortedRows(by: [SortKey("customer"), SortKey("at"), SortKey("line")])
  }

  private static func column(
    _ name: String,
    of raw: Table,
    _ tableName: String
  ) throws(Diagnostic) -> Column {
    do throws(Diagnostic) {
      return try raw.requiredColumn(name)
    } catch {
      throw Diagnostic(
        .usage,
        at: "table \(tableName)",
        error.message,
        fix: "correct \"columns\" of the clean stage."
      )
    }
  }

  private static func times(
    _ name: String,
    of raw: Table,
    _ tableName: String
  ) throws(Diagnostic) -> Column {
    let at = try column(name, of: raw, tableName)
    guard at.type == .date || at.type == .timestamp else {
      throw wrongType(name, at.type, "timestamp", tableName)
    }
    return at
  }

  /// Amounts with more digits behind the point; one that does not fit stays too large, so that its
  /// row is refused.
  private static func scaled(_ price: Column, to scale: Int) -> [Int64] {
    guard scale > price.type.scale else { return price.integers }
    let factor = powerOfTen(scale - price.type.scale)
    return price.integers.map { units in
      let (scaled, overflow) = units.multipliedReportingOverflow(by: factor)
      return overflow ? .max : scaled
    }
  }

  /// Where a row was read.
  func place(_ row: Int) -> RawPlace {
    RawPlace(
      file: file.isMissing(row) ? [] : Array(file.dictionary.utf8(Int(file.codes[row]))),
      line: line.integers[row]
    )
  }

  /// One order per customer and day, where the source has no order ids; rows without a customer
  /// have nothing in common, so each is an order of its own.
  private static func ordersByDay(
    _ customer: Column,
    _ time: [Int64],
    _ file: Column,
    _ line: Column
  ) -> Column {
    var builder = ColumnBuilder(.text)
    for row in 0..<customer.count {
      let day = CivilDate(daysSinceEpoch: Timestamp.day(ofMicroseconds: time[row]))
      let buyer = customer.isMissing(row) ? "#\(file[row]):\(line[row])" : customer[row].description
      builder.append(text: "\(buyer)@\(day)")
    }
    return builder.build()
  }

  private static func wrongType(
    _ name: String,
    _ type: ColumnType,
    _ wanted: String,
    _ tableName: String
  ) -> Diagnostic {
    Diagnostic(
      .failure,
      at: "table \(tableName)",
      "column \"\(name)\" is of type \(type), where \(wanted) is needed.",
      fix: "declare it in the extract stage, types: { \"\(name)\": "
        + "\"\(wanted)\" }, "
        + "so that the cells that do not fit go to quarantine."
    )
  }
}

/// Where a raw row was read: file, then line.
struct RawPlace: Comparable, Sendable {
  /// The name of the file, as bytes.
  let file: [UInt8]
  let line: Int64

  static func < (left: RawPlace, right: RawPlace) -> Bool {
    left.file == right.file
      ? left.line < right.line : left.file.lexicographicallyPrecedes(right.file)
  }
}
