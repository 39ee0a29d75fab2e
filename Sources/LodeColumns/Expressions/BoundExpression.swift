internal import LodeRuntime

/// An expression whose columns are found: those of one table.
indirect enum BoundExpression: Sendable {
  case constant(Cell)
  /// The cell in a row: a closure holds its column once, where a payload is held for every row.
  case column(@Sendable (Int) -> Cell)
  case binary(Expression.Operator, BoundExpression, BoundExpression)
  case not(BoundExpression)
  case isOneOf(BoundExpression, [BoundExpression])
  case isMissing(BoundExpression)

  /// The expression over the columns of a table.
  ///
  /// - Throws: a diagnostic for the first unknown column by name.
  init(_ expression: Expression, _ table: Table) throws(Diagnostic) {
    for name in expression.columnNames.sorted() { _ = try table.requiredColumn(name) }
    try self.init(known: expression, table)
  }

  private init(known expression: Expression, _ table: Table) throws(Diagnostic) {
    switch expression {
    case .constant(let cell): self = .constant(cell)
    case .column(let name):
      let column = try table.requiredColumn(name)
      self = .column { column[$0] }
    case .binary(let op, let left, let right):
      self = .binary(op, try Self(known: left, table), try Self(known: right, table))
    case .not(let inner): self = .not(try Self(known: inner, table))
    case .isMissing(let inner): self = .isMissing(try Self(known: inner, table))
    case .isOneOf(let value, let list):
      var items: [Self] = []
      for item in list { items.append(try Self(known: item, table)) }
      self = .isOneOf(try Self(known: value, table), items)
    }
  }

  /// Whether the condition holds in a row; not where it is missing.
  ///
  /// - Throws: a diagnostic if it is no condition, or for values that cannot be compared.
  func holds(_ row: Int) throws(Diagnostic) -> Bool {
    switch try value(row) {
    case .boolean(let flag): return flag
    case .missing: return false
    default:
      throw Diagnostic(
        .usage,
        "the condition gives a value, not true or false.",
        fix: "compare it, for example churn_p >= 0.35."
      )
    }
  }

  /// The value in a row.
  ///
  /// - Throws: a diagnostic for values that cannot be compared or computed.
  func value(_ row: Int) throws(Diagnostic) -> Cell {
    switch self {
    case .constant(let cell): return cell
    case .column(let read): return read(row)
    case .isMissing(let inner): return .boolean(try inner.value(row) == .missing)
    case .not(let inner):
      return try Self.truth(try inner.value(row), "not").map { .boolean(!$0) } ?? .missing
    case .isOneOf(let inner, let list):
      let cell = try inner.value(row)
      guard cell != .missing else { return .missing }
      var isAnyMissing = false
      for item in list {
        let other = try item.value(row)
        if other == .missing {
          isAnyMissing = true
        } else if try Self.compare(cell, other) == 0 {
          return .boolean(true)
        }
      }
      return isAnyMissing ? .missing : .boolean(false)
    case .binary(let op, let left, let right):
      return try Self.apply(op, try left.value(row), try right.value(row))
    }
  }

  private static func apply(
    _ op: Expression.Operator,
    _ left: Cell,
    _ right: Cell
  ) throws(Diagnostic) -> Cell {
    switch op {
    case .and, .or:
      let (x, y) = (try truth(left, op.rawValue), try truth(right, op.rawValue))
      let deciding = op == .or
      if x == deciding || y == deciding { return .boolean(deciding) }
      return x == nil || y == nil ? .missing : .boolean(!deciding)
    case .add, .subtract, .multiply, .divide: return try arithmetic(op, left, right)
    default:
      guard left != .missing, right != .missing else { return .missing }
      let order = try compare(left, right)
      switch op {
      case .equal: return .boolean(order == 0)
      case .notEqual: return .boolean(order != 0)
      case .less: return .boolean(order < 0)
      case .lessOrEqual: return .boolean(order <= 0)
      case .greater: return .boolean(order > 0)
      default: return .boolean(order >= 0)
      }
    }
  }

  /// The truth of a condition, nil where it is missing.
  private static func truth(_ cell: Cell, _ word: String) throws(Diagnostic) -> Bool? {
    switch cell {
    case .boolean(let flag): return flag
    case .missing: return nil
    default:
      throw Diagnostic(
        .usage,
        "\"\(word)\" needs true or false, but gets \"\(cell)\".",
        fix: "compare the value, for example churn_p >= 0.35."
      )
    }
  }

  private static func arithmetic(
    _ op: Expression.Operator,
    _ left: Cell,
    _ right: Cell
  ) throws(Diagnostic) -> Cell {
    guard left != .missing, right != .missing else { return .missing }
    if case .date(let date) = left, case .integer(let days) = right {
      if op == .add { return .date(date.advanced(byDays: Int(days))) }
      if op == .subtract { return .date(date.advanced(byDays: -Int(days))) }
    }
    guard let x = left.number, let y = right.number else {
      throw Diagnostic(
        .usage,
        "\"\(left)\" \(op.rawValue) \"\(right)\" cannot be computed.",
        fix: "use numbers on both sides."
      )
    }
    switch op {
    case .add: return .double(x + y)
    case .subtract: return .double(x - y)
    case .multiply: return .double(x * y)
    default: return y == 0 ? .missing : .double(x / y)
    }
  }

  /// −1, 0 or 1 as the left cell is smaller, equal or larger.
  private static func compare(_ left: Cell, _ right: Cell) throws(Diagnostic) -> Int {
    switch (left, right) {
    case (.text(let x), .text(let y)):
      if x.utf8.elementsEqual(y.utf8) { return 0 }
      return x.utf8.lexicographicallyPrecedes(y.utf8) ? -1 : 1
    case (.integer(let x), .integer(let y)): return x == y ? 0 : x < y ? -1 : 1
    case (.boolean(let x), .boolean(let y)): return x == y ? 0 : (y ? -1 : 1)
    case (.date(let x), .date(let y)): return x == y ? 0 : x < y ? -1 : 1
    case (.date, _), (_, .date), (.text, _), (_, .text), (.boolean, _), (_, .boolean): break
    default:
      if let x = left.number, let y = right.number { return x == y ? 0 : x < y ? -1 : 1 }
    }
    throw Diagnostic(
      .usage,
      "\"\(left)\" and \"\(right)\" cannot be compared.",
      fix: "compare numbers with numbers, texts in quotes with texts, dates with date 'YYYY-MM-DD'."
    )
  }
}
