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

/// Why a raw row of sales goes to quarantine, in the order in which reasons are named.
struct SalesDefects: OptionSet, Sendable {
  let rawValue: UInt16

  static let exactDuplicate = SalesDefects(rawValue: 1 << 0)
  static let missingOrder = SalesDefects(rawValue: 1 << 1)
  static let missingDate = SalesDefects(rawValue: 1 << 2)
  static let dateTooEarly = SalesDefects(rawValue: 1 << 3)
  static let dateInFuture = SalesDefects(rawValue: 1 << 4)
  static let missingQuantity = SalesDefects(rawValue: 1 << 5)
  static let zeroQuantity = SalesDefects(rawValue: 1 << 6)
  static let negativeQuantity = SalesDefects(rawValue: 1 << 7)
  static let positiveCancellation = SalesDefects(rawValue: 1 << 8)
  static let missingPrice = SalesDefects(rawValue: 1 << 9)
  static let zeroPrice = SalesDefects(rawValue: 1 << 10)
  static let negativePrice = SalesDefects(rawValue: 1 << 11)
  static let tooLargeAmount = SalesDefects(rawValue: 1 << 12)

  private static let codes = [
    "exact_duplicate", "missing_order", "missing_date", "date_too_early", "date_in_future",
    "missing_quantity", "quantity_zero", "quantity_negative",
    "cancellation_without_negative_quantity", "missing_price", "price_zero", "price_negative",
    "amount_too_large",
  ]

  /// The reasons as the quarantine table names them.
  var reasons: [String] {
    Self.codes.indices.filter { rawValue >> $0 & 1 == 1 }.map { Self.codes[$0] }
  }
}

/// What each raw row of sales is.
struct SalesClassification: Sendable {
  /// The kind of a row: `product`, `adjustment` or one of the declared non-product kinds.
  let kinds: [String]
  /// The kind of each row, as a place in `kinds`.
  let kindOfRow: [UInt32]
  /// Whether the row takes goods back.
  let isReturn: [Bool]
  /// Why the row goes to quarantine; empty if it does not.
  let defects: [SalesDefects]

  init(_ rows: SalesRows, rules: SalesRules) throws(Diagnostic) {
    let isDuplicate = try SalesDuplicates.marks(rows)
    let isCancellation = Self.hasPrefix(rows.order, rules.cancellationPrefix)
    let isAdjustment = Self.hasPrefix(rows.order, rules.adjustmentPrefix)
    let kinds = ["product", "adjustment"] + rules.nonProducts.map(\.kind)
    var kindOfCode = [UInt32](repeating: 0, count: rows.product.dictionary.count)
    for (index, entry) in rules.nonProducts.enumerated() {
      for code in kindOfCode.indices
      where entry.codes.contains(rows.product.dictionary[code].uppercased()) {
        kindOfCode[code] = UInt32(index + 2)
      }
    }
    let productCodes = rows.product.codes
    let hasProduct = rows.product.validity
    var kindOfRow = [UInt32](repeating: 0, count: rows.count)
    var isReturn = [Bool](repeating: false, count: rows.count)
    var defects = [SalesDefects](repeating: [], count: rows.count)
    let hasOrder = rows.order.validity
    for row in 0..<rows.count {
      if isAdjustment[row] {
        kindOfRow[row] = 1
      } else if hasProduct?[row] ?? true {
        kindOfRow[row] = kindOfCode[Int(productCodes[row])]
      }
      isReturn[row] =
        rules.cancellationPrefix == nil ? rows.quantity[row] < 0 : isCancellation[row]
      if isDuplicate[row] {
        defects[row] = .exactDuplicate
        continue
      }
      if let hasOrder, !hasOrder[row] { defects[row] = .missingOrder }
      defects[row].formUnion(Self.dateDefects(row, rows, rules))
      defects[row]
        .formUnion(Self.defects(row, rows, isReturn: isReturn[row], kind: kindOfRow[row]))
    }
    self.kinds = kinds
    self.kindOfRow = kindOfRow
    self.isReturn = isReturn
    self.defects = defects
  }

  private static func dateDefects(
    _ row: Int,
    _ rows: SalesRows,
    _ rules: SalesRules
  ) -> SalesDefects {
    guard rows.hasTime[row] else { return .missingDate }
    guard rules.firstDay != nil || rules.lastDay != nil else { return [] }
    let day = CivilDate(daysSinceEpoch: Timestamp.day(ofMicroseconds: rows.time[row]))
    var defects: SalesDefects = []
    if let first = rules.firstDay, day < first { defects.insert(.dateTooEarly) }
    if let last = rules.lastDay, day > last { defects.insert(.dateInFuture) }
    return defects
  }

  private static func defects(
    _ row: Int,
    _ rows: SalesRows,
    isReturn: Bool,
    kind: UInt32
  ) -> SalesDefects {
    var defects: SalesDefects = []
    let quantity = rows.quantity[row]
    if !rows.hasQuantity[row] {
      defects.insert(.missingQuantity)
    } else if quantity == 0 {
      defects.insert(.zeroQuantity)
    } else if quantity < 0 && !isReturn && kind == 0 {
      defects.insert(.negativeQuantity)
    } else if quantity > 0 && isReturn {
      defects.insert(.positiveCancellation)
    }
    let price = rows.price[row]
    if !rows.hasPrice[row] {
      defects.insert(.missingPrice)
    } else if price == 0 {
      defects.insert(.zeroPrice)
    } else if price < 0 && kind != 1 {
      defects.insert(.negativePrice)
    }
    let product = price.multipliedReportingOverflow(by: quantity)
    if product.overflow || product.partialValue.magnitude >= largestAmount {
      defects.insert(.tooLargeAmount)
    }
    return defects
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
