/// Equal summaries with how many customers each stands for.
///
/// Models are fitted and predict a group at a time: a million customers have about a hundred
/// thousand different summaries in days, and much fewer in weeks.
public struct PurchaseGroups: Sendable, Hashable {
  /// The different summaries, in order of first occurrence.
  public let summaries: [PurchaseSummary]
  /// How many customers each stands for.
  public let counts: [Double]
  /// The group of each customer; −1 for a summary with a flaw.
  public let groupOfCustomer: [Int32]
  /// The number of customers left out for a flaw.
  public let flawedCount: Int
  /// The different ages of the groups.
  let ages: DistinctTimes
  /// The different recencies of the groups.
  let recencies: DistinctTimes
  /// How many customers have each frequency, from 0.
  let frequencyCounts: [Double]
  /// The names of the covariates that the groups were made by; none without.
  public let covariateNames: [String]
  /// The groups of each profile of covariates, in the order of ``summaries``; none without.
  let cells: [Cell]

  /// Customers with equal covariates.
  struct Cell: Sendable, Hashable {
    /// Their covariates.
    let covariates: [Double]
    /// Themselves.
    let groups: PurchaseGroups
  }

  /// The number of customers that are not left out.
  public var customerCount: Double { counts.reduce(0, +) }

  /// Groups the summaries of customers.
  ///
  /// - Complexity: O(customers) expected.
  public init(_ customers: [PurchaseSummary]) {
    var table = SummaryTable(customerCount: customers.count)
    var groups = [Int32](repeating: -1, count: customers.count)
    var flawedCount = 0
    var looks = InlineArray<16, SummaryTable.Look>(repeating: .none)
    for start in stride(from: 0, to: customers.count, by: 16) {
      let end = min(start + 16, customers.count)
      // All looks of a block first: the machine then waits for memory once, not 16 times.
      for place in start..<end { looks[place - start] = table.look(customers[place]) }
      for place in start..<end {
        if looks[place - start].isSound {
          groups[place] = table.group(of: customers[place], looks[place - start])
        } else {
          flawedCount += 1
        }
      }
    }
    // Apart from the search, so that one wait for memory does not follow on another.
    var counts = [Double](repeating: 0, count: table.summaries.count)
    for group in groups where group >= 0 { counts[Int(group)] += 1 }
    self.init(table.summaries, counts, groups, flawedCount)
  }

  /// The groups with other counts, as of a resample.
  init(_ groups: PurchaseGroups, counts: [Double]) {
    summaries = groups.summaries
    self.counts = counts
    groupOfCustomer = []
    flawedCount = 0
    ages = groups.ages
    recencies = groups.recencies
    frequencyCounts = Self.frequencies(groups.summaries, counts)
    covariateNames = groups.covariateNames
    var start = 0
    cells = groups.cells.map { cell in
      let end = start + cell.groups.counts.count
      defer { start = end }
      let own = PurchaseGroups(cell.groups, counts: Array(counts[start..<end]))
      return Cell(covariates: cell.covariates, groups: own)
    }
  }

  /// Groups customers by what they did and by their covariates.
  ///
  /// - Parameters:
  ///   - customers: what each customer did.
  ///   - covariates: what else is known of each.
  /// - Complexity: O(customers) expected; a likelihood is added up by profile of covariates, so
  ///   numbers that differ between all customers cost as much as no grouping at all.
  public init(_ customers: [PurchaseSummary], _ covariates: CustomerCovariates) {
    precondition(
      covariates.profileOfCustomer.count == customers.count,
      "covariates of \(covariates.profileOfCustomer.count) customers for \(customers.count)"
    )
    guard !covariates.names.isEmpty else {
      self.init(customers)
      return
    }
    var members = [[Int]](repeating: [], count: covariates.profiles.count)
    var flawedCount = 0
    for (customer, profile) in covariates.profileOfCustomer.enumerated() {
      if profile < 0 { flawedCount += 1 } else { members[Int(profile)].append(customer) }
    }
    var groupOfCustomer = [Int32](repeating: -1, count: customers.count)
    var (summaries, counts, cells) = ([PurchaseSummary](), [Double](), [Cell]())
    for (profile, places) in members.enumerated() {
      let own = PurchaseGroups(places.map { customers[$0] })
      let first = Int32(truncatingIfNeeded: summaries.count)
      for (place, group) in zip(places, own.groupOfCustomer) where group >= 0 {
        groupOfCustomer[place] = first + group
      }
      summaries += own.summaries
      counts += own.counts
      flawedCount += own.flawedCount
      cells.append(Cell(covariates: covariates.profiles[profile], groups: own))
    }
    self.init(summaries, counts, groupOfCustomer, flawedCount, covariates.names, cells)
  }

