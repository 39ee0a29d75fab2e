internal import Glibc
internal import LodeNumerics

extension ParetoNBD {
  /// The expected number of all purchases to come of a customer, discounted (DERT).
  ///
  /// Times the margin of a purchase it is the value of the customer from now on.
  ///
  /// - Parameters:
  ///   - summary: what the customer did.
  ///   - discount: the yearly rate, above 0.
  ///   - unit: the unit of the times of the summary and of the model.
  /// - Returns: the expectation; money earned later in the first `unit` is discounted too, as the
  ///   rate is compounded all the time.
  /// - Precondition: the rate is above 0.
  /// - Source: Fader, Hardie & Lee (2005), "RFM and CLV", Journal of Marketing Research 42(4), with
  ///   U(s, s, z) = eᶻ Γ(1 − s, z): P(alive) · (r + x) / (α + T) · (β + T) · eᶻ Eₛ(z), so that
  ///   nothing overflows.
  public func discountedPurchases(
    _ summary: PurchaseSummary,
    discount: DiscountRate,
    unit: TimeUnit
  ) -> Double {
    probabilityAlive(summary)
      * discountedPurchasesIfAlive(summary, discount: discount, unit: unit)
  }

  /// The same of a customer who is alive.
  func discountedPurchasesIfAlive(
    _ summary: PurchaseSummary,
    discount: DiscountRate,
    unit: TimeUnit
  ) -> Double {
    precondition(discount.yearly > 0, "a yearly rate of \(discount.yearly)")
    let rate = log1p(discount.yearly) / unit.perYear
    let age = beta + summary.age
    return (r + Double(summary.frequency)) / (alpha + summary.age)
      * age * Self.scaledExponentialIntegral(s, rate * age)
  }

  /// eᶻ Eₛ(z) = ∫₀^∞ (1 + u)⁻ˢ e⁻ᶻᵘ du for s > 0, z > 0.
  ///
  /// - Source: the continued fraction DLMF 8.19.17 from z = ½ on; below, where it is slow, 24
  ///   points of Gauss and Legendre in ln(1 + u), whose terms are all positive.
  static func scaledExponentialIntegral(_ s: Double, _ z: Double) -> Double {
    z < 0.5 ? exponentialIntegralByPoints(s, z) : exponentialIntegralByFraction(s, z)
  }

  /// eᶻ Eₛ(z) by its continued fraction with Lentz's method.
  static func exponentialIntegralByFraction(_ s: Double, _ z: Double) -> Double {
    var b = z + s
    var c = 1e300
    var d = 1 / b
    var fraction = d
    for i in 1..<100_000 {
      let step = -Double(i) * (s + Double(i) - 1)
      b += 2
      d = 1 / (step * d + b)
      c = b + step / c
      fraction *= c * d
      if abs(c * d - 1) < 1e-16 { break }
    }
    return fraction
  }

  /// eᶻ Eₛ(z) by 24 points in each of several parts of y = ln(1 + u).
  static func exponentialIntegralByPoints(_ s: Double, _ z: Double) -> Double {
    func logarithm(_ y: Double) -> Double { (1 - s) * y - z * expm1(y) }
    // Beyond its peak the integrand falls ever faster: the end is where e⁻⁴⁵ of it is left.
    let peak = s < 1 ? max(0, log((1 - s) / z)) : 0
    var (low, high) = (peak, peak + 1)
    while logarithm(high) > logarithm(peak) - 45 { high = peak + (high - peak) * 2 }
    for _ in 0..<20 {
      let middle = (low + high) / 2
      if logarithm(middle) > logarithm(peak) - 45 { low = middle } else { high = middle }
    }
    let parts = max(4, Int(high.rounded(.up)))
    let width = high / Double(parts)
    let rule = GaussLegendre(count: 24)
    var sum = 0.0
    for part in 0..<parts {
      for k in 0..<24 {
        let y = width * (Double(part) + (rule.points[k] + 1) / 2)
        sum += rule.weights[k] * exp(logarithm(y))
      }
    }
    return sum * width / 2
  }
}
