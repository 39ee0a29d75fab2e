internal import LodeRuntime

/// Finds all sets of items that occur together in enough baskets (Eclat, exact).
///
/// - Input: ``Baskets``, `n` of them.
/// - Output: itemsets with their exact counts, by length, then by item codes.
/// - Determinism: exact integers; the same answer on any thread count.
/// - Complexity: one intersection of two basket lists per candidate set.
/// - Source: Zaki (2000), "Scalable algorithms for association mining", IEEE TKDE.
/// - Agrees with: arules `apriori`/`eclat` on the Groceries counts.
public struct FrequentItemsets: Sendable, Hashable, Codable {
  /// The least share of baskets that must hold a set, above 0 up to 1.
  ///
  /// The least count is the ceiling of share × baskets, computed exactly on the shortest decimal
  /// text of the share, so that 0.1 of 30 baskets is 3.
  public var minimumSupport: Double
  /// The most items in a set; nil for no limit.
  public var maximumLength: Int?
  /// The most sets to find; one more stops the run with an error.
  public var maximumCount: Int
  /// The most memory in bytes for the lists of baskets of single items.
  public var memoryBudgetInBytes: Int

  /// A configuration.
  public init(
    minimumSupport: Double,
    maximumLength: Int? = nil,
    maximumCount: Int = 1_000_000,
    memoryBudgetInBytes: Int = 1 << 30
  ) {
    self.minimumSupport = minimumSupport
    self.maximumLength = maximumLength
    self.maximumCount = maximumCount
    self.memoryBudgetInBytes = memoryBudgetInBytes
  }

  /// A set of items and how many baskets hold it.
  public struct Itemset: Sendable, Hashable, Codable {
    /// Item codes, ascending.
    public let items: [Int32]
    /// The baskets that hold all of them.
    public let count: Int
  }

  /// The frequent sets of some baskets.
  public struct Model: Sendable, Hashable, Codable {
    /// The names of all items; a code is a place here.
    public let itemNames: [String]
    /// The number of baskets.
    public let basketCount: Int
    /// The least count of a set.
    public let minimumCount: Int
    /// The sets, by length, then by codes.
    public let itemsets: [Itemset]
  }

  /// Why a search was refused or stopped.
  public enum FitError: Error, Hashable, Sendable, CustomStringConvertible {
    /// The configuration makes no sense.
    case badConfiguration(reason: String)
    /// There are no baskets.
    case noBaskets
    /// More sets than allowed are frequent; nothing is returned, since it would be incomplete.
    case tooManyItemsets(maximum: Int, minimumCount: Int)
    /// The basket lists of single items would not fit the memory budget.
    case overMemoryBudget(neededInBytes: Int, budgetInBytes: Int)

    /// What happened, and how to fix it.
    public var description: String {
      switch self {
      case .badConfiguration(let reason): "the basket search cannot run: \(reason)."
      case .noBaskets: "there are no baskets to search."
      case .tooManyItemsets(let maximum, let minimumCount):
        "more than \(maximum) sets of items occur in at least \(minimumCount) baskets; raise the "
          + "minimum support or limit the length of sets."
      case .overMemoryBudget(let needed, let budget):
        "the frequent items need \(needed) bytes of basket lists, more than the budget of "
          + "\(budget); raise the minimum support or the budget."
      }
    }
  }

