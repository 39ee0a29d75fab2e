/// Whether predicted probabilities come true, over bins of equal count.
public struct CalibrationTable: Sendable, Hashable, Codable {
  /// Rows of neighbouring probability.
  public struct Bin: Sendable, Hashable, Codable {
    /// The rows in the bin.
    public let rowCount: Int
    /// The mean predicted probability, 0…1.
    public let meanProbability: Double
    /// The share of rows in which the event happened, 0…1.
    public let observedRate: Double
  }

  /// The bins by ascending probability; sizes differ by at most one, the larger first.
  public let bins: [Bin]

  /// The calibration of `probabilities` against `outcomes`, one of each a row.
  public init(_ probabilities: [Double], outcomes: [Bool], binCount: Int = 10) {
    precondition(
      probabilities.count == outcomes.count,
      "\(probabilities.count) probabilities, \(outcomes.count) rows"
    )
    precondition(binCount >= 1, "\(binCount) bins")
    let order = probabilities.indices.sorted {
      (probabilities[$0], $0) < (probabilities[$1], $1)
    }
    var bins: [Bin] = []
    var start = 0
    for bin in 0..<binCount {
      let size = order.count / binCount + (bin < order.count % binCount ? 1 : 0)
      let rows = order[start..<start + size]
      start += size
      guard size > 0 else { continue }
      bins.append(
        Bin(
          rowCount: size,
          meanProbability: rows.reduce(0) { $0 + probabilities[$1] } / Double(size),
          observedRate: Double(rows.count { outcomes[$0] }) / Double(size)
        )
      )
    }
    self.bins = bins
  }

  /// The mean gap between predicted and observed rate, weighted by the size of the bins.
  public var expectedCalibrationError: Double {
    let total = bins.reduce(0) { $0 + $1.rowCount }
    guard total > 0 else { return 0 }
    return bins.reduce(0) {
      $0 + abs($1.meanProbability - $1.observedRate) * Double($1.rowCount)
    } / Double(total)
  }
}
