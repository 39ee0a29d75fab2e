internal import Glibc

/// The natural logarithm, for callers inside this module.
func logarithm(_ x: Double) -> Double { log(x) }

/// Functions of the gamma family.
public enum SpecialFunctions {
  /// ln |Γ(x)|, safe to call from several threads at once.
  public static func logGamma(_ x: Double) -> Double {
    var sign: Int32 = 0
    // SAFETY: `lgamma_r` writes one Int32 through the pointer, which lives for the whole call.
    return unsafe lgamma_r(x, &sign)
  }

  /// ln B(a, b) for positive `a` and `b`.
  public static func logBeta(_ a: Double, _ b: Double) -> Double {
    logGamma(a) + logGamma(b) - logGamma(a + b)
  }

  /// ψ(x), the derivative of ln Γ, for positive `x`.
  ///
  /// - Source: Abramowitz & Stegun (1964), 6.3.5 (recurrence) and 6.3.18 (asymptotic series).
  public static func digamma(_ x: Double) -> Double {
    precondition(x > 0, "digamma of \(x)")
    var result = 0.0
    var z = x
    while z < 10 {
      result -= 1 / z
      z += 1
    }
    let inverse = 1 / (z * z)
    let series =
      inverse
      * (1 / 12.0 - inverse
        * (1 / 120.0 - inverse
          * (1 / 252.0 - inverse
            * (1 / 240.0
              - inverse * (1 / 132.0)))))
    return result + log(z) - 0.5 / z - series
  }

  /// ψ′(x), the second derivative of ln Γ, for positive `x`.
  ///
  /// - Source: Abramowitz & Stegun (1964), 6.4.6 (recurrence) and 6.4.12 (asymptotic series).
  public static func trigamma(_ x: Double) -> Double {
    precondition(x > 0, "trigamma of \(x)")
    var result = 0.0
    var z = x
    while z < 10 {
      result += 1 / (z * z)
      z += 1
    }
    let inverse = 1 / (z * z)
    let series =
      1 / 6.0 - inverse
      * (1 / 30.0 - inverse
        * (1 / 42.0 - inverse
          * (1 / 30.0
            - inverse * (5 / 66.0))))
    return result + 1 / z + inverse / 2 + inverse / z * series
  }

  /// The regularized upper incomplete gamma function Q(a, x), 0…1.
  ///
  /// - Source: Press et al. (2007), "Numerical Recipes", 3rd ed., §6.2: series below `a + 1`,
  ///   continued fraction above.
  public static func upperIncompleteGamma(_ a: Double, _ x: Double) -> Double {
    precondition(a > 0 && x >= 0, "incomplete gamma of shape \(a) at \(x)")
    guard x > 0 else { return 1 }
    let scale = exp(a * log(x) - x - logGamma(a))
    if x < a + 1 {
      var term = 1 / a
      var sum = term
      var n = a
      repeat {
        n += 1
        term *= x / n
        sum += term
      } while term > sum * 1e-17
      return max(0, 1 - scale * sum)
    }
    var b = x + 1 - a
    var c = 1e300
    var d = 1 / b
    var fraction = d
    for i in 1..<10_000 {
      let step = -Double(i) * (Double(i) - a)
      b += 2
      d = 1 / nonzero(step * d + b)
      c = nonzero(b + step / c)
      let factor = d * c
      fraction *= factor
      if abs(factor - 1) < 1e-16 { break }
    }
    return scale * fraction
  }

  /// The regularized incomplete beta function I_x(a, b), 0…1.
  ///
  /// - Source: Press et al. (2007), "Numerical Recipes", 3rd ed., §6.4 (Lentz's method).
  public static func incompleteBeta(_ a: Double, _ b: Double, at x: Double) -> Double {
    precondition(a > 0 && b > 0 && x >= 0 && x <= 1, "incomplete beta of (\(a), \(b)) at \(x)")
    guard x > 0 else { return 0 }
    guard x < 1 else { return 1 }
    let scale = exp(a * log(x) + b * log1p(-x) - logBeta(a, b))
    if x < (a + 1) / (a + b + 2) { return scale * betaFraction(a, b, x) / a }
    return 1 - scale * betaFraction(b, a, 1 - x) / b
  }

  private static func betaFraction(_ a: Double, _ b: Double, _ x: Double) -> Double {
    var c = 1.0
    var d = 1 / nonzero(1 - (a + b) * x / (a + 1))
    var fraction = d
    for i in 1..<10_000 {
      let m = Double(i)
      let even = m * (b - m) * x / ((a + 2 * m - 1) * (a + 2 * m))
      d = 1 / nonzero(1 + even * d)
      c = nonzero(1 + even / c)
      fraction *= d * c
      let odd = -(a + m) * (a + b + m) * x / ((a + 2 * m) * (a + 2 * m + 1))
      d = 1 / nonzero(1 + odd * d)
      c = nonzero(1 + odd / c)
      let factor = d * c
      fraction *= factor
      if abs(factor - 1) < 1e-16 { break }
    }
    return fraction
  }

  private static func nonzero(_ x: Double) -> Double {
    abs(x) < 1e-300 ? 1e-300 : x
  }
}
