internal import LodeColumns
internal import LodeCustomer
internal import LodeMining

/// Says of each customer what the churn score rests on, in three phrases.
///
/// Groups of features are ordered by what they add to the log-odds against the mean customer: for
/// scores from a quarter on, first those that raise the risk; below, first those that lower it.
/// Each phrase says which it does.
struct ChurnReasons {
  /// From this score on, what raises the risk is said first.
  private static let riskThreshold = 0.25

  private let facts: [ReasonGroups.Facts]
  private let count: Int
  private let currency: String

  /// - Parameters:
  ///   - customers: the features of the customers in their own units.
  ///   - count: how many reasons to give, at most 3.
  ///   - currency: the currency of money features.
  init(_ customers: Table, count: Int, currency: String) {
    self.count = count
    self.currency = currency
    var facts = [ReasonGroups.Facts](repeating: [:], count: customers.rowCount)
    for field in customers.schema.fields {
      guard field.type != .text, field.type != .date,
        let column = customers.column(field.name)
      else { continue }
      let values = column.numbers().map { $0.isNaN ? 0 : $0 }
      let typical = values.sorted()[values.count / 2]
      for (row, value) in values.enumerated() { facts[row][field.name] = (value, typical) }
    }
    self.facts = facts
  }

  /// The columns `reason_1` to `reason_3`.
  func columns(
    _ model: ChurnModel,
    _ features: FeatureMatrix,
    _ probabilities: [Double]
  ) -> [Column] {
    let groups = features.featureNames.map { ReasonGroups.group(of: $0) }
    var order: [String] = []
    for group in groups where !order.contains(group) { order.append(group) }
    var reasons = (0..<3).map { _ in ColumnBuilder(.text) }
    for row in probabilities.indices {
      let parts = model.contributions(features, row: row)
      let sums = order.map { group in
        zip(groups, parts).reduce(0.0) { $0 + ($1.0 == group ? $1.1 : 0) }
      }
      let sign = probabilities[row] >= Self.riskThreshold ? 1.0 : -1.0
      let ranked = sums.indices
        .filter { order[$0] != "tenure" }
        .sorted { left, right in
          let (a, b) = (sums[left] * sign, sums[right] * sign)
          if (a > 0) != (b > 0) { return a > 0 }
          return abs(a) != abs(b) ? abs(a) > abs(b) : left < right
        }
      for place in 0..<3 {
        guard place < count, place < ranked.count else {
          reasons[place].appendMissing()
          continue
        }
        let group = order[ranked[place]]
        let direction = sums[ranked[place]] >= 0 ? "raises the risk" : "lowers the risk"
        let phrase = ReasonGroups.phrase(for: group, facts: facts[row], currency: currency)
        reasons[place].append(text: "\(phrase): \(direction)")
      }
    }
    return reasons.map { $0.build() }
  }
}
