internal import Glibc

/// Probabilities and quantiles of the distributions that tests and intervals need.
public enum Distributions {
  /// P(Z ≤ z) of the standard normal.
  public static func normalCDF(_ z: Double) -> Double {
    0.5 * erfc(-z / 2.0.squareRoot())
  }

  /// P(|Z| ≥ |z|) of the standard normal: the two-sided p-value of a z statistic.
  public static func normalTwoSided(_ z: Double) -> Double {
    erfc(abs(z) / 2.0.squareRoot())
  }

  /// The standard normal quantile, ±∞ at 0 and 1.
  ///
  /// - Source: Acklam's rational approximation, polished by one step of Halley's method to
  ///   full precision.
  public static func normalQuantile(_ probability: Double) -> Double {
    precondition((0...1).contains(probability), "quantile of probability \(probability)")
    guard probability > 0 else { return -.infinity }
    guard probability < 1 else { return .infinity }
    if probability > 0.5 { return -lowerNormalQuantile(1 - probability) }
    return lowerNormalQuantile(probability)
  }

  /// P(X ≥ x) of the chi-square distribution.
  public static func chiSquareSurvival(_ x: Double, degreesOfFreedom: Double) -> Double {
    x <= 0 ? 1 : SpecialFunctions.upperIncompleteGamma(degreesOfFreedom / 2, x / 2)
  }

  /// P(|T| ≥ |t|) of Student's t: the two-sided p-value.
  public static func studentTwoSided(_ t: Double, degreesOfFreedom: Double) -> Double {
    guard t.isFinite else { return 0 }
    let x = degreesOfFreedom / (degreesOfFreedom + t * t)
    return SpecialFunctions.incompleteBeta(degreesOfFreedom / 2, 0.5, at: x)
  }

  /// P(X ≥ x) of the F distribution.
  public static func fSurvival(_ x: Double, numerator: Double, denominator: Double) -> Double {
    guard x > 0 else { return 1 }
    return SpecialFunctions.incompleteBeta(
      denominator / 2,
      numerator / 2,
      at: denominator / (denominator + numerator * x)
    )
  }

  /// P(X ≤ x) of the beta distribution.
  public static func betaCDF(_ x: Double, a: Double, b: Double) -> Double {
    SpecialFunctions.incompleteBeta(a, b, at: min(max(x, 0), 1))
  }

  /// The quantile of the beta distribution: the least `x` with P(X ≤ x) ≥ `probability`.
  ///
  /// By bisection on the bits of `x`, so that quantiles near 0 are as exact as others.
  public static func betaQuantile(_ probability: Double, a: Double, b: Double) -> Double {
    precondition((0...1).contains(probability), "quantile of probability \(probability)")
    guard probability > 0 else { return 0 }
    guard probability < 1 else { return 1 }
    var low: UInt64 = 0
    var high = (1.0).bitPattern
    while high - low > 1 {
      let middle = low + (high - low) / 2
      if betaCDF(Double(bitPattern: middle), a: a, b: b) < probability {
        low = middle
      } else {
        high = middle
      }
    }
    return Double(bitPattern: high)
  }

  /// The 90 % interval of a share by Jeffreys' prior, from 0 without hits, to 1 without misses.
  ///
  /// - Source: Brown, Cai & DasGupta (2001), "Interval estimation for a binomial proportion",
  ///   Statistical Science 16, §4.3.
  public static func jeffreysInterval(_ hits: Int, of cases: Int) -> ClosedRange<Double> {
    precondition(hits >= 0 && hits <= cases, "\(hits) hits of \(cases)")
    let (a, b) = (Double(hits) + 0.5, Double(cases - hits) + 0.5)
    let lower = hits == 0 ? 0 : betaQuantile(0.05, a: a, b: b)
    return lower...(hits == cases ? 1 : max(lower, betaQuantile(0.95, a: a, b: b)))
  }

  /// The quantile of a probability of at most one half.
  private static func lowerNormalQuantile(_ p: Double) -> Double {
    var x: Double
    if p < 0.024_25 {
      let q = (-2 * log(p)).squareRoot()
      x = polynomial(tailNumerator, q) / polynomial(tailDenominator, q)
    } else {
      let q = p - 0.5
      x = q * polynomial(centralNumerator, q * q) / polynomial(centralDenominator, q * q)
    }
    let density = exp(-x * x / 2) / (2 * Double.pi).squareRoot()
    guard density > 0 else { return x }
    let error = (normalCDF(x) - p) / density
    x -= error / (1 + x * error / 2)
    return x
  }

  private static func polynomial(_ coefficients: [Double], _ x: Double) -> Double {
    coefficients.reduce(0) { $0 * x + $1 }
  }

  private static let centralNumerator = [
    -3.969683028665376e+01, 2.209460984245205e+02, -2.759285104469687e+02,
    1.383577518672690e+02, -3.066479806614716e+01, 2.506628277459239e+00,
  ]
  private static let centralDenominator = [
    -5.447609879822406e+01, 1.615858368580409e+02, -1.556989798598866e+02,
    6.680131188771972e+01, -1.328068155288572e+01, 1,
  ]
  private static let tailNumerator = [
    -7.784894002430293e-03, -3.223964580411365e-01, -2.400758277161838e+00,
    -2.549732539343734e+00, 4.374664141464968e+00, 2.938163982698783e+00,
  ]
  private static let tailDenominator = [
    7.784695709041462e-03, 3.224671290700398e-01, 2.445134137142996e+00,
    3.754408661907416e+00, 1,
  ]
}