  /// All frequent sets of `baskets`.
  ///
  /// - Throws: ``FitError``; a search over its budget throws and never returns part of the answer.
  public func fit(_ baskets: Baskets) throws(FitError) -> Model {
    guard minimumSupport > 0, minimumSupport <= 1, maximumCount >= 1, maximumLength ?? 1 >= 1
    else {
      throw .badConfiguration(
        reason: "minimum support \(minimumSupport), maximum count \(maximumCount) or maximum "
          + "length is out of range"
      )
    }
    guard baskets.count > 0 else { throw .noBaskets }
    let minimumCount = max(1, Self.threshold(minimumSupport, of: baskets.count))
    let roots = try frequentItems(baskets, minimumCount)
    let search = EclatSearch(
      roots: roots,
      minimumCount: minimumCount,
      maximumLength: maximumLength ?? Int.max
    )
    var itemsets: [Itemset] = []
    let waveSize = 32
    for start in stride(from: 0, to: roots.count, by: waveSize) {
      let budget = maximumCount - itemsets.count
      let wave = Parallel.map(min(waveSize, roots.count - start)) { place in
        search.itemsets(from: start + place, limit: budget)
      }
      itemsets += wave.joined()
      guard itemsets.count <= maximumCount else {
        throw .tooManyItemsets(maximum: maximumCount, minimumCount: minimumCount)
      }
    }
    itemsets.sort {
      $0.items.count != $1.items.count
        ? $0.items.count < $1.items.count : $0.items.lexicographicallyPrecedes($1.items)
    }
    return Model(
      itemNames: baskets.itemNames,
      basketCount: baskets.count,
      minimumCount: minimumCount,
      itemsets: itemsets
    )
  }

  /// ⌈share · count⌉ on the shortest decimal text of the share, exactly.
  static func threshold(_ share: Double, of count: Int) -> Int {
    let parts = "\(share)".split(separator: "e")
    let mantissa = parts[0].split(separator: ".", omittingEmptySubsequences: false)
    let fraction = mantissa.count > 1 ? String(mantissa[1]) : ""
    let exponent = (parts.count > 1 ? Int(parts[1]) ?? 0 : 0) - fraction.count
    guard exponent <= 0, exponent >= -30, let digits = Int128(String(mantissa[0]) + fraction) else {
      return Int((share * Double(count)).rounded(.up))
    }
    var divisor: Int128 = 1
    for _ in 0..<(-exponent) { divisor *= 10 }
    let (product, overflows) = digits.multipliedReportingOverflow(by: Int128(count))
    guard !overflows else { return Int((share * Double(count)).rounded(.up)) }
    return Int((product + divisor - 1) / divisor)
  }

  /// The frequent items with their baskets, rarest first (few candidates early).
  private func frequentItems(
    _ baskets: Baskets,
    _ minimumCount: Int
  ) throws(FitError) -> [EclatSearch.Member] {
    var counts = [Int](repeating: 0, count: baskets.itemNames.count)
    for item in baskets.items { counts[Int(item)] += 1 }
    let frequent = counts.indices.filter { counts[$0] >= minimumCount }
    let bitmapBytes = frequent.count * ((baskets.count + 63) / 64) * 8
    let listBytes = frequent.reduce(0) { $0 + counts[$1] * 4 }
    let needed = min(bitmapBytes, listBytes)
    guard needed <= memoryBudgetInBytes else {
      throw .overMemoryBudget(neededInBytes: needed, budgetInBytes: memoryBudgetInBytes)
    }
    var places = [Int](repeating: -1, count: counts.count)
    for (place, item) in frequent.enumerated() { places[item] = place }
    var lists = frequent.map { item in
      var list: [Int32] = []
      list.reserveCapacity(counts[item])
      return list
    }
    for basket in 0..<baskets.count {
      for item in baskets.items[baskets.offsets[basket]..<baskets.offsets[basket + 1]]
      where places[Int(item)] >= 0 { lists[places[Int(item)]].append(Int32(basket)) }
    }
    let usesBitmaps =
      bitmapBytes <= max(listBytes * 4, 1 << 20) && bitmapBytes <= memoryBudgetInBytes
    let members = frequent.enumerated()
      .map { place, item in
        EclatSearch.Member(
          item: Int32(item),
          count: counts[item],
          baskets: usesBitmaps
            ? .bitmap(bitmap(of: lists[place], basketCount: baskets.count)) : .list(lists[place])
        )
      }
    return members.sorted { ($0.count, $0.item) < ($1.count, $1.item) }
  }
}

/// The bits of the listed baskets, 64 a word.
private func bitmap(of list: [Int32], basketCount: Int) -> [UInt64] {
  var words = [UInt64](repeating: 0, count: (basketCount + 63) / 64)
  for basket in list { words[Int(basket) >> 6] |= 1 << UInt64(basket & 63) }
  return words
}
