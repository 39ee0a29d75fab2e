/// Why scores, probabilities or outcomes cannot be judged.
public enum EvaluationError: Error, Hashable, Sendable, CustomStringConvertible {
  /// There is nothing to judge.
  case noRows(of: String)
  /// There are more or fewer numbers than rows.
  case wrongCount(of: String, count: Int, rows: Int)
  /// A missing or infinite number; rows count from 0.
  case notFinite(String, row: Int)
  /// A number outside 0…1; rows count from 0.
  case notAProbability(row: Int, value: Double)
  /// All outcomes are equal.
  case oneClass(rows: Int, outcome: Bool)
  /// A class has too few rows for a variance.
  case tooFewRows(of: String, rows: Int, needed: Int)
  /// All scores are equal, so no slope can be told.
  case constantScores(rows: Int, value: Double)
  /// Nobody, or everybody, was treated.
  case oneArm(rows: Int, isTreated: Bool)
  /// A setting makes no sense.
  case badConfiguration(reason: String, fix: String)
  /// A logistic regression inside was refused.
  case fit(LogisticRegression.FitError)

  /// What happened, where, and how to fix it.
  public var description: String {
    switch self {
    case .noRows(let what): "there are no \(what) to judge; give at least one row."
    case .wrongCount(let what, let count, let rows):
      "the number of \(what) is \(count), but there are \(rows) rows; give as many \(what) as rows."
    case .notFinite(let what, let row):
      "row \(row + 1) of the \(what) is missing or infinite; drop or fill such rows first."
    case .notAProbability(let row, let value):
      "row \(row + 1) holds the probability \(value), which is not in 0…1; give probabilities, "
        + "not log-odds or percent."
    case .oneClass(let rows, let outcome):
      "all \(rows) outcomes are \(outcome ? "yes" : "no"), so there is nothing to tell apart; "
        + "widen the window or change the definition of the outcome."
    case .tooFewRows(let what, let rows, let needed):
      "the number of \(what) is \(rows), but at least \(needed) are needed; use more rows."
    case .constantScores(let rows, let value):
      "all \(rows) scores are \(value), so no slope can be told; check the model, or correct the "
        + "base rate only."
    case .oneArm(let rows, let isTreated):
      "all \(rows) rows are \(isTreated ? "treated" : "controls"), so there is nothing to compare "
        + "with; keep a random control group."
    case .badConfiguration(let reason, let fix): "\(reason); \(fix)."
    case .fit(let error): error.description
    }
  }
}

extension EvaluationError {
  /// Refuses an empty list, a list of another length, and numbers that are not finite.
  static func check(
    _ numbers: [Double],
    _ name: String,
    rows: Int
  ) throws(EvaluationError) {
    guard numbers.count == rows else {
      throw .wrongCount(of: name, count: numbers.count, rows: rows)
    }
    guard rows > 0 else { throw .noRows(of: name) }
    if let row = numbers.firstIndex(where: { !$0.isFinite }) { throw .notFinite(name, row: row) }
  }

  /// Refuses what is not one probability in 0…1 for each of at least one row.
  static func check(probabilities: [Double], rows: Int) throws(EvaluationError) {
    try check(probabilities, "probabilities", rows: rows)
    if let row = probabilities.firstIndex(where: { $0 < 0 || $0 > 1 }) {
      throw .notAProbability(row: row, value: probabilities[row])
    }
  }

  /// Refuses outcomes that are all equal.
  static func checkBothClasses(_ outcomes: [Bool]) throws(EvaluationError) {
    let positives = outcomes.count { $0 }
    guard positives > 0, positives < outcomes.count else {
      throw .oneClass(rows: outcomes.count, outcome: positives > 0)
    }
  }

  /// Refuses a level outside 0…1.
  static func check(level: Double) throws(EvaluationError) {
    guard level > 0, level < 1 else {
      throw .badConfiguration(
        reason: "\(level) is no confidence level",
        fix: "give one between 0 and 1, such as 0.95"
      )
    }
  }
}
