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
    let bound = try BoundExpression(self, table)
    let parts = try Parallel.map(rows: table.rowCount, chunkSize: Self.rowsAtOnce) {
      (rows: Range<Int>) throws(Diagnostic) -> [Bool] in
      var marks: [Bool] = []
      marks.reserveCapacity(rows.count)
      for row in rows { marks.append(try bound.holds(row)) }
      return marks
    }
    return parts.flatMap(\.self)
  }

  /// The value of the expression in each row of a table.
  ///
  /// - Parameter table: the table whose columns the expression names.
  /// - Returns: one cell a row.
  /// - Throws: a diagnostic for an unknown column or for values that cannot be compared.
  public func cells(of table: Table) throws(Diagnostic) -> [Cell] {
    let bound = try BoundExpression(self, table)
    var cells: [Cell] = []
    for row in 0..<table.rowCount { cells.append(try bound.value(row)) }
    return cells
  }

  private static let rowsAtOnce = 16_384
}
