internal import Glibc
internal import LodeColumns
internal import LodeMining
internal import LodeNumerics
internal import LodeRuntime

/// The features of a trial as numbers: one a number, one a category but the first in byte order.
///
/// Missing numbers count as the mean and, like missing categories, have an indicator of their own.
/// Means and levels come from the rows with a known outcome; no outcome is looked at.
struct UpliftDesign: Sendable {
  private enum Source: Sendable {
    case number(mean: Double)
    case isMissing
    case level(String)
  }

  private struct Term: Sendable {
    let column: Int
    let source: Source
    let name: String
  }

  private static let mostLevels = 100

  /// The columns, numbers already on the scale of the model.
  let columns: FeatureColumns
  /// Columns that are left out without being asked for, with the reason.
  let leftOut: [(name: String, reason: String)]
  private let terms: [Term]

  /// The names of the columns of ``matrix(_:)``.
  var names: [String] { terms.map(\.name) }

  /// - Parameters:
  ///   - trial: the trial.
  ///   - settings: which columns to take; without a list all but those that say who, when, which
  ///     arm and what happened.
  /// - Throws: a diagnostic for columns that cannot be features.
  init(_ trial: UpliftTrial, _ settings: UpliftSettings) throws(Diagnostic) {
    let table = trial.table
    let taken = Set(
      [settings.id, settings.treatment, settings.outcome, settings.time].compactMap { $0?.name }
        + settings.excluded
    )
    var columns: [FeatureColumns.Column] = []
    var leftOut: [(name: String, reason: String)] = []
    for name in settings.features ?? table.schema.names {
      if settings.features == nil, taken.contains(name) || name.hasPrefix("_") { continue }
      guard let column = table.column(name) else {
        throw Self.problem(
          settings,
          "there is no column \"\(name)\"\(Suggestion.ending(for: name, in: table.schema.names))",
          fix: "correct features."
        )
      }
      let feature = ContractualColumns.feature(
        column,
        name: name,
        isCategory: settings.categorical.contains(name)
      )
      guard let reason = Self.refusal(column, feature) else {
        columns.append(try Self.logged(feature, settings))
        continue
      }
      guard settings.features == nil else {
        throw Self.problem(
          settings,
          "the feature \"\(name)\" \(reason).",
          fix: "drop it from features."
        )
      }
      leftOut.append((name, reason))
    }
    guard !columns.isEmpty else {
      throw Self.problem(
        settings,
        "no column is left that could say who responds.",
        fix: "name some in features: [\"…\"], or exclude fewer."
      )
    }
    if let name = settings.logged.sorted()
      .first(where: { name in
        !columns.contains { $0.name == name }
      })
    {
      throw Self.problem(
        settings,
        "log1p names \"\(name)\", which is no feature"
          + Suggestion.ending(for: name, in: columns.map(\.name)),
        fix: "correct log1p."
      )
    }
    self.columns = FeatureColumns(columns, rowCount: table.rowCount)
    self.leftOut = leftOut
    terms = Self.terms(self.columns.gathering(rows: trial.known), settings.logged)
  }

  /// The design of all rows, `n × names.count`.
  func matrix() -> Matrix {
    Matrix(
      columns: terms.map { term -> [Double] in
        switch (columns.columns[term.column].values, term.source) {
        case (.numeric(let numbers), .number(let mean)): numbers.map { $0.isNaN ? mean : $0 }
        case (.numeric(let numbers), _): numbers.map { $0.isNaN ? 1 : 0 }
        case (.categorical(let levels, let codes), .level(let level)):
          codes.map { $0 >= 0 && levels[Int($0)] == level ? 1 : 0 }
        case (.categorical(_, let codes), _): codes.map { $0 < 0 ? 1 : 0 }
        }
      }
    )
  }

  /// The columns that are equal in all rows with, or in all rows without, the event though they
  /// vary: probably known only after the outcome.
  ///
  /// A column counts when luck would make it so in one of 10⁹ trials at most.
  static func leaks(_ features: FeatureColumns, events: [Bool]) -> [String] {
    features.columns.compactMap { column in
      let keys: [UInt64] =
        switch column.values {
        case .numeric(let numbers): numbers.map { $0.isNaN ? .max : ($0 + 0).bitPattern }
        case .categorical(_, let codes): codes.map { UInt64(bitPattern: Int64($0)) }
        }
      for side in [true, false] {
        let rows = events.indices.filter { events[$0] == side }
        guard let first = rows.first, rows.allSatisfy({ keys[$0] == keys[first] }) else { continue }
        let share = Double(keys.count { $0 == keys[first] }) / Double(keys.count)
        if share < 1, Double(rows.count) * log(share) < -20.7 { return column.name }
      }
      return nil
    }
  }

  private static func refusal(_ column: Column, _ feature: FeatureColumns.Column) -> String? {
    switch feature.values {
    case .categorical(let levels, _) where levels.count > mostLevels:
      "has \(levels.count) different texts, and at most \(mostLevels) can be told apart"
    case .numeric(let numbers) where column.type == .integer && numbers.count >= 20:
      Set(numbers.map(\.bitPattern)).count == numbers.count
        ? "has a different whole number in each of \(numbers.count) rows: it names customers" : nil
    default: column.type == .date || column.type == .timestamp ? "is a point in time" : nil
    }
  }

  private static func logged(
    _ feature: FeatureColumns.Column,
    _ settings: UpliftSettings
  ) throws(Diagnostic) -> FeatureColumns.Column {
    guard settings.logged.contains(feature.name) else { return feature }
    guard case .numeric(let numbers) = feature.values, numbers.allSatisfy({ !($0 < 0) }) else {
      throw problem(
        settings,
        "\"\(feature.name)\" of log1p is no column of numbers from 0 on.",
        fix: "drop it from log1p."
      )
    }
    return FeatureColumns.Column(
      feature.name,
      numbers: numbers.map { FeatureTransformation.logOnePlus.apply($0) ?? .nan }
    )
  }

  private static func terms(_ features: FeatureColumns, _ logged: Set<String>) -> [Term] {
    var terms: [Term] = []
    for (place, column) in features.columns.enumerated() {
      let hasGaps: Bool
      switch column.values {
      case .numeric(let numbers):
        let filled = numbers.filter { !$0.isNaN }
        hasGaps = filled.count < numbers.count
        let name = logged.contains(column.name) ? "log1p(\(column.name))" : column.name
        let mean = filled.isEmpty ? 0 : Reductions.mean(filled.span)
        terms.append(Term(column: place, source: .number(mean: mean), name: name))
      case .categorical(let levels, let codes):
        hasGaps = codes.contains { $0 < 0 }
        let seen = Set(codes)
        for level in levels.indices.filter({ seen.contains(Int32($0)) }).dropFirst() {
          let name = "\(column.name)=\(levels[level])"
          terms.append(Term(column: place, source: .level(levels[level]), name: name))
        }
      }
      if hasGaps {
        terms.append(Term(column: place, source: .isMissing, name: "\(column.name) is missing"))
      }
    }
    return terms
  }

  private static func problem(
    _ settings: UpliftSettings,
    _ message: String,
    fix: String
  ) -> Diagnostic {
    Diagnostic(.usage, at: settings.featuresPlace, message, fix: fix)
  }
}
