internal import Glibc
internal import LodeNumerics
internal import LodeRuntime

/// Looks for pairs of columns that say together what neither says alone.
///
/// Both columns are cut in two, at every bin border or one level against the rest. In the 2 × 2
/// table of each pair of cuts the interaction of the residuals `r = y − p` of the additive model
/// with weights `w = p(1 − p)` is `e = r₁₁/w₁₁ − r₁₀/w₁₀ − r₀₁/w₀₁ + r₀₀/w₀₀`, its score statistic
/// `e² / Σ 1/w`, chi-square with one degree of freedom. It is the score test of the product given
/// both indicators and a constant; the rest of the model is not projected out, which makes the
/// statistic smaller, never larger. A pair of columns is judged by its best cut, its p-value
/// multiplied by the number of cuts tried (Bonferroni), and pairs are kept by Benjamini–Hochberg.
///
/// - Source: Lou, Caruana, Gehrke & Hooker (2013), "Accurate intelligible models with pairwise
///   interactions", KDD (one table a pair of columns for all cuts).
struct PairScreening: Sendable {
  /// A division of the bins of a column.
  private struct Cut: Sendable {
    /// One bit a bin: whether it is on the inner side.
    let bins: UInt32
    let inside: BasisTerm.Part
    let outside: BasisTerm.Part
  }

  private struct Source: Sendable {
    /// The bin of each row, `unknownBin` without one.
    let codes: [UInt8]
    let cuts: [Cut]
  }

  /// A pair worth a term.
  struct Finding: Sendable {
    let term: BasisTerm
    /// The indicators of both cuts, which the product is to be seen against.
    let parents: [BasisTerm]
    let statistic: Double
    var qValue: Double
  }

  private static let binLimit = 16
  private static let unknownBin: UInt8 = 31
  private let sources: [Source]
  private let minimumCellRowCount: Int64

  /// Prepares the columns of the training rows.
  init(_ basis: AdditiveBasis, _ cells: AdditiveBasis.Cells, minimumCellRowCount: Int) {
    self.minimumCellRowCount = Int64(minimumCellRowCount)
    let all = Parallel.map(basis.columns.count) { place in
      Self.source(place, basis.columns[place].name, cells.columns[place].values, basis)
    }
    // A copy in another unit (charges beside minutes) has the same bins: the first speaks for both.
    sources = all.indices.filter { i in !(0..<i).contains { all[$0].codes == all[i].codes } }
      .map { all[$0] }
  }

  private static func source(
    _ place: Int,
    _ name: String,
    _ values: FeatureColumns.Values,
    _ basis: AdditiveBasis
  ) -> Source {
    func part(_ shape: BasisTerm.Shape) -> BasisTerm.Part {
      BasisTerm.Part(column: place, name: name, shape: shape)
    }
    switch values {
    case .numeric(let numbers):
      let sorted = numbers.filter { !$0.isNaN }.sorted()
      var edges = BinEncoding.edges(sorted, maximumBinCount: binLimit)
      // The jumps of the basis are tried too: the best one need not be a quantile.
      for case .above(let threshold) in basis.terms.filter({ $0.first.column == place })
        .map(\.first.shape) where !edges.contains(threshold) && edges.count < 30
      {
        edges.append(threshold)
      }
      edges.sort()
      let cuts = edges.indices.map { i in
        Cut(
          bins: .max << UInt32(i + 1),
          inside: part(.above(threshold: edges[i])),
          outside: part(.atMost(threshold: edges[i]))
        )
      }
      let codes = numbers.map { x in
        x.isNaN ? unknownBin : UInt8(edges.count { $0 < x })
      }
      return Source(codes: codes, cuts: cuts)
    case .categorical(let levels, let codes):
      var counts = [Int](repeating: 0, count: levels.count)
      for code in codes where code >= 0 { counts[Int(code)] += 1 }
      let frequent = levels.indices.filter { counts[$0] > 0 }
        .sorted { (counts[$1], $0) < (counts[$0], $1) }.prefix(binLimit - 1)
      var table = [UInt8](repeating: UInt8(binLimit - 1), count: levels.count)
      for (bin, level) in frequent.enumerated() { table[level] = UInt8(bin) }
      // Of two levels one cut says all.
      let kept = frequent.count == 2 ? frequent.suffix(1) : frequent[...]
      let cuts = kept.map { level in
        Cut(
          bins: 1 << UInt32(table[level]),
          inside: part(.level(levels[level])),
          outside: part(.notLevel(levels[level]))
        )
      }
      return Source(codes: codes.map { $0 < 0 ? unknownBin : table[Int($0)] }, cuts: cuts)
    }
  }

