internal import LodeColumns
internal import LodeCustomer
internal import LodeMining
internal import LodeNumerics
internal import LodeRuntime

/// Says of each customer what the churn score rests on, in three phrases.
///
/// Groups of features are ordered by what they add to the log-odds against the mean customer: for
/// scores from a quarter on, first those that raise the risk; below, first those that lower it.
/// Each phrase says which it does.
struct ChurnReasons: Sendable {
  /// From this score on, what raises the risk is said first.
  private static let riskThreshold = 0.25
  /// What phrases speak of, beside the features themselves.
  static let factColumns = [
    "days_since_last", "gap_ratio", "orders", "value_91d", "value_previous_91d",
    "basket_products", "age_days",
  ]

  private let count: Int
  private let currency: String
  /// The features of the model.
  private let features: [String]
  /// The median of each fact over all customers.
  private let typical: [String: Double]

  /// - Parameters:
  ///   - shards: the customers in their own units.
  ///   - features: the features of the model.
  ///   - count: how many reasons to give, at most 3.
  ///   - currency: the currency of money features.
  /// - Throws: a diagnostic for a missing column.
  init(_ shards: [Table], features: [String], count: Int, currency: String) throws {
    self.count = count
    self.currency = currency
    self.features = features
    let names = features + Self.factColumns.filter { !features.contains($0) }
    let medians = try Parallel.map(names.count) { (index: Int) throws -> Double in
      var values: [Double] = []
      for shard in shards {
        values += try shard.requiredColumn(names[index]).numbers().map { $0.isNaN ? 0 : $0 }
      }
      return values.isEmpty ? 0 : RadixSort.sorted(values)[values.count / 2]
    }
    typical = Dictionary(uniqueKeysWithValues: zip(names, medians))
  }

  /// The columns `reason_1` to `reason_3` of the customers of one shard.
  ///
  /// - Parameters:
  ///   - customers: their features in their own units.
  ///   - contributions: what each feature adds to the log-odds, a row a customer.
  ///   - probabilities: the churn scores.
  /// - Returns: three columns of text.
  /// - Throws: a diagnostic for a missing column.
  func columns(
    _ customers: Table,
    contributions: Matrix,
    probabilities: [Double]
  ) throws -> [Column] {
    let groups = features.map { ReasonGroups.group(of: $0) }
    var order: [String] = []
    for group in groups where group != "tenure" && !order.contains(group) { order.append(group) }
    let placeOf = groups.map { order.firstIndex(of: $0) ?? -1 }
    var writer = try PhraseWriter(order, customers, typical: typical, currency: currency)
    var codes = [[UInt32]](repeating: [], count: 3)
    let shown = min(count, order.count)
    var sums = [Double](repeating: 0, count: order.count)
    var ranked = Array(order.indices)
    for row in probabilities.indices {
      for place in sums.indices { sums[place] = 0 }
      contributions.withRow(row) { parts in
        for column in placeOf.indices where placeOf[column] >= 0 {
          sums[placeOf[column]] += parts[column]
        }
      }
      let sign = probabilities[row] >= Self.riskThreshold ? 1.0 : -1.0
      for place in ranked.indices { ranked[place] = place }
      ranked.sort { left, right in
        let (a, b) = (sums[left] * sign, sums[right] * sign)
        if (a > 0) != (b > 0) { return a > 0 }
        return abs(a) != abs(b) ? abs(a) > abs(b) : left < right
      }
      for place in 0..<shown {
        let group = ranked[place]
        codes[place]
          .append(
            writer.code(group, row: row, raises: sums[group] >= 0, column: place)
          )
      }
    }
    return (0..<3)
      .map { place in
        guard place < shown, !codes[place].isEmpty else {
          return Column(texts: probabilities.map { _ in nil })
        }
        return Column(
          type: .text,
          storage: .texts(codes: codes[place], dictionary: writer.dictionaries[place].build())
        )
      }
  }
}

/// Writes each phrase once: customers with the same facts share it.
private struct PhraseWriter {
  /// What a phrase depends on: the group, its facts as they are shown, and the direction.
  private struct Key: Hashable {
    let group: Int
    let first: Int64
    let second: Int64
    let raises: Bool
    let column: Int
  }

  private let groups: [String]
  /// The facts of each group, all cells.
  private let facts: [[(name: String, cells: [Double])]]
  private let typical: [String: Double]
  private let currency: String
  private var known: [Key: UInt32] = [:]
  /// The texts of each column.
  private(set) var dictionaries = (0..<3).map { _ in TextDictionaryBuilder() }

  init(
    _ groups: [String],
    _ customers: Table,
    typical: [String: Double],
    currency: String
  ) throws {
    self.groups = groups
    self.typical = typical
    self.currency = currency
    var facts: [[(name: String, cells: [Double])]] = []
    for group in groups {
      var cells: [(name: String, cells: [Double])] = []
      for name in Self.facts(of: group) {
        let values = try customers.requiredColumn(name).numbers()
        cells.append((name, values.map { $0.isNaN ? 0 : $0 }))
      }
      facts.append(cells)
    }
    self.facts = facts
  }

  /// The code of the phrase of a group of a customer in the dictionary of a column.
  mutating func code(_ group: Int, row: Int, raises: Bool, column: Int) -> UInt32 {
    let shown = facts[group]
    let key = Key(
      group: group,
      first: Self.rounded(shown[0].cells[row]),
      second: shown.count > 1 ? Self.rounded(shown[1].cells[row]) : 0,
      raises: raises,
      column: column
    )
    if let code = known[key] { return code }
    var values: ReasonGroups.Facts = [:]
    for (name, cells) in shown { values[name] = (cells[row], typical[name] ?? 0) }
    let phrase = ReasonGroups.phrase(for: groups[group], facts: values, currency: currency)
    let direction = raises ? "raises the risk" : "lowers the risk"
    let code = dictionaries[column].code(for: "\(phrase): \(direction)")
    known[key] = code
    return code
  }

  /// The facts that the phrase of a group shows.
  private static func facts(of group: String) -> [String] {
    switch group {
    case "recency": ["days_since_last", "gap_ratio"]
    case "frequency": ["orders"]
    case "spend": ["value_91d", "value_previous_91d"]
    case "basket": ["basket_products"]
    case "tenure": ["age_days"]
    default: [group]
    }
  }

  /// A fact as a phrase shows it: tenths below 100, with a mark for what is just not 0.
  private static func rounded(_ value: Double) -> Int64 {
    let limited = max(-1e15, min(1e15, value))
    let tenths =
      abs(limited) >= 100 ? limited.rounded() * 10 : (limited * 10).rounded()
    return Int64(tenths) * 4 + (value > 0 ? 1 : value < 0 ? 2 : 0)
  }
}
