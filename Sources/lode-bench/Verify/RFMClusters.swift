internal import LodeColumns
internal import LodeCustomer
internal import LodeMining
internal import LodeNumerics
internal import LodeRuntime

/// k-means on recency, frequency and monetary value of the cleaned Online Retail rows.
struct RFMClusters {
  let orderLines: Table

  /// Inertia, iterations and sizes for each k, from initial rows ⌊i·n/k⌋ and tolerance 0.
  ///
  /// - Source: mining_vectors.json, kmeans_rfm_online_retail.result.k, lloyd_float64
  ///   (scikit-learn 1.9.1); mining.md §3.1.
  static let expected: [(k: Int, inertia: Double, iterations: Int, sizes: [Int])] = [
    (2, 6476.505177741697, 15, [1668, 2670]),
    (3, 4858.057246063134, 31, [762, 1700, 1876]),
    (4, 3925.9939445724503, 34, [1168, 862, 1593, 715]),
    (5, 3268.958855523999, 75, [1008, 1143, 359, 954, 874]),
    (6, 2841.162453163686, 37, [627, 653, 342, 940, 951, 825]),
    (7, 2533.930286141239, 70, [198, 610, 490, 849, 872, 685, 634]),
    (8, 2325.2257641986625, 38, [724, 843, 654, 427, 668, 488, 216, 318]),
    (9, 2145.4376128601107, 32, [212, 450, 575, 394, 650, 464, 664, 634, 295]),
    (10, 2008.2609637525943, 37, [353, 339, 492, 514, 174, 626, 312, 590, 595, 343]),
  ]

  /// The mean silhouette of the labels of each k, from the same fixed start.
  ///
  /// - Source: mining.md §3.1 (scikit-learn 1.9.1, `silhouette_score`).
  static let silhouettes = [
    0.4325, 0.3372, 0.3371, 0.3180, 0.3129, 0.3044, 0.3012, 0.2815, 0.2772,
  ]

  /// Checks the trail's rows and the clusters of its customers.
  func check(_ list: inout CheckList) throws {
    let trail = try Self.trail(orderLines)
    let amount = try trail.requiredColumn("amount")
    let units = amount.integers.reduce(0, +)
    list.equal("trail from order_lines, rows", 392_692, trail.rowCount)
    list.equal("trail, customers", 4_338, try trail.grouping(by: ["customer_id"]).count)
    list.equal("trail, invoices", 18_532, try trail.grouping(by: ["order_id"]).count)
    let revenue = Double(units) / Double(powerOfTen(amount.type.scale))
    list.equal("trail, revenue", 8_887_208.89, revenue, places: 2)
    let histories = try PurchaseHistories(
      orderLines: trail,
      returnMatches: nil,
      productsOnly: false
    )
    guard let day = CivilDate("2011-12-10") else { return }
    let table = CustomerFeatures.table(histories, asOf: [day])
    list.equal("RFM customers", 4_338, table.rowCount)
    let features = try FeatureMatrix(
      table,
      identifiedBy: "customer_id",
      features: ["days_since_last", "orders", "value_total"]
    )
    .transformed([.logOnePlus, .logOnePlus, .logOnePlus])
    let points = Standardization(features.matrix).encode(features.matrix)
    var assignments: [[Int]] = []
    for (k, inertia, iterations, sizes) in Self.expected {
      let start = points.gathering(rows: (0..<k).map { $0 * points.rowCount / k })
      let model = try KMeans(clusterCount: k, tolerance: 0).fit(points, initialCentroids: start)
      list.equal("k-means k=\(k), inertia", inertia, model.inertia, places: 6)
      list.equal("k-means k=\(k), iterations", iterations, model.iterations)
      list.equal("k-means k=\(k), sizes", "\(sizes)", "\(model.sizes)")
      assignments.append(model.assignment)
      let narrow = try KMeans(clusterCount: k, tolerance: 0, precision: .float32)
        .fit(points, initialCentroids: start)
      let different = zip(model.assignment, narrow.assignment).count { $0 != $1 }
      list.equal("k-means k=\(k), other labels in float32", 0, different)
      list.near("k-means k=\(k), inertia in float32", inertia, narrow.inertia, relative: 1e-6)
    }
    let scores = Silhouette().scores(points, assignments: assignments)
    for (i, score) in scores.enumerated() {
      list.equal(
        "k-means k=\(Self.expected[i].k), \(score.variant.rawValue)",
        Self.silhouettes[i],
        score.value,
        places: 4
      )
    }
    try checkSeeding(points, &list)
  }

  /// The best of 50 seedings of scikit-learn for each k, and the median of 20 single runs.
  ///
  /// - Source: mining.md §3.1; up to k = 7 the median is within 0.05 % of the best.
  static let seeded: [(k: Int, best: Double, median: Double)] = [
    (2, 6476.505178, 6476.505178 * 1.0005), (3, 4858.043601, 4858.043601 * 1.0005),
    (4, 3924.785428, 3924.785428 * 1.0005), (5, 3268.888577, 3268.888577 * 1.0005),
    (6, 2840.357255, 2840.357255 * 1.0005), (7, 2532.858043, 2532.858043 * 1.0005),
    (8, 2325.045647, 2335.69), (9, 2145.139191, 2164.02), (10, 1989.212608, 2001.75),
  ]

  private func checkSeeding(_ points: Matrix, _ list: inout CheckList) throws {
    for (k, best, median) in Self.seeded {
      let model = try KMeans(clusterCount: k, seedingCount: 50).fit(points)
      list.atMost("k-means k=\(k), best of 50 seedings", best * 1.005, model.inertia)
      let runs = try (0..<20)
        .map { seed in
          try KMeans(clusterCount: k, seedingCount: 1, seed: 1000 + UInt64(seed)).fit(points)
            .inertia
        }
      list.atMost("k-means k=\(k), median of 20 runs", median, Reductions.median(runs))
    }
  }

  /// The rows of the published trail: a known customer, all kinds but adjustments, nothing netted.
  static func trail(_ lines: Table) throws -> Table {
    let customer = try lines.requiredColumn("customer_id")
    let kind = try lines.requiredColumn("kind")
    let isAdjustment = kind.dictionary.texts.map { $0 == "adjustment" }
    let kinds = kind.codes
    return lines.filtered(
      (0..<lines.rowCount).map { !customer.isMissing($0) && !isAdjustment[Int(kinds[$0])] }
    )
  }
}