  /// The pairs whose false discovery rate is at most `rate`, strongest first.
  ///
  /// - Parameters:
  ///   - probabilities: those of the model so far.
  ///   - outcomes: what happened.
  ///   - rate: the false discovery rate.
  /// - Returns: at most one finding a pair of columns; ties in the order of the columns.
  func findings(_ probabilities: [Double], _ outcomes: [Bool], rate: Double) -> [Finding] {
    var pairs: [(Int, Int)] = []
    for i in sources.indices { for j in 0..<i { pairs.append((j, i)) } }
    let places = pairs
    let units = zip(probabilities, outcomes)
      .map { PackedGradient.pack(probability: $0, outcome: $1) }
    let best = Parallel.map(places.count) { place in
      self.best(sources[places[place].0], sources[places[place].1], units)
    }
    var findings: [Finding] = []
    var pValues: [Double] = []
    for case (let finding?, let cutCount) in best {
      let p = Distributions.chiSquareSurvival(finding.statistic, degreesOfFreedom: 1)
      pValues.append(min(1, p * Double(cutCount)))
      findings.append(finding)
    }
    let qValues = MultipleTests.benjaminiHochberg(pValues)
    for i in findings.indices { findings[i].qValue = qValues[i] }
    return findings.indices.filter { qValues[$0] <= rate }
      .sorted { (-findings[$0].statistic, $0) < (-findings[$1].statistic, $1) }
      .map { findings[$0] }
  }

  /// The best pair of cuts of two columns, and how many were tried.
  private func best(_ a: Source, _ b: Source, _ units: [Int64]) -> (Finding?, Int) {
    let table = self.table(a, b, units)
    var best: Finding?
    var count = 0
    for cutA in a.cuts {
      // The sums of both sides of the first cut, by bin of the second column.
      var sides = [[GradientSum]](repeating: .init(repeating: .init(), count: 32), count: 2)
      for i in 0..<31 {
        let side = Int(cutA.bins >> UInt32(i) & 1)
        for j in 0..<31 where table[i << 5 | j].count > 0 {
          sides[side][j] = sides[side][j] + table[i << 5 | j]
        }
      }
      for cutB in b.cuts {
        var cells = [GradientSum](repeating: .init(), count: 4)
        for side in 0..<2 {
          for j in 0..<31 {
            let place = side << 1 | Int(cutB.bins >> UInt32(j) & 1)
            cells[place] = cells[place] + sides[side][j]
          }
        }
        guard cells.allSatisfy({ $0.count >= minimumCellRowCount && $0.curvature >= 1 }) else {
          continue
        }
        count += 1
        let statistic = Self.statistic(cells)
        if statistic > (best?.statistic ?? 0) * (1 + 1e-9) {
          best = finding(cutA, cutB, cells, statistic)
        }
      }
    }
    return (best, count)
  }

  /// The product of the sides whose cell stands out most.
  private func finding(
    _ a: Cut,
    _ b: Cut,
    _ cells: [GradientSum],
    _ statistic: Double
  ) -> Finding {
    let scores = cells.map { $0.gradient * $0.gradient / $0.curvature }
    let place = scores.indices.max { (scores[$0], -$0) < (scores[$1], -$1) } ?? 0
    return Finding(
      term: BasisTerm(
        place & 2 == 2 ? a.inside : a.outside,
        and: place & 1 == 1 ? b.inside : b.outside
      ),
      parents: [BasisTerm(a.inside), BasisTerm(b.inside)],
      statistic: statistic,
      qValue: 1
    )
  }

  private static func statistic(_ cells: [GradientSum]) -> Double {
    var effect = 0.0
    var variance = 0.0
    for (place, cell) in cells.enumerated() {
      let sign = place == 0 || place == 3 ? 1.0 : -1
      effect += sign * cell.gradient / cell.curvature
      variance += 1 / cell.curvature
    }
    return effect * effect / variance
  }

  /// Residuals and weights by bin of both columns, 32 × 32, as exact sums.
  private func table(_ a: Source, _ b: Source, _ units: [Int64]) -> [GradientSum] {
    var sums = [GradientSum](repeating: GradientSum(), count: 1024)
    let (first, second, words) = (a.codes.span, b.codes.span, units.span)
    var span = sums.mutableSpan
    for row in words.indices where first[row] != 31 && second[row] != 31 {
      let place = Int(first[row]) << 5 | Int(second[row])
      let curvature = words[row] & 0xFFFF_FFFF
      span[place].curvatureUnits += curvature
      span[place].gradientUnits += (words[row] - curvature) >> 32
      span[place].count += 1
    }
    return sums
  }
}
