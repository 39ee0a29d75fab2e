internal import Glibc

/// Probabilities as log-odds and back, finite and monotone everywhere.
package enum LogOdds {
  /// How far probabilities are kept from 0 and 1 before a logarithm.
  package static let margin = 1e-15

  /// The probability, at least ``margin`` away from 0 and 1.
  package static func clipped(_ probability: Double) -> Double {
    min(max(probability, margin), 1 - margin)
  }

  /// ln(p / (1 − p)) of the clipped probability, within ±34.54.
  package static func of(_ probability: Double) -> Double {
    let p = clipped(probability)
    return log(p) - log1p(-p)
  }

  /// 1 / (1 + e⁻ˣ) without overflow.
  package static func probability(_ logOdds: Double) -> Double {
    if logOdds >= 0 { return 1 / (1 + exp(-logOdds)) }
    let odds = exp(logOdds)
    return odds / (1 + odds)
  }

  /// The `shift` at which the mean of `1/(1 + exp(−x − shift))` is `mean`.
  ///
  /// The mean rises with the shift, and `logit(mean) − max x … logit(mean) − min x` holds the
  /// answer, so Newton steps that leave the bracket are replaced by halving it: it always ends.
  ///
  /// - Parameters:
  ///   - logOdds: finite numbers, at least one.
  ///   - mean: the mean to reach, between 0 and 1.
  /// - Returns: the shift and the information `Σp(1 − p)` there.
  static func shift(
    of logOdds: [Double],
    toMean mean: Double
  ) -> (shift: Double, information: Double) {
    let target = of(mean)
    var low = target - (logOdds.max() ?? target)
    var high = target - (logOdds.min() ?? target)
    var shift = 0.5 * (low + high)
    var information = 0.0
    for _ in 0..<200 {
      var sum = 0.0
      information = 0
      for x in logOdds {
        let p = probability(x + shift)
        sum += p
        information += p * (1 - p)
      }
      let gap = sum - mean * Double(logOdds.count)
      if gap > 0 { high = shift } else { low = shift }
      let step = information > 0 ? gap / information : 0
      var next = shift - step
      if !(next > low && next < high) { next = 0.5 * (low + high) }
      let size = abs(next - shift)
      shift = next
      if size <= 1e-15 * max(1, abs(shift)) { break }
    }
    return (shift, information)
  }
}
