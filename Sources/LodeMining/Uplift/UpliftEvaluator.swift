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
  /// Bootstrap replicates.
  ///
  /// The scores are held fixed: the interval is of the test rows only.
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
    let arms = [true, false]
      .map { arm in ranking.isTreated.indices.filter { ranking.isTreated[$0] == arm } }
    let draws = Parallel.map(bootstrapCount) { resampled(ranking, arms, replicate: $0) }.sorted()
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
  private func resampled(_ ranking: UpliftRanking, _ arms: [[Int]], replicate: Int) -> Double {
    var random = CounterRandom(seed: seed, stream: UInt64(replicate) << 1)
    let n = ranking.rows.count
    var weights = [Int32](repeating: 0, count: n)
    for places in arms {
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
