internal import LodeNumerics
internal import LodeRuntime

/// Says whether predicted uplift ranks customers better than chance, with an honest verdict.
///
/// - Output: the curve's numbers, a bootstrap interval of the Qini coefficient, a permutation
///   p-value, a table by decile and a verdict.
/// - Determinism: replicate `i` draws from stream `i` of the seed, so threads change no bit.
/// - Complexity: O(`n` log `n` + `n·B`) for `B` replicates; memory O(`n`) a thread.
/// - Source: Efron & Tibshirani (1993), "An introduction to the bootstrap", §13.3 (percentile
///   interval, here resampled within each arm) and §15.2 (permutation test).
public struct UpliftEvaluator: Sendable, Hashable, Codable {
  /// Bootstrap replicates. The scores are held fixed: the interval is of the test rows only.
  public var bootstrapCount: Int
  /// Random orders of the permutation test.
  public var permutationCount: Int
  /// The level of the intervals, 0…1.
  public var confidenceLevel: Double
  /// Bins of the table.
  public var binCount: Int
  /// What happens to rows of one predicted uplift.
  public var ties: UpliftCurve.Ties
  /// The seed of both.
  public var seed: UInt64

  /// A configuration.
  public init(
    bootstrapCount: Int = 1_000,
    permutationCount: Int = 999,
    confidenceLevel: Double = 0.95,
    binCount: Int = 10,
    ties: UpliftCurve.Ties = .grouped,
    seed: UInt64 = 1
  ) {
    self.bootstrapCount = bootstrapCount
    self.permutationCount = permutationCount
    self.confidenceLevel = confidenceLevel
    self.binCount = binCount
    self.ties = ties
    self.seed = seed
  }

  /// The evaluation of predicted `uplift` against what happened, one of each a row.
  ///
  /// - Throws: ``EvaluationError`` for no rows, one arm, an uplift that is not finite, or a bad
  ///   configuration.
  public func evaluate(
    _ uplift: [Double],
    treated: [Bool],
    outcomes: [Bool]
  ) throws(EvaluationError) -> UpliftEvaluation {
    try EvaluationError.check(level: confidenceLevel)
    guard bootstrapCount >= 100, permutationCount >= 1, binCount >= 1 else {
      throw .badConfiguration(
        reason: "\(bootstrapCount) replicates, \(permutationCount) permutations or \(binCount) "
          + "bins are too few",
        fix: "ask for at least 100, 1 and 1"
      )
    }
    let ranking = try UpliftRanking(uplift, treated: treated, outcomes: outcomes, ties: ties)
    let curve = UpliftCurve(ranking, ties: ties)
    let draws =
      Parallel.map(bootstrapCount) { replicate in
        resampled(ranking, replicate: replicate)
      }
      .sorted()
    let tail = (1 - confidenceLevel) / 2
    let observed = curve.qiniCoefficient
    let asGood = Parallel.map(permutationCount) { shuffled(ranking, number: $0) >= observed }
      .count { $0 }
    return UpliftEvaluation(
      curve: curve,
      lowerBound: Reductions.quantile(draws, tail),
      upperBound: Reductions.quantile(draws, 1 - tail),
      pValue: Double(asGood + 1) / Double(permutationCount + 1),
      effect: UpliftEvaluation.Effect(curve.all, confidenceLevel: confidenceLevel),
      bins: bins(ranking, uplift),
      configuration: self
    )
  }

  /// The Qini coefficient of as many rows of each arm, drawn with replacement.
  private func resampled(_ ranking: UpliftRanking, replicate: Int) -> Double {
    var random = CounterRandom(seed: seed, stream: UInt64(replicate) << 1)
    let n = ranking.rows.count
    var weights = [Int32](repeating: 0, count: n)
    for arm in [true, false] {
      let places = ranking.isTreated.indices.filter { ranking.isTreated[$0] == arm }
      for _ in places.indices { weights[places[random.integer(below: places.count)]] += 1 }
    }
    var points: [UpliftCurve.Point] = []
    var point = UpliftCurve.Point()
    for place in 0..<n {
      point.add(
        isTreated: ranking.isTreated[place],
        hasEvent: ranking.hasEvent[place],
        count: Int(weights[place])
      )
      if ranking.isGroupEnd[place] { points.append(point) }
    }
    let areas = UpliftAreas(points)
    return areas.qini - areas.randomQini
  }

