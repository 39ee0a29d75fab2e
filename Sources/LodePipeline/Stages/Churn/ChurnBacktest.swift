internal import Glibc
internal import LodeColumns
internal import LodeMining
internal import LodeRuntime

/// How churn models would have done at past dates, had each been trained on what was known then.
///
/// Rolling origins: at each origin a model learns from the dates whose label was complete, gets its
/// slope from earlier origins and its level from the forecast of the base rate, and scores the
/// customers of the origin. No random split: a customer of the origin is in training only with
/// labels of the past.
struct ChurnBacktest: Sendable {
  /// The most rows a model of the backtest learns from, and is tested on, an origin.
  static let fitLimit = 200_000
  static let testLimit = 100_000
  /// How much lower the mean log-loss of a challenger must be, as a share.
  static let margin = 0.002

  /// One test date.
  struct Origin: Sendable {
    let date: CivilDate
    /// The places of the dates that were known.
    let training: [Int]
    let trainingRate: Double
    /// The rate at the newest of them.
    let latestKnownRate: Double
    /// The rows tested.
    let rows: [Int]
    let churned: [Bool]
    var forecast: BaseRateForecaster.Forecast?
    var levelError = 0.0
  }

  /// One model, or baseline, at one origin.
  struct Entry: Sendable {
    let name: String
    /// The place of the origin.
    let origin: Int
    let card: ChurnScorecard
    let trainingRows: Int
    /// Probabilities of the tested rows; empty for baselines.
    var probabilities: [Double] = []
  }

  private(set) var origins: [Origin] = []
  private(set) var entries: [Entry] = []
  /// The kind that is taken.
  private(set) var champion: ChurnModelKind
  /// Raw log-odds and labels of each kind at the origins: the later slices of today.
  private(set) var slices: [ChurnModelKind: [ChurnCalibration.LaterSlice]] = [:]
  /// How far the base-rate forecasts of the origins were off, on log-odds.
  private(set) var levelErrors: [Double] = []
  /// Why the champion is the champion.
  private(set) var decision = ""

  init(_ stage: ChurnStage, _ data: ChurnData, _ context: StageContext) throws {
    champion = stage.model.kinds[0]
    try chooseOrigins(stage, data, context.stageName)
    let kinds = stage.model.kinds
    // Fits do not depend on each other; what they say of earlier origins does, and comes after.
    let jobs = origins.indices.flatMap { origin in kinds.map { (origin, $0) } }
    let (found, rows) = (origins, data.rows)
    let fitted = try Parallel.map(jobs.count) { job in
      let (origin, kind) = jobs[job]
      let chosen = data.sample(found[origin].training, limit: Self.fitLimit)
      let model = try ChurnModel(
        kind,
        rows,
        chosen: chosen,
        penalty: stage.penalty,
        seed: context.seed
      )
      let test = rows.matrix(found[origin].rows)
      var logOdds = [try model.logOdds(test)]
      // The model that was in use one origin before: what would have come of not training anew.
      if origin + 1 < found.count {
        logOdds.append(try model.logOdds(rows.matrix(found[origin + 1].rows)))
      }
      return (logOdds: logOdds, rows: chosen.count)
    }
    for origin in origins.indices {
      for (place, kind) in kinds.enumerated() {
        let fit = fitted[origin * kinds.count + place]
        try test(kind, origin, fit.logOdds[0], fit.rows, data)
      }
      try addBaselines(origin, data)
    }
    choose(kinds)
    if let place = kinds.firstIndex(of: champion) {
      for origin in origins.indices.dropFirst() {
        let before = fitted[(origin - 1) * kinds.count + place]
        entries.append(
          Entry(
            name: "previous_model",
            origin: origin,
            card: try ChurnScorecard(ranking: before.logOdds[1], churned: origins[origin].churned),
            trainingRows: before.rows
          )
        )
      }
    }
  }

  /// The last origin, which reports show.
  var last: Origin { origins[origins.count - 1] }

  /// The entry of a model or baseline at the last origin.
  func latest(_ name: String) -> Entry? {
    entries.last { $0.name == name && $0.origin == origins.count - 1 }
  }

