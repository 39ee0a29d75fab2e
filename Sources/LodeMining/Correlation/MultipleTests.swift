/// Corrections for testing many hypotheses at once.
public enum MultipleTests {
  /// The q-values of p-values: the false discovery rate at which each would be accepted.
  ///
  /// - Parameter pValues: the p-values of all tests made.
  /// - Returns: one q-value each, in the same order, never below the p-value.
  /// - Source: Benjamini & Hochberg (1995), "Controlling the false discovery rate", JRSS B.
  public static func benjaminiHochberg(_ pValues: [Double]) -> [Double] {
    let order = pValues.indices.sorted { (pValues[$0], $0) < (pValues[$1], $1) }
    var qValues = pValues
    var least = 1.0
    for (rank, place) in order.enumerated().reversed() {
      least = min(least, pValues[place] * Double(pValues.count) / Double(rank + 1))
      qValues[place] = least
    }
    return qValues
  }
}
