internal import LodeMining
internal import LodeNumerics

/// A logistic regression of numbers and of an indicator a category but the most frequent one.
///
/// Missing numbers count as the mean and have an indicator of their own. A column of the design
/// that others already say is left out and named.
struct PlainLogistic: Sendable {
  private enum Source: Sendable {
    case number
    case isMissing
    case level(String)
  }

  private struct Term: Sendable {
    /// The place of the feature.
    let column: Int
    let source: Source
    let name: String
  }

  let names: [String]
  private let terms: [Term]
  /// The mean of each numeric feature.
  private let means: [Double]
  private let model: LogisticRegression.Model

  /// The model of `outcomes`.
  ///
  /// - Throws: ``LogisticRegression/FitError``.
  init(_ features: FeatureColumns, outcomes: [Bool], penalty: Double) throws {
    let (terms, means) = Self.terms(features)
    names = features.names
    self.terms = terms
    self.means = means
    model = try LogisticRegression(l2: penalty)
      .fit(
        Self.design(features, terms, means),
        featureNames: terms.map(\.name),
        outcomes: outcomes
      )
  }

  /// The numbers and categories that others already say: a linear combination of them.
  static func aliases(_ features: FeatureColumns) -> [String] {
    let (terms, means) = terms(features)
    let matrix = design(features, terms, means)
    let scaled = Standardization(matrix).encode(matrix)
    return Cholesky.aliasedColumns(gram: scaled.gram()).map { terms[$0].name }
  }

  /// The terms of the design, and the mean of each numeric feature.
  private static func terms(_ features: FeatureColumns) -> (terms: [Term], means: [Double]) {
    var terms: [Term] = []
    var means: [Double] = []
    for (place, column) in features.columns.enumerated() {
      switch column.values {
      case .numeric(let numbers):
        let filled = numbers.filter { !$0.isNaN }
        means.append(filled.isEmpty ? 0 : Reductions.mean(filled.span))
        terms.append(Term(column: place, source: .number, name: column.name))
        if filled.count < numbers.count {
          terms.append(
            Term(column: place, source: .isMissing, name: "\(column.name) is missing")
          )
        }
      case .categorical(let levels, let codes):
        means.append(0)
        var counts = [Int](repeating: 0, count: levels.count)
        for code in codes where code >= 0 { counts[Int(code)] += 1 }
        let reference = levels.indices.max { (counts[$0], $1) < (counts[$1], $0) }
        for level in levels.indices where level != reference && counts[level] > 0 {
          let name = "\(column.name) = \(levels[level])"
          terms.append(Term(column: place, source: .level(levels[level]), name: name))
        }
        if codes.contains(where: { $0 < 0 }) {
          terms.append(
            Term(column: place, source: .isMissing, name: "\(column.name) is missing")
          )
        }
      }
    }
    return (terms, means)
  }

  /// The columns of the design that were left out, in words.
  var aliases: [String] { model.aliases.map(\.description) }
  var converged: Bool { model.converged }
  /// The log-odds of the mean row.
  var baseline: Double {
    model.coefficients.indices.reduce(model.intercept) {
      $0 + model.coefficients[$1] * model.means[$1]
    }
  }

  /// Each term with its coefficient for one unit and its mean.
  var coefficients: [(name: String, coefficient: Double, mean: Double)] {
    terms.indices.map { (terms[$0].name, model.coefficients[$0], model.means[$0]) }
  }

  func logOdds(_ features: FeatureColumns) -> [Double] {
    model.logOdds(for: Self.design(features, terms, means))
  }

  /// What each feature adds to the log-odds of each row, `n × names.count`.
  func contributions(_ features: FeatureColumns) -> Matrix {
    let design = Self.design(features, terms, means)
    var parts = Matrix(rowCount: features.rowCount, columnCount: names.count)
    for row in 0..<features.rowCount {
      for (place, term) in terms.enumerated() {
        let part = model.coefficients[place] * (design[row, place] - model.means[place])
        parts.set(parts[row, term.column] + part, row: row, column: term.column)
      }
    }
    return parts
  }

  private static func design(
    _ features: FeatureColumns,
    _ terms: [Term],
    _ means: [Double]
  ) -> Matrix {
    let columns = terms.map { term -> [Double] in
      switch (features.columns[term.column].values, term.source) {
      case (.numeric(let numbers), .number):
        numbers.map { $0.isNaN ? means[term.column] : $0 }
      case (.numeric(let numbers), _): numbers.map { $0.isNaN ? 1 : 0 }
      case (.categorical(let levels, let codes), .level(let level)):
        codes.map { $0 >= 0 && levels[Int($0)] == level ? 1 : 0 }
      case (.categorical(_, let codes), _): codes.map { $0 < 0 ? 1 : 0 }
      }
    }
    return Matrix(columns: columns)
  }
}