  private mutating func chooseOrigins(
    _ stage: ChurnStage,
    _ data: ChurnData,
    _ stageName: String
  ) throws {
    for (place, day) in data.days.enumerated() {
      let training = data.mature(at: day.date).filter { $0 < place }
      let known = training.reduce((rows: 0, churned: 0)) {
        ($0.rows + data.days[$1].rows, $0.churned + data.days[$1].churned)
      }
      guard known.churned > 0, known.churned < known.rows, day.churned > 0, day.churned < day.rows
      else { continue }
      let rows = data.sample([place], limit: Self.testLimit)
      origins.append(
        Origin(
          date: day.date,
          training: training,
          trainingRate: Double(known.churned) / Double(known.rows),
          latestKnownRate: data.days[training[training.count - 1]].rate,
          rows: rows,
          churned: data.rows.outcomes(rows)
        )
      )
    }
    // Dates of one week hold the same customers and the same weeks: they test nothing twice.
    var apart: [Origin] = []
    for origin in origins.reversed() {
      let isApart = apart.last.map { $0.date.days(since: origin.date) >= 7 } ?? true
      if isApart { apart.append(origin) }
    }
    origins = apart.reversed()
    origins.removeFirst(max(0, origins.count - stage.originCount))
    guard origins.isEmpty else { return }
    let date = data.days[data.days.count - 1].date
    throw Diagnostic(
      .failure,
      at: "stage \(stageName)",
      "no training date with churners and stayers has its labels complete before the test date "
        + "\(date).",
      fix: "ask for more or wider steps in training of the features stage: the oldest must lie "
        + "\(data.labelDays) days before \(date)."
    )
  }

  private mutating func test(
    _ kind: ChurnModelKind,
    _ origin: Int,
    _ logOdds: [Double],
    _ trainingRows: Int,
    _ data: ChurnData
  ) throws {
    let found = origins[origin]
    let known = origins.indices.filter {
      origins[$0].date.advanced(byDays: data.labelDays) <= found.date
    }
    let calibration = try ChurnCalibration(
      slices: known.compactMap { slices[kind]?[$0] },
      history: data.history(found.training),
      pastErrors: known.map { levelErrors[$0] },
      at: found.date
    )
    let shift = try calibration.shift(logOdds)
    let probabilities = logOdds.map { LogOdds.probability(calibration.slope * $0 + shift) }
    slices[kind, default: []]
      .append(ChurnCalibration.LaterSlice(logOdds: logOdds, churned: found.churned))
    if levelErrors.count == origin {
      let rate = Double(found.churned.count { $0 }) / Double(found.churned.count)
      levelErrors.append(LogOdds.of(rate) - LogOdds.of(calibration.forecast.rate))
      origins[origin].forecast = calibration.forecast
      origins[origin].levelError = calibration.levelError
    }
    entries.append(
      Entry(
        name: kind.rawValue,
        origin: origin,
        card: try ChurnScorecard(
          probabilities,
          churned: found.churned,
          levelError: calibration.levelError
        ),
        trainingRows: trainingRows,
        probabilities: probabilities
      )
    )
  }

  private mutating func addBaselines(_ origin: Int, _ data: ChurnData) throws {
    let found = origins[origin]
    for (name, column, sign) in ChurnStage.baselines {
      guard let place = data.rows.columns.firstIndex(of: column) else { continue }
      var scores = data.rows.values(place, found.rows).map { sign * $0 }
      if name == "gap_ratio" {
        // Without a usual gap (one order so far) a customer counts as the most overdue.
        let most = scores.max() ?? 0
        scores = scores.map { $0 == 0 ? most : $0 }
      }
      let card = try ChurnScorecard(ranking: scores, churned: found.churned)
      entries.append(Entry(name: name, origin: origin, card: card, trainingRows: 0))
    }
  }

  /// The mean log-loss of a kind over the origins.
  func meanLogLoss(_ kind: ChurnModelKind) -> Double {
    let losses = entries.filter { $0.name == kind.rawValue }.compactMap { $0.card.scores?.logLoss }
    return losses.reduce(0, +) / Double(max(losses.count, 1))
  }

  /// Takes the binned model unless another one has a clearly lower mean log-loss.
  private mutating func choose(_ kinds: [ChurnModelKind]) {
    guard kinds.count > 1 else {
      decision = "the pipeline file asks for \(champion.words)"
      return
    }
    champion = .binned
    for kind in [ChurnModelKind.logistic, .trees]
    where meanLogLoss(kind) < meanLogLoss(champion) * (1 - Self.margin) { champion = kind }
    let losses = kinds.map { "\($0.rawValue) \(meanLogLoss($0).rounded(toPlaces: 4))" }
    decision =
      "\(champion.words): mean log-loss over \(origins.count) test dates "
      + losses.joined(separator: ", ")
      + "; binned holds the place until another is lower by more than 0.2 %"
  }
}

extension ChurnData {
  /// The base rates of some dates.
  func history(_ places: [Int]) -> [BaseRateForecaster.Observation] {
    places.map {
      BaseRateForecaster.Observation(
        date: days[$0].date,
        events: days[$0].churned,
        rows: days[$0].rows
      )
    }
  }
}
