internal import LodeColumns
internal import LodeMining
internal import LodeRuntime

extension ChurnBacktest {
  /// One row a model or baseline and origin.
  func table(horizonDays: Int, gapDays: Int) -> Table {
    func whole(_ cell: (Entry, Origin) -> Int) -> Column {
      Column(integers: entries.map { Int64(cell($0, origins[$0.origin])) })
    }
    func number(_ cell: (Entry, Origin) -> Double?) -> Column {
      Column(optional: entries.map { cell($0, origins[$0.origin]) })
    }
    var table = Table([
      "test_as_of": Column(
        .date,
        integers: entries.map { Int64(origins[$0.origin].date.daysSinceEpoch) }
      ),
      "model": Column(texts: entries.map(\.name)),
      "is_champion": Column(
        type: .boolean,
        storage: .booleans(entries.map { $0.name == champion.rawValue })
      ),
      "training_dates": whole { $1.training.count },
      "training_rows": whole { entry, _ in entry.trainingRows },
      "training_churn_rate": number { $1.trainingRate },
      "customers": whole { entry, _ in entry.card.rows },
      "churned": whole { entry, _ in entry.card.churned },
      "churn_rate": number { entry, _ in Double(entry.card.churned) / Double(entry.card.rows) },
      "forecast_rate": number { $1.forecast?.rate },
      "seasonal_shift": number { $1.forecast?.seasonalShift },
    ])
    for (name, value) in ChurnScorecard.measures {
      table = table.setting(
        Field(name, .double),
        Column(optional: entries.map { value($0.card) })
      )
    }
    let days: [(String, Int)] = [("horizon_days", horizonDays), ("gap_days", gapDays)]
    for (name, count) in days {
      table = table.setting(
        Field(name, .integer),
        Column(integers: entries.map { _ in Int64(count) })
      )
    }
    return table
  }

  /// The probabilities of the champion at the last origin.
  private var latestProbabilities: [Double] { latest(champion.rawValue)?.probabilities ?? [] }

  /// One row a decile of the ranking at the last origin.
  func liftTable() -> Table { ChurnTables.lift(latestProbabilities, last.churned) }

  /// One row a tenth of the predictions at the last origin: said and seen.
  func calibrationTable() -> Table { ChurnTables.calibration(latestProbabilities, last.churned) }

  /// The result in words.
  var finding: String {
    let card = latest(champion.rawValue)?.card
    let auc = (card?.auc?.auc ?? 0.5).rounded(toPlaces: 4)
    let rule = (latest("recency")?.card.auc?.auc ?? 0.5).rounded(toPlaces: 4)
    let rate = Double(last.churned.count { $0 }) / Double(last.churned.count)
    func percent(_ share: Double?) -> String { ((share ?? 0) * 100).rounded(toPlaces: 1) }
    return "AUC \(auc) on \(last.date) (recency alone \(rule)), churn \(percent(rate)) % of "
      + "\(last.rows.count) customers, forecast \(percent(last.forecast?.rate)) %, "
      + "in training \(percent(last.trainingRate)) %; calibration error "
      + "\(percent(card?.scores?.expectedCalibrationError)) points"
  }
}

/// Tables that all churn stages make.
enum ChurnTables {
  /// One row a decile of a ranking.
  static func lift(_ probabilities: [Double], _ churned: [Bool]) -> Table {
    let bins = LiftTable(probabilities, outcomes: churned).bins
    return Table([
      "decile": Column(integers: bins.map { Int64($0.bin) }),
      "customers": Column(integers: bins.map { Int64($0.rowCount) }),
      "churned": Column(integers: bins.map { Int64($0.positiveCount) }),
      "mean_score": Column(doubles: bins.map(\.meanScore)),
      "rate": Column(doubles: bins.map(\.rate)),
      "lift": Column(doubles: bins.map { $0.lift ?? 1 }),
      "cumulative_lift": Column(doubles: bins.map { $0.cumulativeLift ?? 1 }),
      "cumulative_gain": Column(doubles: bins.map { $0.cumulativeGain ?? 0 }),
    ])
  }

  /// One row a tenth of predictions: said and seen.
  static func calibration(_ probabilities: [Double], _ churned: [Bool]) -> Table {
    let bins = CalibrationTable(probabilities, outcomes: churned).bins
    return Table([
      "bin": Column(integers: bins.indices.map { Int64($0 + 1) }),
      "customers": Column(integers: bins.map { Int64($0.rowCount) }),
      "predicted": Column(doubles: bins.map(\.meanProbability)),
      "observed": Column(doubles: bins.map(\.observedRate)),
    ])
  }
}
