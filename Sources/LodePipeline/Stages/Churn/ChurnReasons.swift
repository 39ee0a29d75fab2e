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
  /// The median over all customers of each fact that a phrase sets beside the customer's own.
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
    let names =
      features.flatMap { PhraseWriter.typicalFacts(of: ReasonGroups.group(of: $0)) }
      .reduce(into: [String]()) { names, name in
        if !names.contains(name) { names.append(name) }
      }
    let medians = try Parallel.map(names.count) { (index: Int) throws -> Double in
      var values: [Double] = []
      for shard in shards {
        values += try shard.requiredColumn(names[index]).numbers().map { $0.isNaN ? 0 : $0 }
      }
      return values.isEmpty ? 0 : RadixSort.element(values.count / 2, of: values)
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
      Self.rank(
        &ranked,
        sums.span,
        sign: probabilities[row] >= Self.riskThreshold ? 1 : -1
      )
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

extension ChurnReasons {
  /// Orders groups by what they add, by insertion: those of the sign first, the largest first.
  private static func rank(_ groups: inout [Int], _ sums: Span<Double>, sign: Double) {
    var output = groups.mutableSpan
    for group in sums.indices {
      let own = sums[group] * sign
      var hole = group
      while hole > 0 {
        let other = sums[output[hole - 1]] * sign
        let isBefore = (own > 0) != (other > 0) ? own > 0 : abs(own) > abs(other)
        guard isBefore else { break }
        output[hole] = output[hole - 1]
        hole -= 1
      }
      output[hole] = group
    }
  }
}

/// Writes each phrase once: customers with the same facts share it.
private struct PhraseWriter {
  /// A group with the facts that its phrase shows.
  private struct Shown {
    let group: String
    let names: [String]
    /// All cells of the first fact.
    let first: [Double]
    /// All cells of the second fact; none where there is none.
    let second: [Double]
  }

  private let groups: [Shown]
  private let typical: [String: Double]
  private let currency: String
  /// The places of the phrases that are written already.
  private var known = PhraseCodes()
  /// The phrases.
  private var texts: [String] = []
  /// The code of each phrase in each column plus 1, 0 where the column does not have it.
  private var codes = [[UInt32]](repeating: [], count: 3)
  /// The texts of each column.
  private(set) var dictionaries = (0..<3).map { _ in TextDictionaryBuilder() }

  init(
    _ groups: [String],
    _ customers: Table,
    typical: [String: Double],
    currency: String
  ) throws {
    self.typical = typical
    self.currency = currency
    self.groups = try groups.map { group in
      let names = Self.facts(of: group)
      let cells = try names.map { name in
        try customers.requiredColumn(name).numbers().map { $0.isNaN ? 0 : $0 }
      }
      return Shown(
        group: group,
        names: names,
        first: cells[0],
        second: cells.count > 1 ? cells[1] : []
      )
    }
  }

  /// The code of the phrase of a group of a customer in the dictionary of a column.
  mutating func code(_ group: Int, row: Int, raises: Bool, column: Int) -> UInt32 {
    let key = PhraseCodes.Key(
      kind: Int64(group * 2 + (raises ? 1 : 0)),
      first: Self.rounded(groups[group].first[row]),
      second: groups[group].second.isEmpty ? 0 : Self.rounded(groups[group].second[row])
    )
    let place = known.code(of: key).map { Int($0) } ?? write(key, group, row, raises: raises)
    if codes[column][place] > 0 { return codes[column][place] - 1 }
    let code = dictionaries[column].code(for: texts[place])
    codes[column][place] = code + 1
    return code
  }

  /// Writes the phrase of a group of a customer; its place.
  private mutating func write(
    _ key: PhraseCodes.Key,
    _ group: Int,
    _ row: Int,
    raises: Bool
  ) -> Int {
    let shown = groups[group]
    var facts: ReasonGroups.Facts = [:]
    for (name, cells) in zip(shown.names, [shown.first, shown.second]) {
      facts[name] = (cells[row], typical[name] ?? 0)
    }
    let phrase = ReasonGroups.phrase(for: shown.group, facts: facts, currency: currency)
    let direction = raises ? "raises the risk" : "lowers the risk"
    known.insert(key, UInt32(truncatingIfNeeded: texts.count))
    texts.append("\(phrase): \(direction)")
    for column in codes.indices { codes[column].append(0) }
    return texts.count - 1
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

  /// Those of them that the phrase sets beside the median of all customers.
  static func typicalFacts(of group: String) -> [String] {
    switch group {
    case "recency": ["days_since_last"]
    case "spend": []
    default: facts(of: group)
    }
  }

  /// A fact as a phrase shows it: tenths below 100, with a mark for what is just not 0.
  private static func rounded(_ value: Double) -> Int64 {
    let limited = max(-1e15, min(1e15, value))
    let tenths = abs(limited) >= 100 ? nearest(limited) * 10 : nearest(limited * 10)
    return tenths * 4 + (value > 0 ? 1 : value < 0 ? 2 : 0)
  }

  /// The nearest whole number, half away from zero.
  @inline(__always)
  private static func nearest(_ number: Double) -> Int64 {
    let whole = Int64(number)
    let rest = number - Double(whole)
    return rest >= 0.5 ? whole + 1 : rest <= -0.5 ? whole - 1 : whole
  }
}

/// The codes of phrases by what they depend on: an open table, asked three times a customer.
private struct PhraseCodes {
  /// The group with the direction, and its facts as they are shown.
  struct Key: Equatable {
    let kind: Int64
    let first: Int64
    let second: Int64

    /// A number that spreads keys over a table; no result depends on it.
    var spread: UInt64 {
      var hash = UInt64(bitPattern: first) &* 0x9E37_79B9_7F4A_7C15
      hash = (hash ^ hash >> 32 ^ UInt64(bitPattern: second)) &* 0xD6E8_FEB8_6659_FD93
      hash = (hash ^ hash >> 32 ^ UInt64(bitPattern: kind)) &* 0x9E37_79B9_7F4A_7C15
      return hash ^ hash >> 29
    }
  }

  private var keys: [Key] = []
  private var codes: [UInt32] = []
  /// The place of a key plus 1, 0 where a slot is free; always more than half of them are.
  private var slots = [UInt32](repeating: 0, count: 1 << 10)

  /// The code of a key, nil if it is new.
  func code(of key: Key) -> UInt32? {
    let place = slots[slot(of: key)]
    return place == 0 ? nil : codes[Int(place) - 1]
  }

  /// Adds a new key.
  mutating func insert(_ key: Key, _ code: UInt32) {
    keys.append(key)
    codes.append(code)
    slots[slot(of: key)] = UInt32(keys.count)
    guard keys.count * 2 > slots.count else { return }
    slots = [UInt32](repeating: 0, count: slots.count * 2)
    for place in keys.indices { slots[slot(of: keys[place])] = UInt32(place + 1) }
  }

  /// Where a key is, or the free slot where it belongs.
  private func slot(of key: Key) -> Int {
    let mask = slots.count - 1
    var slot = Int(truncatingIfNeeded: key.spread) & mask
    while slots[slot] != 0, keys[Int(slots[slot]) - 1] != key { slot = (slot + 1) & mask }
    return slot
  }
}
