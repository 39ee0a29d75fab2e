internal import LodeColumns
internal import LodeCustomer
internal import LodeFormats
internal import LodeRuntime

/// Kernels that make figures of customers from order lines.
struct CustomerKernels {
  let folder: String
  /// The name of the files of order lines, without its ending.
  let stem: String

  /// Recency, frequency and value a customer by a group-by of the table.
  func rfmByGrouping() throws -> Measurement {
    let table = try BenchLines.purchases("\(folder)/\(stem).parquet")
    return try Measurement.of {
      try BenchLines.rfm(table)
    } values: {
      try rfmSummary($0)
    }
  }

  /// The same from files by customer, sorted by customer and time; reading them is timed.
  func rfmFromShards() throws -> Measurement {
    try Measurement.of {
      let parts = try Parallel.map(16) { shard in
        let name = "\(stem)-shards/\(BenchLines.twoDigits(shard)).parquet"
        return try BenchLines.rfm(try BenchLines.purchases("\(folder)/\(name)"))
      }
      return Table.concatenating(parts)
    } values: {
      try rfmSummary($0)
    }
  }

  /// What the product does for RFM: histories and all thirty features of every customer.
  func rfmByFeatures() throws -> Measurement {
    let table = try ParquetFile(opening: "\(folder)/\(stem).parquet").read()
    guard let asOf = CivilDate("2026-01-01") else { throw Diagnostic(.failure, "no date") }
    return try Measurement.of {
      CustomerFeatures.table(
        try PurchaseHistories(orderLines: table, returnMatches: nil, productsOnly: false),
        asOf: [asOf]
      )
    } values: {
      try rfmSummary($0)
    }
  }

  /// All thirty features of every customer at the first of twelve months.
  func features() throws -> Measurement {
    let table = try ParquetFile(opening: "\(folder)/\(stem).parquet").read()
    let months = (2...12).map { "2025-\(BenchLines.twoDigits($0))-01" } + ["2026-01-01"]
    return try Measurement.of {
      CustomerFeatures.table(
        try PurchaseHistories(orderLines: table, returnMatches: nil, productsOnly: false),
        asOf: months.compactMap { CivilDate($0) }
      )
    } values: { table in
      func sum(_ name: String) throws -> Double {
        Double(try table.requiredColumn(name).integers.reduce(0, +))
      }
      let gaps = try table.requiredColumn("gap_mean_days")
      let known = (0..<gaps.count).filter { !gaps.isMissing($0) }
      return [
        "rows": Double(table.rowCount), "orders": try sum("orders"),
        "orders_91d": try sum("orders_91d"), "orders_364d": try sum("orders_364d"),
        "value_total": try sum("value_total"), "value_91d": try sum("value_91d"),
        "value_364d": try sum("value_364d"), "days_since_last": try sum("days_since_last"),
        "product_count": try sum("product_count"),
        "gap_mean_days": known.reduce(0) { $0 + gaps.doubles[$1] },
      ]
    }
  }

  private func rfmSummary(_ customers: Table) throws -> [String: Double] {
    func sum(_ name: String) throws -> Double {
      Double(try customers.requiredColumn(name).integers.reduce(0, +))
    }
    return [
      "customers": Double(customers.rowCount), "orders": try sum("orders"),
      "cents": try sum("value_total"), "last_days": try sum("last_order_on"),
    ]
  }
}