  private init(
    _ summaries: [PurchaseSummary],
    _ counts: [Double],
    _ groupOfCustomer: [Int32],
    _ flawedCount: Int,
    _ covariateNames: [String] = [],
    _ cells: [Cell] = []
  ) {
    (self.covariateNames, self.cells) = (covariateNames, cells)
    self.summaries = summaries
    self.counts = counts
    self.groupOfCustomer = groupOfCustomer
    self.flawedCount = flawedCount
    ages = DistinctTimes(summaries.map(\.age))
    recencies = DistinctTimes(summaries.map(\.recency))
    frequencyCounts = Self.frequencies(summaries, counts)
  }

  private static func frequencies(_ summaries: [PurchaseSummary], _ counts: [Double]) -> [Double] {
    var sums = [Double](repeating: 0, count: 1 + (summaries.map(\.frequency).max() ?? 0))
    for (summary, count) in zip(summaries, counts) { sums[summary.frequency] += count }
    return sums
  }

  /// From this number of customers on a fit starts where that of a sample ended.
  private static let largeCount = 100_000

  /// The decrement from which on a step of a fit is the last.
  ///
  /// Of many customers the parameters are then known to a few millionths of their errors, and the
  /// errors to as many of their own size; with few the curvature changes more within one step.
  var lastStep: Double { customerCount >= Double(Self.largeCount) ? 1e-7 : 0 }

  /// One customer in 64, for the start of a fit; nil where there are few.
  func sample() -> PurchaseGroups? {
    guard groupOfCustomer.count >= Self.largeCount else { return nil }
    var chosen = [Double](repeating: 0, count: summaries.count)
    for place in stride(from: 0, to: groupOfCustomer.count, by: 64)
    where groupOfCustomer[place] >= 0 {
      chosen[Int(groupOfCustomer[place])] += 1
    }
    let kept = chosen.indices.filter { chosen[$0] > 0 }
    return PurchaseGroups(kept.map { summaries[$0] }, kept.map { chosen[$0] }, [], 0)
  }
}

/// Finds equal summaries: one look into memory a customer where times are whole days.
private struct SummaryTable {
  private(set) var summaries: [PurchaseSummary] = []
  /// The key of each slot above the 24 bits of its group and one; 0 for a free slot.
  private var slots: [UInt64]
  private var mask: Int

  /// Room for the groups of about as many customers.
  init(customerCount: Int) {
    var size = 1024
    while size < min(customerCount / 2, 1 << 19) { size *= 2 }
    slots = Array(repeating: 0, count: size)
    mask = size - 1
    // Room that stays empty costs no memory; moving to a larger place does.
    summaries.reserveCapacity(min(customerCount, size * 2 / 3))
  }

  /// The key of a summary and what lay in the first slot for it.
  struct Look {
    static let none = Look(key: 0, entry: 0, isExact: false, isSound: false)

    let key: UInt64
    let entry: UInt64
    let isExact: Bool
    let isSound: Bool
  }

  /// Looks into the first slot for a summary.
  func look(_ summary: PurchaseSummary) -> Look {
    guard summary.isSound else { return .none }
    let (key, isExact) = Self.key(summary)
    return Look(
      key: key,
      entry: slots[Self.place(key) & mask],
      isExact: isExact,
      isSound: true
    )
  }

  /// The group of a summary, a new one if need be.
  mutating func group(of summary: PurchaseSummary, _ look: Look) -> Int32 {
    let (key, isExact) = (look.key, look.isExact)
    // An entry keeps its group for good, even if it was moved to another slot since.
    if look.entry >> 24 == key, look.entry != 0, isExact {
      return Int32(truncatingIfNeeded: Int(look.entry & 0xFF_FFFF) - 1)
    }
    var slot = Self.place(key) & mask
    while true {
      let entry = slots[slot]
      if entry == 0 { break }
      if entry >> 24 == key {
        let group = Int(entry & 0xFF_FFFF) - 1
        if isExact || summaries[group] == summary {
          return Int32(truncatingIfNeeded: group)
        }
      }
      slot = (slot + 1) & mask
    }
    let group = summaries.count
    precondition(group < 0xFF_FFFF, "more than 16 million different customers")
    slots[slot] = key << 24 | UInt64(group + 1)
    summaries.append(summary)
    if summaries.count * 3 > slots.count * 2 { grow() }
    return Int32(truncatingIfNeeded: group)
  }

