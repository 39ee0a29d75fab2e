internal import LodeColumns

/// How often each customer of a shard chose what, before a date.
public struct PreferenceCounts: Sendable {
  /// What is chosen.
  public enum Subject: Sendable, Hashable, CaseIterable {
    /// The channel of an order.
    case channel
    /// The category of a line.
    case category
  }

  /// The customers in byte order of their ids.
  public let customers: [String]
  /// The names of the options, in byte order.
  public let names: [String]
  /// Where the entries of each customer begin, and one more.
  private var starts: [Int] = [0]
  private var entries: [(option: Int32, count: Int32)] = []

  /// The choices in purchase histories; lines without a channel or category are left out.
  public init(_ histories: PurchaseHistories, of subject: Subject) {
    customers = histories.customers
    let dictionary = subject == .channel ? histories.channelNames : histories.categoryNames
    let ranks = subject == .channel ? histories.channelRanks : histories.categoryRanks
    let codes = subject == .channel ? histories.lines.channels : histories.lines.categories
    var sorted = [String](repeating: "", count: dictionary.count)
    for code in ranks.indices { sorted[ranks[code]] = dictionary[code] }
    names = sorted
    var counts = [Int32](repeating: 0, count: dictionary.count)
    var seen: Set<Int64> = []
    for customer in 0..<histories.customerCount {
      seen.removeAll(keepingCapacity: true)
      for index in histories.lines.range(of: customer) where codes[index] >= 0 {
        let option = ranks[Int(codes[index])]
        if subject == .channel {
          // An order counts once a channel, however many lines it has.
          let key = Int64(histories.lines.orders[index]) << 32 | Int64(option)
          guard seen.insert(key).inserted else { continue }
        }
        counts[option] += 1
      }
      for option in counts.indices where counts[option] > 0 {
        entries.append((Int32(option), counts[option]))
        counts[option] = 0
      }
      starts.append(entries.count)
    }
  }

  /// The options that a customer chose, with how often.
  public func choices(of customer: Int) -> [(option: Int, count: Int)] {
    entries[starts[customer]..<starts[customer + 1]].map { (Int($0.option), Int($0.count)) }
  }

  /// The shares of all customers, the options numbered as in a longer list of names.
  ///
  /// - Parameter allNames: names of options, those of this shard among them.
  /// - Returns: the shares over `allNames`.
  public func shares(over allNames: [String]) -> PreferenceShares {
    let places = places(in: allNames)
    var shares = PreferenceShares(optionCount: allNames.count)
    for customer in customers.indices {
      shares.add(choices(of: customer).map { (places[$0.option], $0.count) })
    }
    return shares
  }

  /// The place of each own option in a longer list of names; 0 for one that is not there.
  public func places(in allNames: [String]) -> [Int] {
    let places = Dictionary(uniqueKeysWithValues: allNames.enumerated().map { ($1, $0) })
    return names.map { places[$0] ?? 0 }
  }
}
