/// How long customers stayed, and whether they left or were only watched no longer.
///
/// Times are in one unit of the caller's choice.
public struct SurvivalSample: Sendable, Hashable {
  /// The time at which each one left or was last seen.
  public let durations: [Double]
  /// Whether that was a leaving (an event); otherwise the duration is censored.
  public let isEvent: [Bool]
  /// The time at which each one came under observation; −1, before any time, for those watched from
  /// their start.
  public let entries: [Double]
  /// How many equal customers each row stands for.
  public let weights: [Double]

  /// Why a sample was refused.
  public enum Refusal: Error, Hashable {
    /// Columns of different lengths.
    case unequalCounts(durations: Int, other: Int)
    /// A time that is negative, not finite, or not after the entry of its row.
    case badTime(row: Int, entry: Double, duration: Double)
    /// A weight that is negative or not finite.
    case badWeight(row: Int, weight: Double)
  }

  /// A sample.
  ///
  /// - Parameters:
  ///   - durations: when each one left or was last seen, from 0.
  ///   - isEvent: whether each one left.
  ///   - entries: when each one came under observation, before its duration; nil for all
  ///     from their start.
  ///   - weights: how many equal customers each row stands for; nil for 1.
  /// - Throws: the first thing that is wrong.
  public init(
    durations: [Double],
    isEvent: [Bool],
    entries: [Double]? = nil,
    weights: [Double]? = nil
  ) throws(Refusal) {
    let count = durations.count
    for other in [isEvent.count, entries?.count ?? count, weights?.count ?? count]
    where other != count {
      throw .unequalCounts(durations: count, other: other)
    }
    for row in 0..<count {
      let (entry, duration) = (entries?[row] ?? 0, durations[row])
      let isGood = entries == nil ? duration >= 0 : entry >= 0 && duration > entry
      guard isGood, duration.isFinite else {
        throw .badTime(row: row, entry: entry, duration: duration)
      }
      if let weight = weights?[row], !(weight >= 0) || !weight.isFinite {
        throw .badWeight(row: row, weight: weight)
      }
    }
    self.durations = durations
    self.isEvent = isEvent
    self.entries = entries ?? Array(repeating: -1, count: count)
    self.weights = weights ?? Array(repeating: 1, count: count)
  }

  /// What happened at one time of events.
  struct Step {
    let time: Double
    let atRisk: Double
    let events: Double
  }

  /// The times at which somebody left, ascending, of the rows given.
  ///
  /// Those censored at a time are at risk at it; those entering at a time are not.
  func steps(of rows: [Int]) -> [Step] {
    let rows = rows.filter { weights[$0] > 0 }
    let leaving = rows.sorted { (durations[$0], $0) > (durations[$1], $1) }
    let entering = rows.sorted { (entries[$0], $0) > (entries[$1], $1) }
    var steps: [Step] = []
    var (present, late, place, entry) = (0.0, 0.0, 0, 0)
    // From the end, so that the last ones at risk carry no rounding of those before.
    while place < leaving.count {
      let time = durations[leaving[place]]
      var events = 0.0
      var stays = 0.0
      while place < leaving.count, durations[leaving[place]] == time {
        if isEvent[leaving[place]] {
          events += weights[leaving[place]]
        } else {
          stays += weights[leaving[place]]
        }
        place += 1
      }
      present += stays + events
      while entry < entering.count, entries[entering[entry]] >= time {
        late += weights[entering[entry]]
        entry += 1
      }
      if events > 0 {
        steps.append(Step(time: time, atRisk: max(events, present - late), events: events))
      }
    }
    return steps.reversed()
  }
}
