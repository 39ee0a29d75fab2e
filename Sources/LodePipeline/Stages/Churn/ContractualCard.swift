internal import LodeColumns
internal import LodeMining
internal import LodeRuntime

extension ContractualChurnStage {
  /// The card of the model in use.
  func card(
    _ test: ContractualTest,
    _ model: TableClassifier,
    _ columns: ContractualColumns,
    _ moved: ContractualDrift,
    _ campaign: ChurnProfit?,
    _ tables: [OutputTable],
    _ context: StageContext
  ) -> ModelCard {
    var card = ModelCard(title: "Model card: churn of contracts")
    let pooled = test.champion.pooled
    let rate = Double(pooled.churned) / Double(max(pooled.rows, 1))
    card.add("purpose", "Purpose", "ranks customers by the risk of leaving, with reasons")
    card.add("as_of", "As of", "\(context.asOf)")
    card.add("label", "Label", "\"\(labelColumn)\" of \(from) is \"\(positive)\"")
    card.add("model", "Model", model.kind.words)
    card.add("decision", "Why this model", test.decision)
    card.add("rows", "Rows with a label", "\(pooled.rows), of which \(pooled.churned) left")
    card.add("base_rate", "Base rate", "\((rate * 100).rounded(toPlaces: 1)) %")
    card.add("test_design", "Test", testDesign)
    card.add("result", "Result", finding(test))
    card.add("drift_verdict", "Drift", moved.words)
    if let profit, let campaign {
      card.add("campaign", "Campaign", profit.words(context.currency))
      card.add("profit", "Profit", campaign.words(context.currency))
    }
    card.add("features", "Features", columns.features.names.joined(separator: ", "))
    card.add(
      "left_out",
      "Left out",
      (columns.leftOut.map { "\($0.name) (\($0.reason))" } + model.unusedColumns)
        .joined(separator: "; ")
    )
    card.add("aliased", "Aliased", Self.aliasWarning(columns.features).joined())
    card.add(
      "method_version",
      "Version",
      "\(Self.method) \(Self.version), Lode \(LodeVersion.current)"
    )
    card.add("seed", "Seed", "\(context.seed)")
    let captions = [
      "model.\(into)": ("parameters", "Parameters and importance"),
      "\(into)_test": ("test", "Test out of fold; fold 0 is all rows"),
      "\(into)_lift": ("lift", "Tenths of the ranking"),
      "\(into)_calibration": ("calibration", "Said and seen out of fold"),
      "\(into)_drift": ("drift", "Drift since training"),
      "\(into)_profit": ("profit_curve", "Profit of a campaign"),
    ]
    for table in tables {
      guard let (key, caption) = captions[table.name] else { continue }
      card.sections.append(.init(key: key, caption: caption, table: table.rows))
    }
    card.limits = [
      "The test is out of fold, not later in time: a table without dates cannot tell seasons.",
      "The score says who leaves, not who can be kept: keep a random control group.",
      "Intervals of scores hold what the rows at hand leave open (jackknife over folds), not a "
        + "change of the base rate.",
    ]
    return card
  }

  private var testDesign: String {
    foldColumn.map { "folds of the column \"\($0)\"" }
      ?? "\(foldCount) folds by a hash of the customer, all rows of one in one fold"
  }
}
