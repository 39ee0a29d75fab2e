internal import LodeColumns
internal import LodeFormats
internal import LodeRuntime

/// The rules that sort raw rows of sales into sales, returns and quarantine.
struct SalesRules: Sendable {
  /// Orders whose id starts so are cancellations; nil: negative quantities are returns.
  let cancellationPrefix: String?
  /// Orders whose id starts so are adjustments of the books.
  let adjustmentPrefix: String?
  /// Kinds of lines that are no products, with their product codes.
  let nonProducts: [(kind: String, codes: [String])]
  /// The first day that can be right.
  let firstDay: CivilDate?
  /// The last day that can be right.
  let lastDay: CivilDate?

  init(_ reader: ConfigurationReader) throws(Diagnostic) {
    cancellationPrefix = try reader.string("cancellation_prefix")
    adjustmentPrefix = try reader.string("adjustment_prefix")
    var kinds: [(kind: String, codes: [String])] = []
    if let table = try reader.object("non_products") {
      for kind in table.keys {
        guard kind != "product", kind != "adjustment" else {
          throw reader.problem(
            at: table.node,
            "\"non_products\" of \(reader.subject) has the kind \"\(kind)\", which Lode sets.",
            fix: "choose another name for these product codes."
          )
        }
        let codes = try table.strings(kind) ?? []
        kinds.append((kind, codes.map { $0.uppercased() }))
      }
    }
    nonProducts = kinds
    let dates = try reader.object("valid_dates")
    firstDay = try Self.date("from", dates)
    lastDay = try Self.date("to", dates)
    try dates?.finish()
  }

  private static func date(
    _ key: String,
    _ reader: ConfigurationReader?
  ) throws(Diagnostic) -> CivilDate? {
    guard let reader, let text = try reader.string(key), let node = reader.node(key) else {
      return nil
    }
    guard let date = CivilDate(text) else {
      throw reader.problem(
        at: node,
        "\"\(key)\" of \(reader.subject) is \"\(text)\".",
        fix: "write a date as YYYY-MM-DD."
      )
    }
    return date
  }
}

/// What each raw row of sales is.
struct SalesClassification: Sendable {
  /// The kind of a row: `product`, `adjustment` or one of the declared non-product kinds.
  let kinds: [String]
  /// The kind of each row, as a place in `kinds`.
  let kindOfRow: [Int]
  /// Whether the row repeats an earlier row in every cell.
  let isDuplicate: [Bool]
  /// Whether the row takes goods back.
  let isReturn: [Bool]
  /// Why the row goes to quarantine; empty if it does not.
  let reasons: [[String]]

  init(_ rows: SalesRows, raw: Table, rules: SalesRules) throws(Diagnostic) {
    let names = raw.schema.names.filter { $0 != "_file" && $0 != "_line" }
    let grouping = try raw.grouping(by: names)
    isDuplicate = (0..<rows.count).map { grouping.firstRows[Int(grouping.groupOfRow[$0])] != $0 }
    let isCancellation = Self.hasPrefix(rows.order, rules.cancellationPrefix)
    let isAdjustment = Self.hasPrefix(rows.order, rules.adjustmentPrefix)
    let kinds = ["product", "adjustment"] + rules.nonProducts.map(\.kind)
    var kindOfCode = [Int](repeating: 0, count: rows.product.dictionary.count)
    for (index, entry) in rules.nonProducts.enumerated() {
      for code in kindOfCode.indices
      where entry.codes.contains(rows.product.dictionary[code].uppercased()) {
        kindOfCode[code] = index + 2
      }
    }
    let productCodes = rows.product.codes
    let kindOfRow = (0..<rows.count)
      .map { row in
        isAdjustment[row] ? 1 : rows.product.isMissing(row) ? 0 : kindOfCode[Int(productCodes[row])]
      }
    let isReturn = (0..<rows.count)
      .map { row in
        rules.cancellationPrefix == nil ? rows.quantity[row] < 0 : isCancellation[row]
      }
    let duplicates = isDuplicate
    reasons = (0..<rows.count)
      .map { row in
        duplicates[row]
          ? ["exact_duplicate"]
          : Self.reasons(row, rows, rules, isReturn: isReturn[row], kind: kindOfRow[row])
      }
    self.kinds = kinds
    self.kindOfRow = kindOfRow
    self.isReturn = isReturn
  }

  private static func reasons(
    _ row: Int,
    _ rows: SalesRows,
    _ rules: SalesRules,
    isReturn: Bool,
    kind: Int
  ) -> [String] {
    var reasons: [String] = []
    if rows.order.isMissing(row) { reasons.append("missing_order") }
    if !rows.hasTime[row] {
      reasons.append("missing_date")
    } else {
      let day = CivilDate(daysSinceEpoch: Timestamp.day(ofMicroseconds: rows.time[row]))
      if let first = rules.firstDay, day < first { reasons.append("date_too_early") }
      if let last = rules.lastDay, day > last { reasons.append("date_in_future") }
    }
    if !rows.hasQuantity[row] {
      reasons.append("missing_quantity")
    } else if rows.quantity[row] == 0 {
      reasons.append("quantity_zero")
    } else if rows.quantity[row] < 0 && !isReturn && kind == 0 {
      reasons.append("quantity_negative")
    } else if rows.quantity[row] > 0 && isReturn {
      reasons.append("cancellation_without_negative_quantity")
    }
    if !rows.hasPrice[row] {
      reasons.append("missing_price")
    } else if rows.price[row] == 0 {
      reasons.append("price_zero")
    } else if rows.price[row] < 0 && kind != 1 {
      reasons.append("price_negative")
    }
    let product = rows.price[row].multipliedReportingOverflow(by: rows.quantity[row])
    if product.overflow || product.partialValue.magnitude >= largestAmount {
      reasons.append("amount_too_large")
    }
    return reasons
  }

  /// Amounts have at most 18 digits, as the type of the clean tables says.
  private static let largestAmount = powerOfTen(18).magnitude

  private static func hasPrefix(_ column: Column, _ prefix: String?) -> [Bool] {
    guard let prefix else { return Array(repeating: false, count: column.count) }
    let wanted = Array(prefix.utf8)
    let ofCode = (0..<column.dictionary.count)
      .map { column.dictionary.utf8($0).starts(with: wanted) }
    let codes = column.codes
    return (0..<column.count).map { !column.isMissing($0) && ofCode[Int(codes[$0])] }
  }
}
