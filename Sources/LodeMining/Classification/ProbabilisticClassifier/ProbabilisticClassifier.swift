internal import Glibc
public import LodeNumerics

/// A way to learn the probability of a yes/no outcome from columns with gaps and categories.
///
/// What the champion and its challengers have in common: they are fitted to the same rows and
/// compared by the same scores.
public protocol ProbabilisticClassifier: Sendable, Hashable, Codable {
  /// What a fit gives.
  associatedtype Model: ProbabilisticClassifierModel

  /// The model of `outcomes` by `features`.
  ///
  /// - Parameters:
  ///   - features: one row an individual (or an individual at one snapshot).
  ///   - outcomes: whether the event happened, one entry a row.
  ///   - groups: the individual of each row: rows of one group are never split between training
  ///     and test inside the fit. Nil takes every row for a group of its own.
  /// - Returns: the fitted model.
  /// - Throws: ``ClassifierError``.
  func fit(
    _ features: FeatureColumns,
    outcomes: [Bool],
    groups: [Int]?
  ) throws(ClassifierError) -> Model
}

/// A fitted model of a yes/no outcome that can say why.
public protocol ProbabilisticClassifierModel: Sendable, Hashable, Codable {
  /// The columns that the model reads, in order.
  var columnNames: [String] { get }
  /// The log-odds that ``contributions(_:)`` start from.
  var baseline: Double { get }
  /// The columns that say nothing in the training rows, and why.
  var unusedColumns: [UnusedColumn] { get }

  /// The log-odds of the event, one a row.
  ///
  /// - Throws: ``ClassifierError`` when a column is not there or is of the other kind.
  func logOdds(_ features: FeatureColumns) throws(ClassifierError) -> [Double]

  /// What each column adds to each row's log-odds, `n × columnNames.count`.
  ///
  /// A row's entries and ``baseline`` add up to its log-odds.
  ///
  /// - Throws: ``ClassifierError`` when a column is not there or is of the other kind.
  func contributions(_ features: FeatureColumns) throws(ClassifierError) -> Matrix
}

extension ProbabilisticClassifier {
  /// The model of `outcomes` by `features`, every row an individual of its own.
  ///
  /// - Throws: ``ClassifierError``.
  public func fit(
    _ features: FeatureColumns,
    outcomes: [Bool]
  ) throws(ClassifierError) -> Model {
    try fit(features, outcomes: outcomes, groups: nil)
  }
}

extension ProbabilisticClassifierModel {
  /// The probability of the event, one a row.
  ///
  /// - Throws: ``ClassifierError`` when a column is not there or is of the other kind.
  public func probabilities(_ features: FeatureColumns) throws(ClassifierError) -> [Double] {
    try logOdds(features).map { 1 / (1 + exp(-$0)) }
  }
}

/// A column left out of a fit.
public struct UnusedColumn: Sendable, Hashable, Codable, CustomStringConvertible {
  /// Why a column says nothing.
  public enum Reason: String, Sendable, Hashable, Codable {
    /// No cell has a value.
    case allMissing
    /// All cells are equal.
    case constant
  }

  /// The column.
  public let name: String
  /// Why it is left out.
  public let reason: Reason

  /// What was left out, why, and how to fix it.
  public var description: String {
    switch reason {
    case .allMissing:
      "column \"\(name)\" has no value in any row; drop it from the features."
    case .constant:
      "column \"\(name)\" has the same value in every row; drop it from the features."
    }
  }
}

/// Why a classifier was not fitted or not applied.
public enum ClassifierError: Error, Hashable, Sendable, CustomStringConvertible {
  /// The configuration makes no sense.
  case badConfiguration(reason: String)
  /// There is nothing to learn from.
  case noRows
  /// There are more or fewer outcomes or groups than rows.
  case wrongCount(of: String, count: Int, rows: Int)
  /// All outcomes are equal.
  case oneClass(rows: Int, outcome: Bool)
  /// A cell is infinite; rows count from 0.
  case notFinite(column: String, row: Int)
  /// No column varies.
  case noUsableColumn([UnusedColumn])
  /// A column of the model is not there.
  case missingColumn(name: String, known: [String])
  /// A column is numeric in the model and categorical here, or the other way round.
  case wrongKind(column: String, isCategorical: Bool)
  /// The equations of a fit cannot be solved.
  case notSolvable(reason: String)

  /// What happened, and how to fix it.
  public var description: String {
    switch self {
    case .badConfiguration(let reason): "the classifier cannot run: \(reason)."
    case .noRows: "there are no rows to fit a classifier to."
    case .wrongCount(let what, let count, let rows):
      "there are \(count) \(what) for \(rows) rows; give one a row."
    case .oneClass(let rows, let outcome):
      "all \(rows) outcomes are \(outcome ? "yes" : "no"), so there is nothing to tell apart; "
        + "widen the window or change the definition of the outcome."
    case .notFinite(let column, let row):
      "column \"\(column)\" is infinite in row \(row + 1); correct the value upstream."
    case .noUsableColumn(let columns):
      "no column can tell the outcomes apart: "
        + (columns.isEmpty ? "none was given." : columns.map(\.description).joined(separator: " "))
    case .missingColumn(let name, let known):
      "the model needs column \"\(name)\", which is not there. The columns are "
        + "\(known.joined(separator: ", "))."
    case .wrongKind(let column, let isCategorical):
      "column \"\(column)\" is \(isCategorical ? "categorical" : "numeric"), but the model was "
        + "fitted to \(isCategorical ? "numbers" : "categories"); give it as in training."
    case .notSolvable(let reason): "the classifier has no solution: \(reason)."
    }
  }
}
