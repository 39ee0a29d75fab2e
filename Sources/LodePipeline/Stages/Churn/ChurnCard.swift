internal import LodeColumns
internal import LodeCustomer
internal import LodeMining
internal import LodeRuntime

/// What the card of a churn model is made of.
struct ChurnCardParts: Sendable {
  let data: ChurnData
  let backtest: ChurnBacktest
  let scoring: ChurnScoring
  let model: ChurnModel
  let drift: ChurnDrift
  let profit: ChurnProfit
  let terms: Table
  let groups: Table
}

extension ChurnStage {
  /// The card of the model in use.
  func card(_ parts: ChurnCardParts, _ context: StageContext) -> ModelCard {
    var card = ModelCard(title: "Model card: churn")
    let days = parts.data.days
    let rows = days.reduce(0) { $0 + $1.rows }
    let churned = days.reduce(0) { $0 + $1.churned }
    let span = "\(days[0].date) to \(days[days.count - 1].date)"
    card.add("purpose", "Purpose", "ranks customers by the risk of leaving, with reasons")
    card.add("as_of", "As of", "\(context.asOf)")
    card.add("label", "Label", label)
    card.add("model", "Model", parts.model.kind.words)
    card.add("decision", "Why this model", parts.backtest.decision)
    card.add("training_dates", "Training dates", "\(days.count), \(span)")
    card.add("training_rows", "Training rows", "\(rows), of which \(churned) churned")
    card.add("fitted_rows", "Rows of the fit", "\(parts.model.rowCount)")
    card.add("base_rate", "Base rate", parts.scoring.baseRateWords)
    card.add("base_rate_on_test", "Base rate at the last test", parts.backtest.baseRateWords)
    card.add("expected", "Expected", parts.scoring.finding)
    card.add("drift_verdict", "Drift", parts.drift.words)
    card.add("campaign", "Campaign", profit.words(context.currency))
    card.add("profit", "Profit", parts.profit.words(context.currency))
    card.add(
      "method_version",
      "Version",
      "\(Self.method) \(Self.version), Lode \(LodeVersion.current)"
    )
    card.add("seed", "Seed", "\(context.seed)")
    card.add("inputs", "Inputs", "content hashes of all inputs are in the run record (lode runs)")
    card.sections = [
      .init(key: "features", caption: "Features", table: featureTable),
      .init(key: "parameters", caption: "Parameters", table: parts.terms),
      .init(
        key: "backtest",
        caption: "Rolling backtest, one row a model and test date",
        table: parts.backtest.table(horizonDays: horizonDays, gapDays: gapDays)
      ),
      .init(
        key: "calibration",
        caption: "Said and seen at the last test date",
        table: parts.backtest.calibrationTable()
      ),
      .init(key: "groups", caption: "Parts of the customers", table: parts.groups),
      .init(key: "drift", caption: "Drift since training", table: parts.drift.table),
      .init(key: "profit_curve", caption: "Profit of a campaign", table: parts.profit.table),
    ]
    card.limits = limits(parts)
    return card
  }

  private var label: String {
    "no valid order for \(horizonDays) days, counted from \(gapDays) days after the date; "
      + "customers with an order in the \(activeDays) days before the date"
  }

  private var featureTable: Table {
    let definitions = selection.names.map { FeatureRegistry.definition($0) }
    return Table([
      "feature": Column(texts: selection.names),
      "words": Column(texts: selection.names.map { FeatureRegistry.words($0) }),
      "meaning": Column(texts: definitions.map { $0?.meaning }),
      "unit": Column(texts: definitions.map { $0?.unit.rawValue }),
      "window": Column(
        texts: definitions.map { definition in
          switch definition?.window {
          case .days(let count): "\(count) days"
          case .lifetime: "all before the date"
          case nil: nil
          }
        }
      ),
      "leakage": Column(texts: definitions.map { $0?.leakage.rawValue }),
      "scale": Column(texts: selection.transformations.map(\.rawValue)),
    ])
  }

  private func limits(_ parts: ChurnCardParts) -> [String] {
    var limits = [
      "The score says who leaves, not who can be kept: keep a random control group.",
      "A customer silent for more than \(activeDays) days is scored by extrapolation (is_active is "
        + "false) and not counted in expected churners.",
      "Intervals of scores hold the error of the base rate"
        + (parts.model.kind == .logistic
          ? " and of the parameters (clustered by customer), not that of the form of the model."
          : " only, not that of the parameters."),
    ]
    if parts.data.days.contains(where: { $0.rows > ChurnBacktest.testLimit }) {
      limits.append(
        "More than \(ChurnBacktest.testLimit) customers a date: the backtest fits at most "
          + "\(ChurnBacktest.fitLimit) rows and tests \(ChurnBacktest.testLimit), chosen by a hash "
          + "of the customer."
      )
    }
    if parts.data.days.count < 6 {
      limits.append("Only \(parts.data.days.count) labelled dates: how base rates vary is a guess.")
    }
    return limits
  }
}

extension ChurnBacktest {
  /// How the base rate moved from the last known dates to the last test date, in words.
  var baseRateWords: String {
    func percent(_ share: Double) -> String { "\((share * 100).rounded(toPlaces: 1)) %" }
    let rate = Double(last.churned.count { $0 }) / Double(max(last.churned.count, 1))
    var words =
      "\(percent(last.latestKnownRate)) of customers left at the last date known then, "
      + "\(percent(last.trainingRate)) over all training dates, \(percent(rate)) on \(last.date)"
    if let forecast = last.forecast { words += "; \(percent(forecast.rate)) was forecast" }
    let moved = rate - last.latestKnownRate
    if abs(moved) >= 0.02 {
      words +=
        ": the base rate \(moved > 0 ? "rose" : "fell") by "
        + "\((abs(moved) * 100).rounded(toPlaces: 1)) points, as with the season"
    }
    return words
  }
}
