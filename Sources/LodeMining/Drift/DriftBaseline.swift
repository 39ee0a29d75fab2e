internal import LodeNumerics
internal import LodeRuntime

/// What training rows looked like, in counts over bins: all that a later check needs.
///
/// - Determinism: edges are quantiles of sorted values; categories come by count, then by name.
/// - Complexity: O(`n` log `n`) a feature.
public struct DriftBaseline: Sendable, Hashable, Codable {
  /// How values fall into bins.
  package enum Bins: Sendable, Hashable, Codable {
    /// Bin `i` holds the numbers above edge `i − 1` and at most edge `i`.
    case edges([Double])
    /// One bin a category and a last one for all others.
    case categories([String])

    /// Whether values are numbers, not categories.
    package var isNumber: Bool { if case .edges = self { true } else { false } }
  }

  /// One feature in training.
  package struct Feature: Sendable, Hashable, Codable {
    /// The name.
    package let name: String
    /// Its bins.
    package let bins: Bins
    /// The training rows in them.
    package let sample: Sample

    /// A feature.
    package init(name: String, bins: Bins, sample: Sample) {
      (self.name, self.bins, self.sample) = (name, bins, sample)
    }
  }

  /// The rows of one sample, a feature.
  package struct Sample: Sendable, Hashable, Codable {
    /// Rows a bin.
    package var counts: [Int]
    /// Rows without a value.
    package var missing = 0
    /// Rows of a category that has no bin of its own.
    package var unknown = 0

    /// A sample.
    package init(counts: [Int], missing: Int = 0, unknown: Int = 0) {
      (self.counts, self.missing, self.unknown) = (counts, missing, unknown)
    }

    var rows: Int { counts.reduce(0, +) + missing }
  }

  /// The features.
  package let features: [Feature]

  /// The names of the features.
  public var featureNames: [String] { features.map(\.name) }

  /// The baseline of features that were counted before.
  package init(counted features: [Feature]) { self.features = features }

  /// The baseline of training rows.
  ///
  /// - Parameters:
  ///   - columns: the features and the score, all of the same rows.
  ///   - binCount: bins of a number, 10 for deciles; ties make fewer.
  ///   - categoryLimit: the most frequent categories get bins of their own, this many at most.
  /// - Throws: ``EvaluationError`` for no column, no row, or columns of unequal length.
  public init(
    _ columns: [DriftColumn],
    binCount: Int = 10,
    categoryLimit: Int = 19
  ) throws(EvaluationError) {
    guard binCount >= 2, categoryLimit >= 1 else {
      throw .badConfiguration(
        reason: "\(binCount) bins or \(categoryLimit) categories tell no drift",
        fix: "ask for at least 2 bins and 1 category"
      )
    }
    try Self.check(columns)
    features = Parallel.map(columns.count) { place in
      let column = columns[place]
      let bins = Self.bins(column.values, binCount: binCount, categoryLimit: categoryLimit)
      return Feature(name: column.name, bins: bins, sample: Self.sample(column.values, bins))
    }
  }

  static func check(_ columns: [DriftColumn]) throws(EvaluationError) {
    guard let first = columns.first else { throw .noRows(of: "features") }
    guard first.values.count > 0 else { throw .noRows(of: "rows of \(first.name)") }
    for column in columns where column.values.count != first.values.count {
      throw .wrongCount(
        of: "values of \(column.name)",
        count: column.values.count,
        rows: first.values.count
      )
    }
  }

  private static func bins(
    _ values: DriftColumn.Values,
    binCount: Int,
    categoryLimit: Int
  ) -> Bins {
    switch values {
    case .numbers(let numbers):
      let sorted = numbers.compactMap { $0 }.filter(\.isFinite).sorted()
      guard let least = sorted.first else { return .edges([]) }
      var edges: [Double] = []
      for i in 1..<binCount {
        let edge = Reductions.quantile(sorted, Double(i) / Double(binCount))
        if edges.last.map({ edge > $0 }) ?? true { edges.append(edge) }
      }
      // A value that a whole bin is tied at keeps that bin: smaller ones get their own.
      if edges.first == least { edges.insert(least.nextDown, at: 0) }
      return .edges(edges)
    case .categories(let names):
      var counts: [String: Int] = [:]
      for name in names { if let name { counts[name, default: 0] += 1 } }
      let ranked = counts.sorted { ($1.value, $0.key) < ($0.value, $1.key) }
      return .categories(ranked.prefix(categoryLimit).map(\.key).sorted())
    }
  }

  /// The counts of values over bins; a column of another kind is all missing.
  static func sample(_ values: DriftColumn.Values, _ bins: Bins) -> Sample {
    switch (values, bins) {
    case (.numbers(let numbers), .edges(let edges)):
      var sample = Sample(counts: Array(repeating: 0, count: edges.count + 1))
      for number in numbers {
        guard let number, !number.isNaN else {
          sample.missing += 1
          continue
        }
        var (low, high) = (0, edges.count)
        while low < high {
          let middle = (low + high) / 2
          if edges[middle] < number { low = middle + 1 } else { high = middle }
        }
        sample.counts[low] += 1
      }
      return sample
    case (.categories(let names), .categories(let known)):
      var places: [String: Int] = [:]
      for (place, name) in known.enumerated() { places[name] = place }
      var sample = Sample(counts: Array(repeating: 0, count: known.count + 1))
      for name in names {
        guard let name else {
          sample.missing += 1
          continue
        }
        sample.counts[places[name] ?? known.count] += 1
        if places[name] == nil { sample.unknown += 1 }
      }
      return sample
    case (.numbers, .categories(let known)):
      return Sample(counts: Array(repeating: 0, count: known.count + 1), missing: values.count)
    case (.categories, .edges(let edges)):
      return Sample(counts: Array(repeating: 0, count: edges.count + 1), missing: values.count)
    }
  }
}
