internal import Glibc
internal import LodeNumerics

/// What one customer's purchases in a time ahead may be worth, in money.
public struct ValueForecast: Sendable, Hashable, Codable {
  /// The expected value of one purchase.
  public let orderValue: Double
  /// The lower end of the interval of the customer's mean value of a purchase.
  public let orderValueLower: Double
  /// The upper end of the interval of the customer's mean value of a purchase.
  public let orderValueUpper: Double
  /// The expected value of all purchases in the time.
  public let mean: Double
  /// The variance of the value of all purchases; nil where the model has none (p·x + q ≤ 2).
  public let variance: Double?
  /// The lower end of the prediction interval of the value; nil without a variance.
  public let lower: Double?
  /// The upper end of the prediction interval of the value; nil without a variance.
  public let upper: Double?
}

extension GammaGamma {
  /// The distribution of the value of a customer's purchases in a time ahead.
  ///
  /// Mean and variance are exact. The prediction interval has the exact chance of no purchase at
  /// all; given a purchase, the value counts as log-normal of the same mean and variance.
  ///
  /// - Parameters:
  ///   - purchases: what the customer may buy.
  ///   - frequency: repeat purchases so far.
  ///   - meanValue: their mean value.
  ///   - level: the share of customers inside the intervals.
  /// - Returns: the forecast; nil where no mean exists (`p·x + q ≤ 1`).
  /// - Source: the posterior of Fader & Hardie (2013), note 025: values of gamma with shape p and a
  ///   rate that is gamma with q + px and v + x·z̄.
  public func forecast(
    _ purchases: PurchaseForecast,
    frequency: Int,
    meanValue: Double,
    level: Double = 0.9
  ) -> ValueForecast? {
    let isKnown = frequency > 0 && meanValue > 0
    let x = isKnown ? Double(frequency) : 0
    let shape = q + p * x
    let scale = v + (isKnown ? x * meanValue : 0)
    guard shape > 1 else { return nil }
    let inverse = scale / (shape - 1)
    let orders = orderValues(shape, scale, level)
    let mean = purchases.mean * p * inverse
    guard shape > 2 else {
      return ValueForecast(
        orderValue: p * inverse,
        orderValueLower: orders.lowerBound,
        orderValueUpper: orders.upperBound,
        mean: mean,
        variance: nil,
        lower: nil,
        upper: nil
      )
    }
    let inverseSquare = inverse * scale / (shape - 2)
    let square = (purchases.mean * p + purchases.meanSquare * p * p) * inverseSquare
    let (lower, upper) = Self.bounds(mean, square, purchases.chanceToBuy, level)
    return ValueForecast(
      orderValue: p * inverse,
      orderValueLower: orders.lowerBound,
      orderValueUpper: orders.upperBound,
      mean: mean,
      variance: max(0, square - mean * mean),
      lower: lower,
      upper: upper
    )
  }

  /// The central interval of p / ν, ν of gamma, by the cube root of Wilson and Hilferty.
  private func orderValues(
    _ shape: Double,
    _ scale: Double,
    _ level: Double
  ) -> ClosedRange<Double> {
    let z = Distributions.normalQuantile(0.5 + level / 2)
    let center = 1 - 1 / (9 * shape)
    let width = z / (3 * shape.squareRoot())
    let (low, high) = (max(center - width, 1e-3), center + width)
    func value(_ root: Double) -> Double { p * scale / (shape * root * root * root) }
    return value(high)...value(low)
  }

  /// The quantiles of a value that is 0 without a purchase and else log-normal.
  private static func bounds(
    _ mean: Double,
    _ square: Double,
    _ chance: Double,
    _ level: Double
  ) -> (lower: Double, upper: Double) {
    guard chance > 0, mean > 0 else { return (0, 0) }
    let (first, second) = (mean / chance, square / chance)
    let spread = log(max(second / (first * first), 1))
    let center = log(first) - spread / 2
    func quantile(_ probability: Double) -> Double {
      let given = (probability - (1 - chance)) / chance
      guard given > 0 else { return 0 }
      return exp(center + Distributions.normalQuantile(given) * spread.squareRoot())
    }
    return (quantile((1 - level) / 2), quantile((1 + level) / 2))
  }
}