  /// A key of 40 bits that only equal summaries share if it is exact.
  ///
  /// Whole days, and days divided by seven, are numbers of 13 bits, frequencies of 12; all else is
  /// hashed. The top two bits keep the three apart.
  private static func key(_ summary: PurchaseSummary) -> (key: UInt64, isExact: Bool) {
    let (recency, age, frequency) = (summary.recency, summary.age, summary.frequency)
    if frequency < 4096, age < 1000 {
      if let key = key(recency, age, of: 1) { return (key | UInt64(frequency) << 26, true) }
      if let key = key(recency * 7, age * 7, of: 7, recency, age) {
        return (key | UInt64(frequency) << 26 | 1 << 38, true)
      }
    } else if frequency < 4096, age < 8192, let key = key(recency, age, of: 1) {
      return (key | UInt64(frequency) << 26, true)
    }
    var hash = UInt64(bitPattern: Int64(frequency)) &* 0x9E37_79B9_7F4A_7C15
    hash = (hash ^ (recency + 0).bitPattern) &* 0xD6E8_FEB8_6659_FD93
    hash ^= hash >> 32
    hash = (hash ^ (age + 0).bitPattern) &* 0x9E37_79B9_7F4A_7C15
    return (hash >> 26 | 2 << 38, false)
  }

  /// The two times as whole numbers; nil where they are none.
  @inline(__always)
  private static func key(
    _ recency: Double,
    _ age: Double,
    of length: Double,
    _ ownRecency: Double? = nil,
    _ ownAge: Double? = nil
  ) -> UInt64? {
    let (last, end) = (Int(recency + 0.5), Int(age + 0.5))
    let isWhole =
      Double(last) / length == ownRecency ?? recency && Double(end) / length == ownAge ?? age
    return isWhole ? UInt64(last) << 13 | UInt64(end) : nil
  }

  private static func place(_ key: UInt64) -> Int {
    Int(truncatingIfNeeded: (key &* 0x9E37_79B9_7F4A_7C15) >> 36)
  }

  private mutating func grow() {
    let old = slots
    slots = Array(repeating: 0, count: old.count * 2)
    mask = slots.count - 1
    for entry in old where entry != 0 {
      var slot = Self.place(entry >> 24) & mask
      while slots[slot] != 0 { slot = (slot + 1) & mask }
      slots[slot] = entry
    }
  }
}

/// The different values among the times of groups, so that logarithms are taken once for each.
struct DistinctTimes: Sendable, Hashable {
  /// The different values, in order of first occurrence.
  let values: [Double]
  /// The place of each group's value among them.
  let places: [Int32]

  init(_ times: [Double]) {
    var values: [Double] = []
    var places: [Int32] = []
    places.reserveCapacity(times.count)
    var slots = [Int32](repeating: -1, count: 4096)
    func place(_ time: Double) -> Int {
      let mixed = ((time + 0).bitPattern ^ (time + 0).bitPattern >> 31) &* 0x9E37_79B9_7F4A_7C15
      return Int(truncatingIfNeeded: mixed >> 30) & (slots.count - 1)
    }
    for time in times {
      var slot = place(time)
      while slots[slot] >= 0, values[Int(slots[slot])] != time {
        slot = (slot + 1) & (slots.count - 1)
      }
      if slots[slot] < 0 {
        slots[slot] = Int32(truncatingIfNeeded: values.count)
        values.append(time)
      }
      places.append(slots[slot])
      guard values.count * 2 > slots.count else { continue }
      slots = Array(repeating: -1, count: slots.count * 4)
      for (index, value) in values.enumerated() {
        var slot = place(value)
        while slots[slot] >= 0 { slot = (slot + 1) & (slots.count - 1) }
        slots[slot] = Int32(truncatingIfNeeded: index)
      }
    }
    self.values = values
    self.places = places
  }

  /// A time with something added, its logarithm and its inverse.
  struct Shifted: Sendable {
    let logarithm: Double
    let inverse: Double
  }

  /// All values with something added.
  func shifted(by start: Double) -> [Shifted] {
    values.map { Shifted(logarithm: naturalLogarithm(start + $0), inverse: 1 / (start + $0)) }
  }
}
