internal import LodeColumns
internal import LodePipeline
internal import LodeRuntime

/// Purchase churn on Online Retail, split by time, through the stages of a pipeline.
struct PurchaseChurn {
  let file: String
  let folder: String

  /// Trained as of 2011-06-11 and before, tested as of 2011-09-10, all with labels of 90 days:
  /// the run is as of 2011-12-09, the day behind the last label.
  static let pipeline = """
    {
      lode: 1, name: "verify-churn", warehouse: "w", exports: "e", currency: "GBP",
      vars: { file: "" },
      stages: {
        sales_in: {
          op: "extract",
          from: { csv: "${file}", types: { InvoiceNo: "text", StockCode: "text",
            CustomerID: "text", InvoiceDate: "timestamp", Quantity: "integer",
            UnitPrice: "decimal(18,3)" } },
          into: "raw.sales",
        },
        sales: {
          op: "clean", needs: ["sales_in"], from: "raw.sales",
          columns: { order: "InvoiceNo", customer: "CustomerID", at: "InvoiceDate",
            product: "StockCode", description: "Description", country: "Country",
            quantity: "Quantity", price: "UnitPrice" },
          cancellation_prefix: "C", adjustment_prefix: "A",
          expected_reasons: ["exact_duplicate", "price_zero", "quantity_negative"],
          max_bad_share: 0.001, net_returns: false,
        },
        features: {
          op: "transform", method: "customer_features", needs: ["sales"],
          training: { count: 20, step_days: 13, behind_days: 90, min_history_days: 91 },
          net_returns: false, products_only: false,
        },
        churn: {
          op: "classify", method: "logistic", needs: ["features", "sales"],
          label: { no_order_in_days: 90 }, gap_days: 0, active_days: 3650, model: "auto",
          net_returns: false, products_only: false,
        },
      },
    }
    """

  /// Checks customers, churn rates and how well the ranking does.
  ///
  /// - Source: the figures of the purchase-churn task on the cleaning trail of Online Retail:
  ///   2,811 customers of whom 52.3 % churn, 3,370 of whom 43.1 % churn, recency alone 0.683.
  func check(_ list: inout CheckList) throws {
    let file = try PipelineFile(
      text: Self.pipeline,
      path: "verify-churn.json5",
      variables: ["file": file]
    )
    let trial = try PipelineTrial(file, asOf: "2011-12-09", in: folder)
    let backtest = try trial.table("churn_backtest")
    let names = try backtest.requiredColumn("model")
    let dates = try backtest.requiredColumn("test_as_of")
    func value(_ model: String, _ measure: String) throws -> Double {
      let row = (0..<backtest.rowCount)
        .last { names[$0].description == model && dates[$0].description == "2011-09-10" }
      guard let row else { return .infinity }
      return try backtest.requiredColumn(measure)[row].number ?? .infinity
    }
    let isChampion = try backtest.requiredColumn("is_champion").booleans
    let champion = (0..<backtest.rowCount).last { isChampion[$0] }.map { names[$0].description }
    func measure(_ name: String) throws -> Double { try value(champion ?? "", name) }
    let features = try trial.table("customer_features")
    let days = try features.requiredColumn("as_of")
    let training = (0..<features.rowCount).count { days[$0].description == "2011-06-11" }
    list.equal("churn, customers as of 2011-06-11", 2_811, training)
    list.equal("churn, training dates", 8, Int(try measure("training_dates")))
    list.equal("churn, last known rate", 0.523, try measure("latest_known_rate"), places: 3)
    list.equal("churn, test customers", 3_370, Int(try measure("customers")))
    list.equal("churn, test rate", 0.431, try measure("churn_rate"), places: 3)
    list.equal("churn, AUC of recency alone", 0.683, try value("recency", "auc"), places: 3)
    list.atLeast("churn, AUC of the plain model", 0.74, try value("logistic", "auc"))
    list.atLeast("churn, AUC of the model taken", 0.742, try measure("auc"))
    // The base rate fell from 52 % to 43 % with the season, which one year of data cannot foretell.
    list.atMost("churn, ECE", 0.06, try measure("expected_calibration_error"))
  }
}
