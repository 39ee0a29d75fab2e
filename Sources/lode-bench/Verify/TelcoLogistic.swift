internal import LodeColumns
internal import LodeFormats
internal import LodeMining

/// The unpenalised logistic regression of churn on all rows of the Telco sample.
struct TelcoLogistic {
  let file: String
  /// The published figures, if the file is there.
  let fixture: String

  /// The text columns in the order of the reference; the first level in byte order is the base.
  static let textColumns = [
    "gender", "Partner", "Dependents", "PhoneService", "MultipleLines", "InternetService",
    "OnlineSecurity", "OnlineBackup", "DeviceProtection", "TechSupport", "StreamingTV",
    "StreamingMovies", "Contract", "PaperlessBilling", "PaymentMethod",
  ]

  /// Log-likelihood, criteria and all 24 terms.
  ///
  /// - Source: mining_vectors.json, churn_telco.logit_inference (statsmodels `Logit`).
  func check(_ list: inout CheckList) throws {
    var reader = CSVReader()
    for name in Self.textColumns + ["customerID", "TotalCharges", "Churn"] {
      reader.types[name] = .text
    }
    let document = try reader.read(try SourceBytes(file: file))
    list.equal("rows", 7_043, document.table.rowCount)
    list.equal("rejected rows", 0, document.rejects.count)
    let table = try Self.recoded(document.table)
    let numbers = try FeatureMatrix(
      table,
      identifiedBy: "customerID",
      features: ["tenure", "MonthlyCharges", "TotalCharges", "SeniorCitizen"]
    )
    let encoding = try OneHotEncoding(table, columns: Self.textColumns)
    let features = numbers.appending(
      try encoding.encode(table, identifiedBy: "customerID").features
    )
    let churn = try table.requiredColumn("Churn")
    let outcomes = (0..<table.rowCount).map { churn[$0] == .text("Yes") }
    list.equal("churned", 1_869, outcomes.count { $0 })
    let model = try LogisticRegression().fit(features, outcomes: outcomes)
    list.near("log-likelihood", -2914.1421548909757, model.logLikelihood, relative: 1e-10)
    list.near("null log-likelihood", -4075.072949547855, model.nullLogLikelihood, relative: 1e-10)
    list.near("AIC", 5876.284309781951, model.aic, relative: 1e-10)
    list.near("BIC", 6040.919257655842, model.bic, relative: 1e-10)
    list.equal("terms", Self.terms.count, model.terms.count)
    for (expected, term) in zip(Self.terms, model.terms) {
      list.equal("term", expected.name, term.name)
      let inference = term.inference
      func near(_ what: String, _ expected: Double, _ got: Double?) {
        list.near("\(term.name), \(what)", expected, got ?? .infinity, relative: 1e-7)
      }
      near("coefficient", expected.coefficient, term.coefficient)
      near("SE", expected.error, inference?.standardError)
      near("z", expected.z, inference?.z)
      near("p", expected.p, inference?.pValue)
    }
    let columns = try FeatureColumns(
      table,
      features: ["tenure", "MonthlyCharges", "TotalCharges", "SeniorCitizen"] + Self.textColumns
    )
    try TelcoClassifiers(features: columns, outcomes: outcomes).check(&list)
    guard FileBytes.exists(fixture) else { return }
    let figures = try TelcoFixture.File(path: fixture)
    try TelcoFixtureCheck(fixture: figures.churn_telco, features: features, outcomes: outcomes)
      .check(&list)
    if let expected = figures.churn_bins_and_pairs.result["telco|logit_bins5"] {
      try TelcoBins(features: features, outcomes: outcomes).check(&list, expected)
    }
  }

  /// Blank charges become 0, and "No internet service" and "No phone service" become "No".
  private static func recoded(_ table: Table) throws -> Table {
    var recoded = table
    let charges = try table.requiredColumn("TotalCharges")
    let numbers = (0..<table.rowCount).map { Double(charges[$0].description) ?? 0 }
    recoded = recoded.setting(Field("TotalCharges", .double), Column(doubles: numbers))
    for name in textColumns {
      let column = try table.requiredColumn(name)
      let texts = (0..<table.rowCount)
        .map { row -> String? in
          let text = column[row].description
          return ["No internet service", "No phone service"].contains(text) ? "No" : text
        }
      recoded = recoded.setting(Field(name, .text), Column(texts: texts))
    }
    return recoded
  }
}
