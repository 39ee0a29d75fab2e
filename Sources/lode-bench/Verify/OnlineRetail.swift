internal import LodeColumns
internal import LodePipeline
internal import LodeRuntime

/// The published figures of UCI Online Retail, from raw file to customer lists.
struct OnlineRetail {
  let file: String
  let folder: String

  /// Runs the two pipelines and all checks on what they left.
  func check(_ list: inout CheckList) throws {
    let pipeline = try PipelineFile(
      path: "pipelines/online-retail.json5",
      variables: ["file": file]
    )
    let trial = try PipelineTrial(pipeline, asOf: "2011-12-10", in: folder + "/retail")
    try OnlineRetailProfile(trial: trial).check(&list)
    try RFMClusters(orderLines: try trial.table("order_lines")).check(&list)
    try PurchaseChurn(file: file, folder: folder + "/churn").check(&list)
    try checkGiants(trial, &list)
  }

  /// Two customers placed a huge order and cancelled it: they are no high value.
  ///
  /// - Source: mining.md §5.5, Mahalanobis outliers 16446 (80,995 units) and 12346 (74,215).
  private func checkGiants(_ trial: PipelineTrial, _ list: inout CheckList) throws {
    let giants = ["12346", "16446"]
    for name in ["audience.keep", "audience.win", "audience.extend"] {
      let table = try trial.table(name)
      let customers = try table.requiredColumn("customer_id")
      let present = (0..<table.rowCount).count { giants.contains(customers[$0].description) }
      list.equal("12346, 16446 in \(name) of \(table.rowCount) rows", 0, present)
    }
    let values = try trial.table("customer_value")
    let customers = try values.requiredColumn("customer_id")
    let tiers = try values.requiredColumn("tier")
    let high = (0..<values.rowCount)
      .count { row in
        giants.contains(customers[row].description)
          && ["top", "high"].contains(tiers[row].description)
      }
    list.equal("12346, 16446 in tiers top and high", 0, high)
  }
}

/// The profile of the raw rows, the cleaning trail and the balance of the stages.
struct OnlineRetailProfile {
  let trial: PipelineTrial

  /// - Source: mining_vectors.json, datasets.online_retail.profile, and data/README.md.
  func check(_ list: inout CheckList) throws {
    let raw = try trial.table("raw.sales")
    list.equal("rows", 541_909, raw.rowCount)
    try checkDistinct(raw, &list)
    try checkInvoices(raw, &list)
    try checkNumbers(raw, &list)
    try checkTrail(&list)
    try checkBalance(raw, &list)
  }

  private func checkDistinct(_ raw: Table, _ list: inout CheckList) throws {
    func distinct(_ name: String) throws -> Int {
      let column = try raw.requiredColumn(name)
      return try raw.grouping(by: [name]).count - (column.missingCount > 0 ? 1 : 0)
    }
    list.equal("invoices", 25_900, try distinct("InvoiceNo"))
    list.equal("stock codes", 4_070, try distinct("StockCode"))
    list.equal("customers", 4_372, try distinct("CustomerID"))
    list.equal("countries", 38, try distinct("Country"))
    let customer = try raw.requiredColumn("CustomerID")
    list.equal("rows without customer", 135_080, customer.missingCount)
    let description = try raw.requiredColumn("Description")
    list.equal("rows without description", 1_454, description.missingCount)
    let cells = raw.schema.names.filter { !$0.hasPrefix("_") }
    list.equal("columns", 8, cells.count)
    let different = try raw.grouping(by: cells).count
    list.equal("exact duplicate rows", 5_268, raw.rowCount - different)
  }

  private func checkInvoices(_ raw: Table, _ list: inout CheckList) throws {
    let isCancelled = try Self.starts(raw.requiredColumn("InvoiceNo"), with: "C")
    let cancelled = raw.filtered(isCancelled)
    list.equal("cancellation rows", 9_288, cancelled.rowCount)
    list.equal("cancelled invoices", 3_836, try cancelled.grouping(by: ["InvoiceNo"]).count)
    let adjusted = raw.filtered(try Self.starts(raw.requiredColumn("InvoiceNo"), with: "A"))
    list.equal("rows with invoice A…", 3, adjusted.rowCount)
    let prices = try adjusted.requiredColumn("UnitPrice").integers
    list.equal("of them of negative price", 2, prices.count { $0 < 0 })
    let quantity = try raw.requiredColumn("Quantity").integers
    list.equal("rows of quantity <= 0", 10_624, quantity.count { $0 <= 0 })
    let others = quantity.indices.count { quantity[$0] <= 0 && !isCancelled[$0] }
    list.equal("of them no cancellations", 1_336, others)
  }

  private func checkNumbers(_ raw: Table, _ list: inout CheckList) throws {
    let quantity = try raw.requiredColumn("Quantity").integers
    let price = try raw.requiredColumn("UnitPrice")
    list.equal("rows at price 0", 2_515, price.integers.count { $0 == 0 })
    list.equal("sum of quantity", 5_176_450, Int(quantity.reduce(0, +)))
    let units = zip(quantity, price.integers).reduce(0) { $0 + $1.0 * $1.1 }
    let value = Double(units) / Double(powerOfTen(price.type.scale))
    list.equal("sum of quantity × price", 9_747_747.93, value, places: 2)
  }

  private func checkTrail(_ list: inout CheckList) throws {
    let trail = try trial.table("cleaning_trail").sorted(by: [SortKey("step")])
    let rows = try trail.requiredColumn("rows").integers.map { "\($0)" }
    list.equal(
      "cleaning trail, rows",
      "541909 536641 401604 392732 392692",
      rows.joined(separator: " ")
    )
    guard let customers = try trail.requiredColumn("customers").integers.last,
      let orders = try trail.requiredColumn("orders").integers.last,
      let amount = try trail.requiredColumn("amount").numbers().last
    else { return }
    list.equal("cleaning trail, customers", 4_338, Int(customers))
    list.equal("cleaning trail, invoices", 18_532, Int(orders))
    list.equal("cleaning trail, revenue", 8_887_208.89, amount, places: 2)
  }

  /// Rows read = published + quarantined: as reported, and as counted in the tables.
  private func checkBalance(_ raw: Table, _ list: inout CheckList) throws {
    for report in trial.reports {
      guard let read = report.rowsRead, let published = report.rowsPublished else { continue }
      let words = "published \(published) + quarantined \(report.rowsQuarantined)"
      list.equal(
        "stage \(report.stage): rows read = \(words)",
        read,
        published + report.rowsQuarantined
      )
    }
    let refused = try trial.table("quarantine", partitions: ["sales"]).rowCount
    let kept = try trial.table("order_lines").rowCount + trial.table("returns").rowCount
    list.equal("tables order_lines + returns + quarantine", raw.rowCount, kept + refused)
  }

  /// Whether each text starts with a letter.
  private static func starts(_ column: Column, with prefix: String) -> [Bool] {
    let ofCode = column.dictionary.texts.map { $0.hasPrefix(prefix) }
    let codes = column.codes
    return (0..<column.count).map { !column.isMissing($0) && ofCode[Int(codes[$0])] }
  }
}