  /// The Qini coefficient of the rows in a random order, with ties of the same sizes.
  private func shuffled(_ ranking: UpliftRanking, number: Int) -> Double {
    var random = CounterRandom(seed: seed, stream: UInt64(number) << 1 | 1)
    var places = Array(ranking.rows.indices)
    for place in stride(from: places.count - 1, to: 0, by: -1) {
      places.swapAt(place, random.integer(below: place + 1))
    }
    var points: [UpliftCurve.Point] = []
    var point = UpliftCurve.Point()
    for (place, other) in places.enumerated() {
      point.add(isTreated: ranking.isTreated[other], hasEvent: ranking.hasEvent[other])
      if ranking.isGroupEnd[place] { points.append(point) }
    }
    let areas = UpliftAreas(points)
    return areas.qini - areas.randomQini
  }

  private func bins(_ ranking: UpliftRanking, _ uplift: [Double]) -> [UpliftEvaluation.Bin] {
    (1...binCount)
      .compactMap { bin in
        let places = LiftTable.places(ofBin: bin, of: binCount, rowCount: ranking.rows.count)
        guard !places.isEmpty else { return nil }
        var point = UpliftCurve.Point()
        var sum = 0.0
        for place in places {
          point.add(isTreated: ranking.isTreated[place], hasEvent: ranking.hasEvent[place])
          sum += uplift[ranking.rows[place]]
        }
        return UpliftEvaluation.Bin(
          bin: bin,
          counts: point,
          meanPredictedUplift: sum / Double(places.count),
          effect: UpliftEvaluation.Effect(point, confidenceLevel: confidenceLevel)
        )
      }
  }
}

/// How well predicted uplift ranked the customers of a trial.
public struct UpliftEvaluation: Sendable, Hashable, Codable {
  /// What the ranking is worth.
  public enum Verdict: String, Sendable, Hashable, Codable, CaseIterable {
    /// The interval of the Qini coefficient lies above 0: some customers respond more than others,
    /// and the ranking finds them.
    case heterogeneity
    /// The interval covers 0: no heterogeneity was found.
    case none
    /// The interval lies below 0: the ranking is worse than chance.
    case inverted
  }

  /// A difference of two rates with its interval.
  public struct Effect: Sendable, Hashable, Codable {
    /// The rate of the treated less that of the controls; nil without one of them.
    public let difference: Double?
    /// Its standard error, `√(p₁q₁/n₁ + p₀q₀/n₀)`; nil without one of them.
    public let standardError: Double?
    /// The lower end of the normal interval; nil without one of them.
    public let lowerBound: Double?
    /// The upper end of the normal interval; nil without one of them.
    public let upperBound: Double?

    init(_ counts: UpliftCurve.Point, confidenceLevel: Double) {
      guard counts.treated > 0, counts.controls > 0 else {
        (difference, standardError, lowerBound, upperBound) = (nil, nil, nil, nil)
        return
      }
      let (p, q) = (counts.treatedRate, counts.controlRate)
      let error =
        (p * (1 - p) / Double(counts.treated) + q * (1 - q) / Double(counts.controls))
        .squareRoot()
      let reach = Distributions.normalQuantile((1 + confidenceLevel) / 2) * error
      difference = p - q
      standardError = error
      lowerBound = p - q - reach
      upperBound = p - q + reach
    }
  }

  /// Customers of neighbouring predicted uplift.
  public struct Bin: Sendable, Hashable, Codable {
    /// The bin's number, 1 = highest predicted uplift; rows are cut as in ``LiftTable``.
    public let bin: Int
    /// The rows and events of both arms.
    public let counts: UpliftCurve.Point
    /// The mean predicted uplift.
    public let meanPredictedUplift: Double
    /// What the treatment did.
    public let effect: Effect
  }

  /// The Qini and gain curve.
  public let curve: UpliftCurve
  /// The lower end of the bootstrap interval of the Qini coefficient.
  public let lowerBound: Double
  /// The upper end of the bootstrap interval of the Qini coefficient.
  public let upperBound: Double
  /// How often a random order does as well, `(1 + hits)/(1 + permutations)`.
  public let pValue: Double
  /// The effect on all rows.
  public let effect: Effect
  /// The table by bin.
  public let bins: [Bin]
  /// What was asked for.
  public let configuration: UpliftEvaluator

  /// The verdict on the ranking.
  public var verdict: Verdict {
    lowerBound > 0 ? .heterogeneity : upperBound < 0 ? .inverted : .none
  }

  /// The verdict in words.
  public var sentence: String {
    switch verdict {
    case .heterogeneity:
      return "heterogeneity: contact customers by descending predicted uplift."
    case .inverted:
      return "the ranking is worse than chance: do not use this model."
    case .none:
      let start = "no heterogeneity: send to all or none; "
      guard let low = effect.lowerBound, let high = effect.upperBound else { return start }
      if low > 0 { return start + "on average the treatment works, so to all if it pays." }
      if high < 0 { return start + "on average the treatment does harm, so to none." }
      return start + "no effect was found either, so to none or to a larger trial."
    }
  }
}
