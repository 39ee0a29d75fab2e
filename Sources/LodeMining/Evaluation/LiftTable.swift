/// How much more often the event happens among the best-scored rows than among all.
///
/// Rows are ranked by descending score, ties in row order; bin `i` of `b` ends at row
/// `⌈i·n/b⌉`, so the first of ten bins holds the best `⌈n/10⌉` rows.
public struct LiftTable: Sendable, Hashable, Codable {
  /// One bin of the ranking.
  public struct Bin: Sendable, Hashable, Codable {
    /// The bin's number, 1 = highest scores.
    public let bin: Int
    /// The rows in the bin.
    public let rowCount: Int
    /// The rows of the bin in which the event happened.
    public let positiveCount: Int
    /// The mean score of the bin.
    public let meanScore: Double
    /// The least score of the bin.
    public let minimumScore: Double
    /// The event rate of the bin, 0…1.
    public let rate: Double
    /// The event rate of the bin over that of all rows; nil when there are no events.
    public let lift: Double?
    /// The event rate of this and all better bins over that of all rows; nil without events.
    public let cumulativeLift: Double?
    /// The share of all events in this and all better bins, 0…1; nil without events.
    public let cumulativeGain: Double?
  }

  /// The bins, best first; bins without rows are left out.
  public let bins: [Bin]
  /// The event rate of all rows, 0…1.
  public let baseRate: Double

  /// The lift table of `scores` against `outcomes`, one of each a row.
  public init(_ scores: [Double], outcomes: [Bool], binCount: Int = 10) {
    precondition(scores.count == outcomes.count, "\(scores.count) scores, \(outcomes.count) rows")
    precondition(binCount >= 1, "\(binCount) bins")
    let n = scores.count
    let positives = outcomes.count { $0 }
    let order = Ranks.descending(scores)
    let base = n == 0 ? 0 : Double(positives) / Double(n)
    var bins: [Bin] = []
    var seen = 0
    for bin in 1...binCount {
      let range = Self.places(ofBin: bin, of: binCount, rowCount: n)
      guard !range.isEmpty else { continue }
      let (rows, end) = (order[range], range.upperBound)
      let hits = rows.count { outcomes[$0] }
      seen += hits
      let rate = Double(hits) / Double(rows.count)
      bins.append(
        Bin(
          bin: bin,
          rowCount: rows.count,
          positiveCount: hits,
          meanScore: rows.reduce(0) { $0 + scores[$1] } / Double(rows.count),
          minimumScore: scores[order[end - 1]],
          rate: rate,
          lift: positives == 0 ? nil : rate / base,
          cumulativeLift: positives == 0 ? nil : Double(seen) / Double(end) / base,
          cumulativeGain: positives == 0 ? nil : Double(seen) / Double(positives)
        )
      )
    }
    self.bins = bins
    baseRate = base
  }

  /// The places in a ranking that belong to a bin, 1 being the best.
  static func places(ofBin bin: Int, of binCount: Int, rowCount n: Int) -> Range<Int> {
    ((bin - 1) * n + binCount - 1) / binCount..<(bin * n + binCount - 1) / binCount
  }
}
