public import LodeRuntime

/// A condition or value over the columns of a table, as in `tier in ('top', 'high') and churn_p >=
/// 0.35`.
///
/// Comparison, `and`, `or`, `not`, `in`, `between`, `is null`, `+ - * /`; texts in single quotes,
/// dates as `date '2026-01-31'`. A missing cell makes every comparison missing, and a missing
/// condition selects no row.
public indirect enum Expression: Hashable, Sendable {
  /// An arithmetic or comparing operator between two values.
  public enum Operator: String, Hashable, Sendable {
    /// Arithmetic.
    case add = "+"
    /// Arithmetic.
    case subtract = "-"
    /// Arithmetic.
    case multiply = "*"
    /// Arithmetic; division by zero is missing.
    case divide = "/"
    /// Comparison.
    case equal = "="
    /// Comparison.
    case notEqual = "!="
    /// Comparison.
    case less = "<"
    /// Comparison.
    case lessOrEqual = "<="
    /// Comparison.
    case greater = ">"
    /// Comparison.
    case greaterOrEqual = ">="
    /// Both conditions hold.
    case and
    /// One of the conditions holds.
    case or
  }

  /// A constant.
  case constant(Cell)
  /// The cell of a column.
  case column(String)
  /// Two values and an operator.
  case binary(Operator, Expression, Expression)
  /// The opposite of a condition.
  case not(Expression)
  /// Whether a value is one of a list.
  case isOneOf(Expression, [Expression])
  /// Whether a value is missing.
  case isMissing(Expression)

  /// The names of all columns in the expression.
  public var columnNames: Set<String> {
    switch self {
    case .constant: []
    case .column(let name): [name]
    case .binary(_, let left, let right): left.columnNames.union(right.columnNames)
    case .not(let inner), .isMissing(let inner): inner.columnNames
    case .isOneOf(let value, let list):
      list.reduce(value.columnNames) { $0.union($1.columnNames) }
    }
  }

  /// The rows of a table for which the condition holds.
  ///
  /// - Parameter table: the table whose columns the expression names.
  /// - Returns: one entry a row; false where the condition is missing.
  /// - Throws: a diagnostic for an unknown column or for values that cannot be compared.
  /// - Complexity: O(rows × size of the expression).
  public func rows(of table: Table) throws(Diagnostic) -> [Bool] {
    var marks: [Bool] = []
    marks.reserveCapacity(table.rowCount)
    let columns = try resolvedColumns(table)
    for row in 0..<table.rowCount {
      switch try value(row, columns) {
      case .boolean(let flag): marks.append(flag)
      case .missing: marks.append(false)
      default:
        throw Diagnostic(
          .usage,
          "the condition gives a value, not true or false.",
          fix: "compare it, for example churn_p >= 0.35."
        )
      }
    }
    return marks
  }

  /// The value of the expression in each row of a table.
  ///
  /// - Parameter table: the table whose columns the expression names.
  /// - Returns: one cell a row.
  /// - Throws: a diagnostic for an unknown column or for values that cannot be compared.
  public func cells(of table: Table) throws(Diagnostic) -> [Cell] {
    let columns = try resolvedColumns(table)
    var cells: [Cell] = []
    for row in 0..<table.rowCount { cells.append(try value(row, columns)) }
    return cells
  }

  private func resolvedColumns(_ table: Table) throws(Diagnostic) -> [String: Column] {
    var columns: [String: Column] = [:]
    for name in columnNames.sorted() { columns[name] = try table.requiredColumn(name) }
    return columns
  }

  private func value(_ row: Int, _ columns: [String: Column]) throws(Diagnostic) -> Cell {
    switch self {
    case .constant(let cell): return cell
    case .column(let name): return columns[name]?[row] ?? .missing
    case .isMissing(let inner): return .boolean(try inner.value(row, columns) == .missing)
    case .not(let inner):
      return try Self.truth(try inner.value(row, columns), "not").map { .boolean(!$0) } ?? .missing
    case .isOneOf(let inner, let list):
      let cell = try inner.value(row, columns)
      guard cell != .missing else { return .missing }
      var isAnyMissing = false
      for item in list {
        let other = try item.value(row, columns)
        if other == .missing {
          isAnyMissing = true
        } else if try Self.compare(cell, other) == 0 {
          return .boolean(true)
        }
      }
      return isAnyMissing ? .missing : .boolean(false)
    case .binary(let op, let left, let right):
      return try Self.apply(op, try left.value(row, columns), try right.value(row, columns))
    }
  }

  private static func apply(_ op: Operator, _ left: Cell, _ right: Cell) throws(Diagnostic) -> Cell
  {
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
    _ op: Operator,
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
