public import LodeNumerics

/// How customers move between states (tiers, or months since the last purchase), period by period.
///
/// Where a customer goes depends on the state now only. Real tiers are stickier: compare the mix
/// foretold with what came.
///
/// - Source: Pfeifer & Carraway (2000), "Modeling customer relationships as Markov chains", Journal
///   of Interactive Marketing 14(2).
public struct MigrationModel: Sendable, Hashable, Codable {
  /// The names of the states.
  public let states: [String]
  /// The chances to go from the state of the row to that of the column in one period.
  public let transitions: Matrix

  /// Why transitions were refused.
  public enum Refusal: Error, Hashable {
    /// A matrix that does not fit the states.
    case wrongShape(rows: Int, columns: Int, states: Int)
    /// A chance below 0 or not finite.
    case badChance(from: String, to: String, chance: Double)
    /// Chances of a state that do not add up to 1 within 10⁻⁶.
    case badSum(state: String, sum: Double)
  }

  /// A model with known chances.
  ///
  /// - Parameters:
  ///   - states: the names of the states.
  ///   - transitions: one row for each state, each adding up to 1.
  /// - Throws: the first thing that is wrong.
  public init(states: [String], transitions: Matrix) throws(Refusal) {
    let count = states.count
    guard transitions.rowCount == count, transitions.columnCount == count else {
      throw .wrongShape(
        rows: transitions.rowCount,
        columns: transitions.columnCount,
        states: count
      )
    }
    for i in 0..<count {
      var sum = 0.0
      for j in 0..<count {
        let chance = transitions[i, j]
        guard chance >= 0, chance.isFinite else {
          throw .badChance(from: states[i], to: states[j], chance: chance)
        }
        sum += chance
      }
      guard abs(sum - 1) <= 1e-6 else { throw .badSum(state: states[i], sum: sum) }
    }
    (self.states, self.transitions) = (states, transitions)
  }

  /// The chances behind counted moves, with as many more of each move as `prior`.
  ///
  /// - Parameters:
  ///   - states: the names of the states.
  ///   - counts: how many customers went from the state of the row to that of the column.
  ///   - prior: the parameter of a symmetric Dirichlet prior; 0 for the plain shares.
  ///   - lapsed: the places of states that nobody leaves, whatever was counted.
  /// - Returns: the model with the mean chances; without any move and prior a state keeps all.
  /// - Throws: if the counts do not fit the states, or one is negative or not finite.
  public static func estimate(
    states: [String],
    counts: Matrix,
    prior: Double = 0,
    lapsed: Set<Int> = []
  ) throws(Refusal) -> MigrationModel {
    precondition(prior >= 0 && prior.isFinite, "a prior of \(prior)")
    let count = states.count
    guard counts.rowCount == count, counts.columnCount == count else {
      throw .wrongShape(rows: counts.rowCount, columns: counts.columnCount, states: count)
    }
    var chances: [Double] = []
    for i in 0..<count {
      let row = counts.row(i).map { $0 + prior }
      for (j, value) in row.enumerated() where !(value >= 0 && value.isFinite) {
        throw .badChance(from: states[i], to: states[j], chance: value)
      }
      let sum = row.reduce(0, +)
      if sum > 0, !lapsed.contains(i) {
        chances += row.map { $0 / sum }
      } else {
        chances += (0..<count).map { $0 == i ? 1 : 0 }
      }
    }
    return try MigrationModel(
      states: states,
      transitions: Matrix(rowCount: count, columnCount: count, elements: chances)
    )
  }

  /// The expected customers in each state some periods ahead.
  ///
  /// - Parameters:
  ///   - start: the customers, or shares, in each state now.
  ///   - periods: the periods ahead.
  ///   - arrivals: new customers in each state at the end of each period; nil for none.
  /// - Returns: one figure for each state.
  public func mix(from start: [Double], after periods: Int, arrivals: [Double]? = nil) -> [Double] {
    precondition(
      start.count == states.count && periods >= 0
        && arrivals?.count ?? start.count == start.count,
      "\(start.count) shares of \(states.count) states"
    )
    var mix = start
    for _ in 0..<periods {
      var next = arrivals ?? Array(repeating: 0, count: mix.count)
      for i in mix.indices { for j in mix.indices { next[j] += mix[i] * transitions[i, j] } }
      mix = next
    }
    return mix
  }

  /// The expected number of periods until a customer of each state first reaches another state.
  ///
  /// - Parameter lapsed: the places of the states that count as reached.
  /// - Returns: one figure for each state: 0 for `lapsed`, infinite where it may never happen.
  public func meanPeriods(toReach lapsed: Set<Int>) -> [Double] {
    let count = states.count
    let reaches = reaching(lapsed, stoppingAt: [])
    let never = Set((0..<count).filter { !reaches.contains($0) })
    // Whoever can get to where there is no way back has an infinite mean.
    let infinite = reaching(never, stoppingAt: lapsed)
    let open = (0..<count).filter { !lapsed.contains($0) && !infinite.contains($0) }
    let matrix = open.flatMap { i in open.map { j in (i == j ? 1 : 0) - transitions[i, j] } }
    var means = (0..<count).map { lapsed.contains($0) ? 0 : Double.infinity }
    let square = Matrix(rowCount: open.count, columnCount: open.count, elements: matrix)
    guard let factor = LU(square) else { return means }
    let solution = factor.solve(Array(repeating: 1, count: open.count))
    for (place, state) in open.enumerated() { means[state] = solution[place] }
    return means
  }

  /// The states with a way to some of the targets, those included.
  private func reaching(_ targets: Set<Int>, stoppingAt walls: Set<Int>) -> Set<Int> {
    var found = targets
    var hasGrown = true
    while hasGrown {
      hasGrown = false
      for i in states.indices where !found.contains(i) && !walls.contains(i) {
        if states.indices.contains(where: { found.contains($0) && transitions[i, $0] > 0 }) {
          found.insert(i)
          hasGrown = true
        }
      }
    }
    return found
  }

  /// The expected discounted sum of what customers bring, by the state they start in.
  ///
  /// - Parameters:
  ///   - rewards: what a customer brings in a period spent in each state, money.
  ///   - periods: the last period that counts; the first, now, is 0. Nil for all of them.
  ///   - discount: the rate of one period, 0.1 for 10 %; not negative.
  /// - Returns: Σ (P / (1 + discount))ᵗ · rewards, one figure for each state; nil where an endless
  ///   sum at rate 0 has no value.
  public func values(
    rewards: [Double],
    periods: Int?,
    discountPerPeriod discount: Double
  ) -> [Double]? {
    precondition(
      rewards.count == states.count && discount >= 0 && periods ?? 0 >= 0,
      "\(rewards.count) rewards of \(states.count) states, a rate of \(discount)"
    )
    guard let periods else {
      return Self.endless(transitions.elements, rewards, discount)
    }
    var values = rewards
    for _ in 0..<periods {
      values = rewards.indices.map { i in
        var next = 0.0
        for j in values.indices { next += transitions[i, j] * values[j] }
        return rewards[i] + next / (1 + discount)
      }
    }
    return values
  }

  /// The solution of (I − P / (1 + d)) · V = R.
  static func endless(_ rows: [Double], _ rewards: [Double], _ discount: Double) -> [Double]? {
    let count = rewards.count
    var matrix = rows.map { -$0 / (1 + discount) }
    for i in 0..<count { matrix[i * count + i] += 1 }
    return LU(Matrix(rowCount: count, columnCount: count, elements: matrix))?.solve(rewards)
  }
}
