internal import Glibc

/// What is known of customers from their first purchase on and never changes, as numbers.
///
/// Customers with equal numbers share a profile: models are fitted and predict by profile, so a few
/// levels of a channel cost little more than none.
public struct CustomerCovariates: Sendable, Hashable {
  /// The names of the covariates.
  public let names: [String]
  /// The different rows of numbers, in order of first occurrence.
  public let profiles: [[Double]]
  /// The profile of each customer; −1 where a number is not finite.
  public let profileOfCustomer: [Int32]

  /// The profiles of customers.
  ///
  /// - Parameters:
  ///   - names: the names of the covariates.
  ///   - rows: the numbers of each customer, in the order of the names; customers with one that is
  ///     not finite are left out like those with an impossible summary.
  /// - Precondition: every row has as many numbers as there are names.
  public init(names: [String], rows: [[Double]]) {
    self.names = names
    var places: [[UInt64]: Int32] = [:]
    var profiles: [[Double]] = []
    profileOfCustomer = rows.map { row in
      precondition(row.count == names.count, "\(row.count) numbers for \(names.count) covariates")
      guard row.allSatisfy(\.isFinite) else { return -1 }
      // Minus zero and zero are one number.
      let key = row.map { ($0 + 0).bitPattern }
      if let place = places[key] { return place }
      let place = Int32(truncatingIfNeeded: profiles.count)
      places[key] = place
      profiles.append(row)
      return place
    }
    self.profiles = profiles
  }

  /// Levels of columns as covariates: 1 where a customer has the level, else 0, and none for the
  /// largest level of each column, with which the others are compared.
  ///
  /// Levels beyond the largest ``mostLevels`` and those of fewer than ``leastShare`` of the
  /// customers or fewer than ``leastCustomers`` count together as `other`.
  ///
  /// - Parameter columns: a name with the level of each customer.
  public init(levelsOf columns: [(name: String, levels: [String])]) {
    self.init(
      levelsOf: columns.map { column in
        var places: [String: Int32] = [:]
        var texts: [String] = []
        let codes = column.levels.map { level in
          if let place = places[level] { return place }
          let place = Int32(truncatingIfNeeded: texts.count)
          places[level] = place
          texts.append(level)
          return place
        }
        return (column.name, texts, codes)
      }
    )
  }

  /// The same from different texts and the place of each customer's text among them.
  init(levelsOf columns: [(name: String, texts: [String], places: [Int32])]) {
    let customers = columns.first?.places.count ?? 0
    var names: [String] = []
    // A number for the levels of all columns of a customer, and what it stands for.
    var keys = [Int](repeating: 0, count: customers)
    var codings: [(ranks: [Int], first: Int, count: Int)] = []
    for column in columns {
      precondition(column.places.count == customers, "columns of different lengths")
      let (levels, levelOfText, base) = Self.kept(column.texts, column.places)
      let coded = levels.indices.filter { levels[$0] != base }
      var ranks = [Int](repeating: -1, count: levels.count)
      for (rank, level) in coded.enumerated() { ranks[level] = rank }
      codings.append((ranks, names.count, max(levels.count, 1)))
      names += coded.map { "\(column.name)=\(levels[$0])" }
      for (customer, text) in column.places.enumerated() {
        keys[customer] = keys[customer] * max(levels.count, 1) + levelOfText[Int(text)]
      }
    }
    var profiles: [[Double]] = []
    var places: [Int: Int32] = [:]
    profileOfCustomer = keys.map { key in
      if let place = places[key] { return place }
      var row = [Double](repeating: 0, count: names.count)
      var rest = key
      for (ranks, first, count) in codings.reversed() {
        let rank = ranks[rest % count]
        if rank >= 0 { row[first + rank] = 1 }
        rest /= count
      }
      places[key] = Int32(truncatingIfNeeded: profiles.count)
      profiles.append(row)
      return Int32(truncatingIfNeeded: profiles.count - 1)
    }
    (self.names, self.profiles) = (names, profiles)
  }

  /// The most levels of a column that stand for themselves.
  public static let mostLevels = 8
  /// The share of customers from which on a level stands for itself.
  public static let leastShare = 0.01
  /// The customers from which on a level stands for itself.
  public static let leastCustomers = 20
  /// The name of all other levels.
  public static let other = "other"

  /// The levels that stand for themselves in byte order, `other` behind them if there is one, the
  /// level of each text, and the largest level.
  private static func kept(
    _ texts: [String],
    _ places: [Int32]
  ) -> (levels: [String], levelOfText: [Int], base: String?) {
    var counts = [Int](repeating: 0, count: texts.count)
    for place in places { counts[Int(place)] += 1 }
    let least = max(leastCustomers, Int((leastShare * Double(places.count)).rounded(.up)))
    let large =
      texts.indices.filter { counts[$0] >= least && texts[$0] != other }
      .sorted {
        counts[$0] != counts[$1]
          ? counts[$0] > counts[$1] : texts[$0].utf8.lexicographicallyPrecedes(texts[$1].utf8)
      }
      .prefix(mostLevels)
    let order = large.sorted { texts[$0].utf8.lexicographicallyPrecedes(texts[$1].utf8) }
    var levels = order.map { texts[$0] }
    var levelOfText = [Int](repeating: levels.count, count: texts.count)
    for (level, text) in order.enumerated() { levelOfText[text] = level }
    let rest = places.count - large.reduce(0) { $0 + counts[$1] }
    if rest > 0 { levels.append(other) }
    guard let largest = large.first, counts[largest] >= rest else {
      return (levels, levelOfText, rest > 0 ? other : nil)
    }
    return (levels, levelOfText, texts[largest])
  }
}
