/// Value tiers with fixed cut points: every customer is in exactly one.
public struct ValueTiers: Hashable, Sendable, Codable {
  /// Why tiers were refused.
  public enum DefinitionError: Error, Hashable, Sendable {
    /// There must be one name more than cut points.
    case countsDiffer(names: Int, cuts: Int)
    /// Cut points must fall.
    case cutsDoNotFall
    /// Names must differ.
    case namesRepeat
  }

  /// The names, best tier first.
  public let names: [String]
  /// The least value of each tier but the last, in units of the currency, falling.
  public let cuts: [Double]

  /// Tiers of the given names and cut points.
  ///
  /// - Throws: ``DefinitionError``.
  public init(names: [String], cuts: [Double]) throws(DefinitionError) {
    guard names.count == cuts.count + 1 else {
      throw .countsDiffer(names: names.count, cuts: cuts.count)
    }
    guard zip(cuts, cuts.dropFirst()).allSatisfy({ $0 > $1 }) else { throw .cutsDoNotFall }
    guard Set(names).count == names.count else { throw .namesRepeat }
    self.names = names
    self.cuts = cuts
  }

  /// The place of the tier of a value.
  public func tier(of value: Double) -> Int {
    cuts.firstIndex { value >= $0 } ?? cuts.count
  }

  /// How many customers went from tier to tier between two dates.
  public struct Migration: Hashable, Sendable {
    /// One entry for each (from, to): customers; from = `names.count` means no customer before.
    public let people: [[Int]]
    /// The same: value now minus value then, in units of the currency.
    public let valueChange: [[Double]]
  }

  /// The migration of customers between two dates.
  ///
  /// - Parameters:
  ///   - before: the value of each customer then; nil if there was no such customer.
  ///   - now: the value of each customer now.
  /// - Returns: a matrix of (tiers + 1) × tiers; its entries sum to the number of customers.
  public func migration(before: [Double?], now: [Double]) -> Migration {
    precondition(before.count == now.count, "\(before.count) values then, \(now.count) now")
    var people = [[Int]](repeating: Array(repeating: 0, count: names.count), count: names.count + 1)
    var change = people.map { $0.map { _ in 0.0 } }
    for (then, value) in zip(before, now) {
      let from = then.map { tier(of: $0) } ?? names.count
      let to = tier(of: value)
      people[from][to] += 1
      change[from][to] += value - (then ?? 0)
    }
    return Migration(people: people, valueChange: change)
  }
}
