internal import LodeColumns
internal import LodeMining
internal import LodeNumerics
internal import LodeRuntime

extension ContractualChurnStage {
  /// What a campaign would have earned out of fold, over the labelled rows with a value.
  func campaign(
    _ test: ContractualTest,
    _ values: Column?,
    _ labelled: [Int],
    _ context: StageContext
  ) throws -> ChurnProfit? {
    guard let profit, let values else { return nil }
    let places = labelled.indices.filter { !values.isMissing(labelled[$0]) }
    guard !places.isEmpty else {
      throw Diagnostic(
        .usage,
        at: "stage \(context.stageName)",
        "no row with a label has a value in the column \"\(profit.value.column ?? "")\".",
        fix: "name another column in profit.value, or an amount."
      )
    }
    let amounts = values.numbers()
    return try ChurnProfit(
      places.map { test.champion.probabilities[$0] },
      churned: places.map { test.outcomes[$0] },
      values: places.map { amounts[labelled[$0]] },
      profit
    )
  }

  /// One row a customer: the score with its interval and reasons.
  func scores(
    _ table: Table,
    _ features: FeatureColumns,
    _ test: ContractualTest,
    _ labelled: [Int],
    _ probabilities: [Double],
    _ contributions: Matrix
  ) throws -> Table {
    let rows = (1...max(1, table.rowCount)).prefix(table.rowCount).map { Int64($0) }
    let id = try idColumn.map { name throws(Diagnostic) in try table.requiredColumn(name) }
    var outOfFold = [Double?](repeating: nil, count: table.rowCount)
    for (row, p) in zip(labelled, test.champion.probabilities) { outOfFold[row] = p }
    let bounds = try ContractualTables.bounds(test.champion.models, features, probabilities)
    let reasons = ContractualReasons(features).columns(contributions, count: reasonCount)
    let bands = probabilities.map { $0 < 0.33 ? "low" : $0 < 0.66 ? "medium" : "high" }
    return Table(
      Schema([
        Field(idColumn ?? "row", id?.type ?? .integer), Field("churn_p", .double),
        Field("churn_p_lower", .double), Field("churn_p_upper", .double),
        Field("churn_band", .text), Field("reason_1", .text), Field("reason_2", .text),
        Field("reason_3", .text), Field("churn_p_out_of_fold", .double),
      ]),
      [
        id ?? Column(integers: rows), Column(doubles: probabilities),
        Column(doubles: bounds.lower), Column(doubles: bounds.upper), Column(texts: bands),
      ] + reasons + [Column(optional: outOfFold)]
    )
  }

  /// Scores with the value at stake and what of it is lost by chance, where values are told.
  static func adding(_ values: Column?, to scores: Table) throws -> Table {
    guard let values else { return scores }
    let loss = values.expectedLoss(try scores.requiredColumn("churn_p"))
    return
      scores
      .setting(Field("value_at_stake", values.type), values)
      .setting(Field("expected_loss", values.type), loss)
  }
}
