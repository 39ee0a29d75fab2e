internal import Glibc
internal import LodeNumerics

/// How far the distribution of a number or category has moved between two samples.
///
/// `PSI = Σ (aₖ − eₖ)·ln(aₖ/eₖ)` over bins, with the shares `eₖ` of the `n` training rows and `aₖ`
/// of the `m` new ones, each at least 10⁻⁴. Without any drift `PSI·nm/(n + m)` is about chi-square
/// with `B − 1` degrees of freedom: small samples show `(B − 1)(1/n + 1/m)` by chance alone, which
/// no fixed rule of thumb knows.
///
/// - Source: Siddiqi (2006), "Credit Risk Scorecards", for the rule 0.1 and 0.25; Yurdakul (2018),
///   "Statistical properties of population stability index", for the distribution.
public struct PopulationStability: Sendable, Hashable, Codable {
  /// The rule of thumb on the index.
  public enum Verdict: String, Sendable, Hashable, Codable, CaseIterable {
    /// Below 0.1.
    case stable
    /// From 0.1 on.
    case moderate
    /// From 0.25 on.
    case shifted

    /// The verdict on an index.
    public init(index: Double) {
      self = index < 0.1 ? .stable : index < 0.25 ? .moderate : .shifted
    }
  }

  /// The least share of a bin.
  public static let floor = 1e-4

  /// The index, at least 0.
  public let index: Double
  /// The bins that any row fell into.
  public let binCount: Int
  /// Training rows.
  public let expectedRows: Int
  /// New rows.
  public let actualRows: Int
  /// The index to expect from chance alone.
  public let expectedByChance: Double
  /// The chance of so high an index without drift; rough where bins hold few rows.
  public let pValue: Double

  /// The verdict by the rule of thumb.
  public var verdict: Verdict { Verdict(index: index) }

  /// The index of two samples counted over the same bins.
  ///
  /// - Throws: ``EvaluationError`` for other bins, negative counts or a sample without rows.
  public init(expected: [Int], actual: [Int]) throws(EvaluationError) {
    guard expected.count == actual.count else {
      throw .wrongCount(of: "bins", count: actual.count, rows: expected.count)
    }
    guard expected.allSatisfy({ $0 >= 0 }), actual.allSatisfy({ $0 >= 0 }) else {
      throw .badConfiguration(reason: "a bin has a negative count", fix: "count rows a bin")
    }
    expectedRows = expected.reduce(0, +)
    actualRows = actual.reduce(0, +)
    guard expectedRows > 0 else { throw .noRows(of: "training rows with a value") }
    guard actualRows > 0 else { throw .noRows(of: "new rows with a value") }
    let (n, m) = (Double(expectedRows), Double(actualRows))
    var sum = 0.0
    var used = 0
    for (before, now) in zip(expected, actual) where before + now > 0 {
      let e = max(Double(before) / n, Self.floor)
      let a = max(Double(now) / m, Self.floor)
      sum += (a - e) * log(a / e)
      used += 1
    }
    index = sum
    binCount = used
    let noise = 1 / n + 1 / m
    expectedByChance = Double(used - 1) * noise
    pValue =
      used > 1
      ? Distributions.chiSquareSurvival(sum / noise, degreesOfFreedom: Double(used - 1)) : 1
  }
}
