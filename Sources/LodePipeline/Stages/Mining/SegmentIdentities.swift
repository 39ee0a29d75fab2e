internal import LodeColumns
internal import LodeMining
internal import LodeNumerics
internal import LodeRuntime

/// The numbers of this run's segments, and where customers came from.
struct SegmentIdentities: Sendable {
  /// How the earlier segment of a customer is known.
  enum Basis: String, Sendable {
    /// The customer's segment in the last run.
    case lastSegments = "last_segments"
    /// Where the last run's centroids would put the customer now.
    case lastCentroids = "last_centroids"
  }

  /// The model in the order of its numbers.
  let model: KMeans.Model
  /// The number of each cluster of the model, rising.
  let numbers: [Int]
  /// The earlier number of each customer, nil for a new one and in the first run.
  let previous: [Int?]
  /// The earlier run; nil in the first.
  let last: SegmentHistory.Run?
  let basis: Basis?

  /// Pairs a model with the last run, or numbers it by falling value where there is none.
  ///
  /// - Parameters:
  ///   - model: the clusters of this run.
  ///   - transformed: its points before they were standardised.
  ///   - scaling: how they were.
  ///   - values: what each customer spent.
  ///   - labels: the customers' numbers in the last run, where they are known.
  ///   - history: the runs so far.
  ///   - selection: the features.
  init(
    _ model: KMeans.Model,
    transformed: Matrix,
    scaling: Standardization,
    values: [Double],
    labels: [Int?]?,
    history: SegmentHistory,
    selection: FeatureSelection
  ) {
    let byValue = model.reordered(Self.byValue(model, values))
    let first = history.highestNumber
    guard let last = history.lastRun(selection) else {
      self.model = byValue
      numbers = (0..<model.clusterCount).map { first + $0 + 1 }
      previous = Array(repeating: nil, count: transformed.rowCount)
      (self.last, basis) = (nil, nil)
      return
    }
    let placeOfNumber = Dictionary(
      uniqueKeysWithValues: last.numbers.enumerated().map { ($1, $0) }
    )
    let known = labels.map { $0.map { $0.flatMap { placeOfNumber[$0] } } }
    let hasLabels = known?.contains { $0 != nil } ?? false
    let places = hasLabels ? known ?? [] : last.places(of: transformed)
    let transitions = ClusterTransitions(
      previous: places,
      current: byValue.assignment,
      previousCount: last.numbers.count,
      currentCount: byValue.clusterCount
    )
    let numbers = transitions.numbers(
      partners: ClusterMatching.partners(
        previous: scaling.encode(last.transformedCentroids),
        current: byValue.centroids
      ),
      previousNumbers: last.numbers,
      highestNumber: first
    )
    let order = numbers.indices.sorted { numbers[$0] < numbers[$1] }
    self.model = byValue.reordered(order)
    self.numbers = order.map { numbers[$0] }
    previous = places.map { $0.map { last.numbers[$0] } }
    self.last = last
    basis = hasLabels ? .lastSegments : .lastCentroids
  }

  /// The last run's segment of each customer; missing where only its centroids are known.
  var previousSegments: Column {
    let known = basis == .lastSegments ? previous : Array(repeating: nil, count: previous.count)
    return Column(
      type: .integer,
      storage: .integers(known.map { Int64($0 ?? 0) }),
      validity: known.map { $0 != nil }
    )
  }

  /// One row a pair of segments with customers: from, to, customers, share of the former.
  var transitions: Table {
    let to = model.assignment.map { numbers[$0] }
    var counts: [[Int]: Int] = [:]
    var totals: [Int: Int] = [:]
    if last != nil {
      for (from, to) in zip(previous, to) {
        // 0 stands for no earlier segment.
        counts[[from ?? 0, to], default: 0] += 1
        totals[from ?? 0, default: 0] += 1
      }
    }
    let pairs = counts.keys.sorted { ($0[0], $0[1]) < ($1[0], $1[1]) }
    let days = last.map { Int64($0.asOf.daysSinceEpoch) } ?? 0
    return Table([
      "previous_as_of": Column(.date, integers: pairs.map { _ in days }),
      "basis": Column(texts: pairs.map { _ in basis?.rawValue ?? "" }),
      "from": Column(
        type: .integer,
        storage: .integers(pairs.map { Int64($0[0]) }),
        validity: pairs.map { $0[0] > 0 }
      ),
      "to": Column(integers: pairs.map { Int64($0[1]) }),
      "customers": Column(integers: pairs.map { Int64(counts[$0] ?? 0) }),
      "share": Column(
        doubles: pairs.map { Double(counts[$0] ?? 0) / Double(totals[$0[0]] ?? 1) }
      ),
    ])
  }

  /// What changed against the last run, in words; nil in the first.
  var finding: String? {
    guard let last else { return nil }
    let to = model.assignment.map { numbers[$0] }
    let stayed = zip(previous, to).count { $0 == $1 }
    let known = previous.count { $0 != nil }
    let share = (1000 * Double(stayed) / Double(max(known, 1))).rounded() / 10
    var text = "\(share) % of \(known) customers in the segment of \(last.asOf)"
    let new = numbers.filter { !last.numbers.contains($0) }
    let gone = last.numbers.filter { !numbers.contains($0) }
    if !new.isEmpty { text += ", new: \(new.map(String.init).joined(separator: ", "))" }
    if !gone.isEmpty { text += ", gone: \(gone.map(String.init).joined(separator: ", "))" }
    return text
  }

  /// The last run's segment of each customer, nil where the table does not tell it.
  ///
  /// A table of the same date is a run of today again: then its column `previous_segment` is what
  /// the segment was before it.
  static func labels(_ clusters: Table?, of customers: Table, before run: CivilDate?) -> [Int?]? {
    guard let clusters, let run, clusters.rowCount > 0,
      let ids = clusters.column("customer_id"), let days = clusters.column("as_of"),
      let today = customers.column("as_of")?.integers.first,
      let current = customers.column("customer_id")
    else { return nil }
    let day = days.integers[0]
    let isToday = day == today
    guard day == Int64(run.daysSinceEpoch) || isToday,
      let segments = clusters.column(isToday ? "previous_segment" : "segment")
    else { return nil }
    let numbers = segments.integers
    var segmentOfCustomer: [String: Int] = [:]
    for row in 0..<clusters.rowCount where !segments.isMissing(row) {
      segmentOfCustomer[ids[row].description] = Int(numbers[row])
    }
    return (0..<customers.rowCount).map { segmentOfCustomer[current[$0].description] }
  }

  /// The clusters by falling mean value, so that segment 1 of the first run is worth most.
  private static func byValue(_ model: KMeans.Model, _ values: [Double]) -> [Int] {
    var sums = [Double](repeating: 0, count: model.clusterCount)
    for (row, cluster) in model.assignment.enumerated() { sums[cluster] += values[row] }
    let sizes = model.sizes
    let means = sums.indices.map { sums[$0] / Double(max(sizes[$0], 1)) }
    return means.indices.sorted { (means[$1], $0) < (means[$0], $1) }
  }
}
