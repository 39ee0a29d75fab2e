internal import Glibc
internal import LodeNumerics

/// Shapes of the columns that make a linear model follow curves and jumps.
///
/// Numeric columns give themselves, bends (hinges) and jumps at quantiles, and the single jump that
/// tells the outcomes apart best. The jumps span the dummies of the quantile bins; as jumps a
/// penalty draws neighbouring bins together. Categories give an indicator a level but the most
/// frequent one. Gaps have an indicator of their own, and in every other term of the column they
/// count as the mean, that is as nothing.
struct AdditiveBasis: Sendable {
  /// A column of the basis.
  struct Column: Sendable, Hashable, Codable {
    let name: String
    /// The levels of a categorical column; nil for numbers.
    let levels: [String]?
  }

  let columns: [Column]
  private(set) var terms: [BasisTerm]

  /// The basis of the training rows.
  init(_ training: TrainingRows, _ configuration: BinnedLogistic) {
    let unused = Set(training.unusedColumns.map(\.name))
    let used = training.features.columns.filter { !unused.contains($0.name) }
    var columns: [Column] = []
    var terms: [BasisTerm] = []
    for (place, column) in used.enumerated() {
      func add(_ shape: BasisTerm.Shape) {
        terms.append(BasisTerm(.init(column: place, name: column.name, shape: shape)))
      }
      switch column.values {
      case .numeric(let numbers):
        columns.append(Column(name: column.name, levels: nil))
        for shape in Self.shapes(numbers, training.outcomes, configuration) { add(shape) }
        if numbers.contains(where: \.isNaN) { add(.missing) }
      case .categorical(let levels, let codes):
        var counts = [Int](repeating: 0, count: levels.count)
        for code in codes where code >= 0 { counts[Int(code)] += 1 }
        let present = levels.indices.filter { counts[$0] > 0 }
        columns.append(Column(name: column.name, levels: present.map { levels[$0] }))
        let reference = present.max { (counts[$0], $1) < (counts[$1], $0) }
        for level in present
        where level != reference && counts[level] >= configuration.minimumLevelRowCount {
          add(.level(levels[level]))
        }
        if codes.contains(where: { $0 < 0 }) { add(.missing) }
      }
    }
    self.columns = columns
    self.terms = terms
  }

  /// The columns and terms of a model that was fitted before.
  init(columns: [Column], terms: [BasisTerm]) {
    self.columns = columns
    self.terms = terms
  }

  /// Adds a term unless it is there.
  mutating func add(_ term: BasisTerm) {
    if !terms.contains(term) { terms.append(term) }
  }

  /// The shapes of a numeric column: the line first.
  private static func shapes(
    _ numbers: [Double],
    _ outcomes: [Bool],
    _ configuration: BinnedLogistic
  ) -> [BasisTerm.Shape] {
    let order = numbers.indices.filter { !numbers[$0].isNaN }
      .sorted { (numbers[$0], $0) < (numbers[$1], $1) }
    let sorted = order.map { numbers[$0] }
    // A column of one value and gaps has nothing but the indicator of its gaps.
    guard let low = sorted.first, let high = sorted.last, low < high else { return [] }
    // A border with a handful of rows behind it says nothing that could be learned.
    let least = configuration.minimumLevelRowCount
    let edges = BinEncoding.edges(sorted, maximumBinCount: configuration.binCount)
      .filter { edge in
        let below = sorted.count { $0 <= edge }
        return below >= least && sorted.count - below >= least
      }
    let fine = BinEncoding.edges(sorted, maximumBinCount: 64)
    guard fine.count > 1 else { return [.linear] }
    var shapes: [BasisTerm.Shape] = [.linear]
    if fine.count >= configuration.binCount { shapes += edges.map { .hinge(knot: $0) } }
    var jumps = edges
    let split = OutcomeSplit.best(sorted, order.map { outcomes[$0] }, edges: fine)
    if configuration.usesOutcomeSplits, let split, !jumps.contains(split) {
      jumps = (jumps + [split]).sorted()
    }
    return shapes + jumps.map { .above(threshold: $0) }
  }
}

/// The one threshold at which a column tells the outcomes apart best.
enum OutcomeSplit {
  /// The edge with the largest gain of log-likelihood of two rates over one.
  ///
  /// - Parameters:
  ///   - sorted: the values, ascending.
  ///   - outcomes: the outcomes in the same order.
  ///   - edges: the thresholds to try, ascending.
  /// - Returns: the best edge with at least 10 rows and a hundredth of the rows on both sides;
  ///   ties go to the lower. Nil if there is none.
  static func best(_ sorted: [Double], _ outcomes: [Bool], edges: [Double]) -> Double? {
    let n = sorted.count
    let least = max(10, n / 100)
    let positives = outcomes.count { $0 }
    var best: (edge: Double, value: Double)?
    var row = 0
    var below = 0
    for edge in edges {
      while row < n, sorted[row] <= edge {
        if outcomes[row] { below += 1 }
        row += 1
      }
      guard row >= least, n - row >= least else { continue }
      let value = logLikelihood(below, row) + logLikelihood(positives - below, n - row)
      if value > best?.value ?? -.infinity { best = (edge, value) }
    }
    return best?.edge
  }

  private static func logLikelihood(_ positives: Int, _ count: Int) -> Double {
    guard positives > 0, positives < count else { return 0 }
    let share = Double(positives) / Double(count)
    return Double(positives) * log(share) + Double(count - positives) * log(1 - share)
  }
}
