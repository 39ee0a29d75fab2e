internal import LodeRuntime

/// Why a table did not become a feature matrix.
public enum FeatureError: Error, Hashable, Sendable, CustomStringConvertible {
  /// There is no column of this name.
  case unknownColumn(name: String, known: [String])
  /// The column holds text.
  case notNumeric(column: String)
  /// The column holds no text.
  case notText(column: String)
  /// A cell is missing and the policy refuses it; rows count from 0.
  case missing(column: String, row: Int)
  /// No cell of the column is there, so there is nothing to impute from.
  case allMissing(column: String)
  /// A cell is infinite; rows count from 0.
  case notFinite(column: String, row: Int)
  /// A transformation is not defined for this value; rows count from 0.
  case outOfDomain(column: String, row: Int, value: Double)
  /// A text column has more levels than allowed.
  case tooManyLevels(column: String, levelCount: Int, maximum: Int)

  /// What happened, where, and how to fix it.
  public var description: String {
    switch self {
    case .unknownColumn(let name, let known):
      "there is no column \"\(name)\"\(Suggestion.ending(for: name, in: known)) The columns are "
        + "\(known.joined(separator: ", "))."
    case .notNumeric(let column):
      "column \"\(column)\" holds text, which is no number; encode it with one-hot encoding."
    case .notText(let column):
      "column \"\(column)\" holds no text; use it as a numeric feature."
    case .missing(let column, let row):
      "column \"\(column)\" has no value in row \(row + 1); choose how to fill missing values "
        + "(mean, median or a constant) or drop the column."
    case .allMissing(let column):
      "column \"\(column)\" has no value in any row; drop it from the features."
    case .notFinite(let column, let row):
      "column \"\(column)\" is infinite in row \(row + 1); correct the value upstream."
    case .outOfDomain(let column, let row, let value):
      "column \"\(column)\" is \(value) in row \(row + 1), below zero, so log(1 + x) is not "
        + "meant for it; use signedLogOnePlus or no transformation."
    case .tooManyLevels(let column, let levelCount, let maximum):
      "column \"\(column)\" has \(levelCount) levels, more than \(maximum); group rare levels "
        + "or raise the maximum."
    }
  }
}
