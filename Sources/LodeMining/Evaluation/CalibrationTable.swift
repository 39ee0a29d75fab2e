internal import LodeRuntime

/// Whether predicted probabilities come true, over bins of neighbouring probabilities.
public struct CalibrationTable: Sendable, Hashable, Codable {
  /// How bins are cut.
  ///
  /// The error of calibration differs with it, so name it beside the number.
  public enum Binning: String, Sendable, Hashable, Codable, CaseIterable {
    /// As many rows in each bin, ties in row order; sizes differ by at most one.
    case equalCount
    /// Bin `i` of `b` holds `i/b ≤ p < (i+1)/b`, the last also 1; empty bins are left out.
    case equalWidth
  }

  /// Rows of neighbouring probability.
  public struct Bin: Sendable, Hashable, Codable {
    /// The rows in the bin.
    public let rowCount: Int
    /// The mean predicted probability, 0…1.
    public let meanProbability: Double
    /// The share of rows in which the event happened, 0…1.
    public let observedRate: Double
  }

  /// The bins by ascending probability; of those of equal count, the larger ones first.
  public let bins: [Bin]
  /// How the bins were cut.
  public let binning: Binning

  /// The calibration of `probabilities` against `outcomes`, one of each a row.
  ///
  /// - Precondition: equal lengths, probabilities in 0…1, at least one bin.
  public init(
    _ probabilities: [Double],
    outcomes: [Bool],
    binCount: Int = 10,
    binning: Binning = .equalCount
  ) {
    precondition(
      probabilities.count == outcomes.count,
      "\(probabilities.count) probabilities, \(outcomes.count) rows"
    )
    self.binning = binning
    bins = Self.rows(probabilities, binCount: binCount, binning: binning)
      .map { rows in
        Bin(
          rowCount: rows.count,
          meanProbability: rows.reduce(0) { $0 + probabilities[$1] } / Double(rows.count),
          observedRate: Double(rows.count { outcomes[$0] }) / Double(rows.count)
        )
      }
  }

  /// The mean gap between predicted and observed rate, weighted by the size of the bins.
  ///
  /// - Source: Naeini, Cooper & Hauskrecht (2015), "Obtaining well calibrated probabilities using
  ///   Bayesian binning", AAAI.
  public var expectedCalibrationError: Double {
    let total = bins.reduce(0) { $0 + $1.rowCount }
    guard total > 0 else { return 0 }
    return bins.reduce(0) {
      $0 + abs($1.meanProbability - $1.observedRate) * Double($1.rowCount)
    } / Double(total)
  }

  /// The rows of each bin that has any, by ascending probability, ties in row order.
  static func rows(
    _ probabilities: [Double],
    binCount: Int,
    binning: Binning
  ) -> [ArraySlice<Int>] {
    precondition(binCount >= 1, "\(binCount) bins")
    let order = RadixSort.order(of: probabilities).map { Int($0) }
    var bins: [ArraySlice<Int>] = []
    var start = 0
    for bin in 0..<binCount {
      var end = start
      switch binning {
      case .equalCount:
        end += order.count / binCount + (bin < order.count % binCount ? 1 : 0)
      case .equalWidth:
        let bound = Double(bin + 1) / Double(binCount)
        while end < order.count, bin + 1 == binCount || probabilities[order[end]] < bound {
          end += 1
        }
      }
      if end > start { bins.append(order[start..<end]) }
      start = end
    }
    return bins
  }
}
