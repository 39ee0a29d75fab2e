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
    let customers = columns.first?.levels.count ?? 0
    var names: [String] = []
    var codes: [(codes: [Int], first: Int)] = []
    for column in columns {
      precondition(column.levels.count == customers, "columns of different lengths")
      let (levels, base) = Self.kept(column.levels)
      var place: [String: Int] = [:]
      for (index, level) in levels.enumerated() { place[level] = index }
      let rest = levels.contains(Self.other) ? place[Self.other] ?? 0 : levels.count
      let columnCodes = column.levels.map { place[$0] ?? rest }
      let coded = levels.indices.filter { levels[$0] != base }
      var rank = [Int](repeating: -1, count: levels.count + 1)
      for (index, level) in coded.enumerated() { rank[level] = index }
      codes.append((columnCodes.map { rank[$0] }, names.count))
      names += coded.map { "\(column.name)=\(levels[$0])" }
    }
    let width = names.count
    self.init(
      names: names,
      rows: (0..<customers)
        .map { customer in
          var row = [Double](repeating: 0, count: width)
          for (codes, first) in codes where codes[customer] >= 0 {
            row[first + codes[customer]] = 1
          }
          return row
        }
    )
  }

  /// The most levels of a column that stand for themselves.
  public static let mostLevels = 8
  /// The share of customers from which on a level stands for itself.
  public static let leastShare = 0.01
  /// The customers from which on a level stands for itself.
  public static let leastCustomers = 20
  /// The name of all other levels.
  public static let other = "other"

  /// The levels that stand for themselves in byte order, `other` behind them if there is one, and
  /// the largest of all.
  private static func kept(_ levels: [String]) -> (levels: [String], base: String?) {
    var counts: [String: Int] = [:]
    for level in levels { counts[level, default: 0] += 1 }
    let least = max(leastCustomers, Int((leastShare * Double(levels.count)).rounded(.up)))
    let order = counts.sorted {
      $0.value != $1.value
        ? $0.value > $1.value : $0.key.utf8.lexicographicallyPrecedes($1.key.utf8)
    }
    let large = order.filter { $0.value >= least && $0.key != other }.prefix(mostLevels)
    var kept = large.map(\.key).sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) }
    let rest = levels.count - large.reduce(0) { $0 + $1.value }
    if rest > 0 { kept.append(other) }
    let base = (large.first?.value ?? 0) >= rest ? large.first?.key : other
    return (kept, base)
  }
}
