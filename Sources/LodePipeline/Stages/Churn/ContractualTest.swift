internal import LodeColumns
internal import LodeMining
internal import LodeRuntime

/// Models of a customer table tested out of fold, and the one that is taken.
struct ContractualTest: Sendable {
  /// A kind of model with its log-odds out of fold, one a labelled row.
  struct Candidate: Sendable {
    let kind: ChurnModelKind
    /// The model of each fold, which did not see the fold.
    let models: [TableClassifier]
    let logOdds: [Double]
    let pooled: ChurnScorecard
    let folds: [ChurnScorecard]

    var probabilities: [Double] { logOdds.map { LogOdds.probability($0) } }
    var logLoss: Double { pooled.scores?.logLoss ?? .infinity }
  }

  let candidates: [Candidate]
  let champion: Candidate
  /// Why the champion is the champion.
  let decision: String
  let outcomes: [Bool]

  /// Tests all kinds on the same folds.
  ///
  /// - Parameters:
  ///   - kinds: the kinds.
  ///   - features: the labelled rows.
  ///   - outcomes: one a row.
  ///   - folds: the fold of each row, from 0; rows of one group are in one fold.
  ///   - groups: the group of each row.
  ///   - penalty: the L2 penalty of the plain model.
  ///   - seed: the seed of choices inside fits.
  /// - Throws: ``ClassifierError``, ``LogisticRegression/FitError`` or ``EvaluationError``.
  init(
    _ kinds: [ChurnModelKind],
    _ features: FeatureColumns,
    outcomes: [Bool],
    folds: [Int],
    groups: [Int],
    penalty: Double,
    seed: UInt64
  ) throws {
    let count = (folds.max() ?? 0) + 1
    let members = (0..<count).map { fold in folds.indices.filter { folds[$0] == fold } }
    let jobs = kinds.flatMap { kind in (0..<count).map { (kind, $0) } }
    let fitted = try Parallel.map(jobs.count) { job in
      let (kind, fold) = jobs[job]
      let rows = folds.indices.filter { folds[$0] != fold }
      let model = try TableClassifier(
        kind,
        features.gathering(rows: rows),
        outcomes: rows.map { outcomes[$0] },
        groups: rows.map { groups[$0] },
        penalty: penalty,
        seed: seed
      )
      return (model, try model.logOdds(features.gathering(rows: members[fold])))
    }
    candidates = try kinds.indices.map { place in
      var logOdds = [Double](repeating: 0, count: outcomes.count)
      var cards: [ChurnScorecard] = []
      for fold in 0..<count {
        let scores = fitted[place * count + fold].1
        for (row, score) in zip(members[fold], scores) { logOdds[row] = score }
        cards.append(
          try ChurnScorecard(
            scores.map { LogOdds.probability($0) },
            churned: members[fold].map { outcomes[$0] },
            levelError: 0
          )
        )
      }
      return Candidate(
        kind: kinds[place],
        models: (0..<count).map { fitted[place * count + $0].0 },
        logOdds: logOdds,
        pooled: try ChurnScorecard(
          logOdds.map { LogOdds.probability($0) },
          churned: outcomes,
          levelError: 0
        ),
        folds: cards
      )
    }
    self.outcomes = outcomes
    let holder = candidates.first { $0.kind == .binned } ?? candidates[0]
    var best = holder
    for candidate in candidates
    where candidate.logLoss < best.logLoss * (1 - ChurnBacktest.margin) { best = candidate }
    champion = best
    guard candidates.count > 1 else {
      decision = "the pipeline file asks for \(best.kind.words)"
      return
    }
    decision =
      "\(best.kind.words): log-loss out of fold "
      + candidates.map { "\($0.kind.rawValue) \($0.logLoss.rounded(toPlaces: 4))" }
      .joined(separator: ", ")
      + "; binned holds the place until another is lower by more than 0.2 %"
  }

  /// One row a model and fold; fold 0 holds all rows, each scored by a model that did not see it.
  func table() -> Table {
    let rows = candidates.flatMap { candidate in
      ([candidate.pooled] + candidate.folds).enumerated().map { (candidate.kind, $0, $1) }
    }
    var table = Table([
      "model": Column(texts: rows.map(\.0.rawValue)),
      "is_champion": Column(
        type: .boolean,
        storage: .booleans(rows.map { $0.0 == champion.kind })
      ),
      "fold": Column(integers: rows.map { Int64($0.1) }),
      "customers": Column(integers: rows.map { Int64($0.2.rows) }),
      "churned": Column(integers: rows.map { Int64($0.2.churned) }),
      "churn_rate": Column(doubles: rows.map { Double($0.2.churned) / Double($0.2.rows) }),
    ])
    for (name, value) in ChurnScorecard.measures {
      table = table.setting(
        Field(name, .double),
        Column(optional: rows.map { value($0.2) })
      )
    }
    return table
  }
}
