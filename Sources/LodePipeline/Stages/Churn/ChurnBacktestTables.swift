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
      "latest_known_rate": number { $1.latestKnownRate },
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

  /// How the champion did on parts of the customers at the last origin.
  func groupTable(_ rows: ChurnRows, _ selection: FeatureSelection) -> Table {
    guard let place = rows.columns.firstIndex(of: "days_since_last") else { return Table([:]) }
    let scale =
      place < rows.featureCount ? selection.transformations[place] : FeatureTransformation.identity
    let silences = rows.values(place, last.rows).map { scale.invert($0) }
    let single = rows.columns.firstIndex(of: "is_single_order")
      .map { rows.values($0, last.rows) }
    let probabilities = latestProbabilities
    var parts: [(String, [Int])] = [(0.0, 30.5), (30.5, 90.5), (90.5, 182.5), (182.5, 1e9)]
      .map { low, high in
        let name =
          high > 1e8
          ? "silent for more than 182 days"
          : "silent for \(Int(low) + (low > 0 ? 1 : 0)) to \(Int(high)) days"
        return (name, silences.indices.filter { silences[$0] >= low && silences[$0] < high })
      }
    if let single {
      parts.append(("one order so far", single.indices.filter { single[$0] > 0 }))
      parts.append(("several orders", single.indices.filter { single[$0] == 0 }))
    }
    func share(_ members: [Int], _ value: (Int) -> Double) -> Double? {
      members.isEmpty ? nil : members.reduce(0) { $0 + value($1) } / Double(members.count)
    }
    return Table([
      "group": Column(texts: parts.map(\.0)),
      "customers": Column(integers: parts.map { Int64($0.1.count) }),
      "churn_rate": Column(
        optional: parts.map { share($0.1) { last.churned[$0] ? 1 : 0 } }
      ),
      "mean_prediction": Column(optional: parts.map { share($0.1) { probabilities[$0] } }),
      "auc": Column(
        optional: parts.map { _, members in
          ClassifierScores.auc(
            members.map { probabilities[$0] },
            outcomes: members.map { last.churned[$0] }
          )
        }
      ),
    ])
  }

  /// What the champion said at each date and what happened, a line a date, and one with how often
  /// its interval held.
  var lines: [String] {
    let own = entries.filter { $0.name == champion.rawValue && $0.card.count != nil }
      .sorted { origins[$0.origin].date < origins[$1.origin].date }
    guard !own.isEmpty else { return [] }
    var inside = 0
    var lines: [String] = []
    for entry in own {
      guard let count = entry.card.count else { continue }
      let band = count.lowerBound...max(count.lowerBound, count.upperBound)
      let holds = band.contains(entry.card.churned)
      inside += holds ? 1 : 0
      lines.append(
        "as of \(origins[entry.origin].date): said \(count.mean.rounded(toPlaces: 0)) of "
          + "\(entry.card.rows) customers leave (\(band.lowerBound) to \(band.upperBound)), "
          + "happened \(entry.card.churned)\(holds ? "" : " – outside"); "
          + "AUC \((entry.card.auc?.auc ?? 0.5).rounded(toPlaces: 3))"
      )
    }
    return lines + ["90 % intervals held what happened: \(inside) of \(lines.count)"]
  }

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
