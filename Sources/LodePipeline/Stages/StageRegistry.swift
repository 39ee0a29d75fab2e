internal import LodeFormats
internal import LodeRuntime

/// The stages there are; adding one is one line here.
enum StageRegistry {
  /// All stage types.
  static let types: [any Stage.Type] = [
    ExtractStage.self,
    CleanSalesStage.self,
    CustomerFeaturesStage.self,
    CustomerValueStage.self,
    CubeStage.self,
    LifeCycleStage.self,
    PreferencesStage.self,
    SatisfactionStage.self,
    FunnelStage.self,
    TrialStage.self,
    SegmentStage.self,
    CorrelationStage.self,
    BasketRulesStage.self,
    ChurnStage.self,
    ContractualChurnStage.self,
    UpliftStage.self,
    SalesForecastStage.self,
    ChurnForecastStage.self,
    LifetimeValueStage.self,
    EquityStage.self,
    CampaignResponseStage.self,
    CustomerListStage.self,
    ReportStage.self,
    RelationsReportStage.self,
  ]

  /// The method of a kind that needs not be named though there are others.
  private static let defaultMethods: [Operation: String] = [
    .classify: ChurnStage.method, .report: ReportStage.method,
  ]

  /// The type that `op` and `method` of a stage name.
  ///
  /// - Throws: a diagnostic with the choices and a suggestion.
  static func stageType(_ reader: ConfigurationReader) throws(Diagnostic) -> any Stage.Type {
    _ = try reader.requiredString("op")
    guard let operation = try reader.choice("op", of: Operation.self) else {
      preconditionFailure("op was required above")
    }
    let candidates = types.filter { $0.operation == operation }
    let methods = candidates.map { $0.method }
    guard let method = try reader.string("method"), let node = reader.node("method") else {
      if candidates.count == 1, let only = candidates.first { return only }
      if let name = defaultMethods[operation],
        let type = candidates.first(where: { $0.method == name })
      {
        return type
      }
      throw reader.problem(
        at: reader.node,
        "\(reader.subject) has no \"method\".",
        fix: "choose one of \(methods.map { "\"\($0)\"" }.joined(separator: ", "))."
      )
    }
    guard let type = candidates.first(where: { $0.method == method }) else {
      throw reader.problem(
        at: node,
        "\"method\" of \(reader.subject) is \"\(method)\""
          + "\(Suggestion.ending(for: method, in: methods))",
        fix: "choose one of \(methods.map { "\"\($0)\"" }.joined(separator: ", "))."
      )
    }
    return type
  }
}
