internal import Glibc
internal import LodeNumerics
internal import LodeRuntime

/// The Gamma-Gamma model of the mean value of a purchase.
///
/// - Input: customers with at least one repeat purchase and a positive mean value of these.
/// - Source: Fader & Hardie (2013), "The Gamma-Gamma model of monetary value", note 025.
public struct GammaGamma: Sendable, Hashable, Codable {
  /// The shape of the values of one customer's purchases.
  public let p: Double
  /// The shape of the scales between customers.
  public let q: Double
  /// The rate of the scales between customers, in money.
  public let v: Double

  /// A model with known parameters.
  ///
  /// - Precondition: they are positive.
  public init(p: Double, q: Double, v: Double) {
    precondition(p > 0 && q > 0 && v > 0, "\(p), \(q), \(v) are no parameters p, q, v")
    (self.p, self.q, self.v) = (p, q, v)
  }

  /// The model of highest likelihood and what the fit reached.
  ///
  /// - Parameters:
  ///   - frequencies: repeat purchases of each customer; customers with none are left out.
  ///   - values: the mean value of each customer's repeat purchases; others than positive ones are
  ///     left out.
  /// - Returns: the model and the report; money is rescaled by its mean within.
  public static func fit(
    frequencies: [Int],
    values: [Double]
  ) -> (model: GammaGamma, fit: LifetimeFit) {
    precondition(frequencies.count == values.count, "\(values.count) values")
    let rows = values.indices.filter {
      frequencies[$0] > 0 && values[$0] > 0 && values[$0].isFinite
    }
    let x = rows.map { frequencies[$0] }
    let mean = rows.isEmpty ? 1 : rows.reduce(0) { $0 + values[$1] } / Double(rows.count)
    let z = rows.map { values[$0] / mean }
    let logZ = z.map { log($0) }
    let maximum = NewtonMaximizer()
      .maximize(from: [log(2), log(3), log(2)]) { point in
        let parameters = point.map { exp(min(max($0, -30), 30)) }
        return GammaGamma(p: parameters[0], q: parameters[1], v: parameters[2])
          .likelihood(x, z, logarithms: logZ)
      }
    let point = maximum.parameters
    // Back to the unit of money: v scales with it, and each of n densities is divided by it.
    let scaled = NewtonMaximizer.Maximum(
      parameters: [point[0], point[1], point[2] + log(mean)],
      value: NewtonMaximizer.Value(
        value: maximum.value.value - Double(z.count) * log(mean),
        gradient: maximum.value.gradient,
        hessian: maximum.value.hessian
      ),
      steps: maximum.steps,
      converged: maximum.converged
    )
    let fit = LifetimeFit(names: ["p", "q", "v"], scaled, customerCount: Double(z.count))
    let parameters = fit.parameters
    return (GammaGamma(p: parameters[0], q: parameters[1], v: parameters[2]), fit)
  }

  /// The expected value of a customer's next purchases; nil where no mean exists (`p·x + q ≤ 1`).
  ///
  /// - Parameters:
  ///   - frequency: repeat purchases; 0 for a customer of whom nothing is known.
  ///   - meanValue: their mean value.
  /// - Returns: the expected value in the unit of money.
  public func expectedValue(frequency: Int, meanValue: Double) -> Double? {
    let x = Double(frequency)
    let denominator = p * x + q - 1
    guard denominator > 0 else { return nil }
    return p * (v + (frequency > 0 ? x * meanValue : 0)) / denominator
  }

  /// The log-likelihood with its derivatives by the logarithms of the parameters.
  func likelihood(_ frequencies: [Int], _ values: [Double]) -> NewtonMaximizer.Value {
    likelihood(frequencies, values, logarithms: values.map { log($0) })
  }

  /// The same with the logarithms of the values, which no step changes.
  private func likelihood(
    _ frequencies: [Int],
    _ values: [Double],
    logarithms: [Double]
  ) -> NewtonMaximizer.Value {
    typealias F = SpecialFunctions
    let largest = frequencies.max() ?? 0
    var terms: [Terms] = []
    for frequency in 0...max(0, largest) {
      let x = Double(frequency)
      guard frequency > 0 else {
        terms.append(Terms(value: 0, both: 0, own: 0, both2: 0, own2: 0, logX: 0))
        continue
      }
      terms.append(
        Terms(
          value: F.logGamma(p * x + q) - F.logGamma(p * x) - F.logGamma(q) + q * log(v)
            + p * x * log(x),
          both: F.digamma(p * x + q),
          own: F.digamma(p * x),
          both2: F.trigamma(p * x + q),
          own2: F.trigamma(p * x),
          logX: log(x)
        )
      )
    }
    let (tabled, digammaQ, trigammaQ, logV) = (terms, F.digamma(q), F.trigamma(q), log(v))
    let parts = Parallel.map(rows: frequencies.count, chunkSize: 4096) { rows in
      var sums = DerivativeSums(count: 3)
      for row in rows {
        let (x, z) = (Double(frequencies[row]), values[row])
        let t = tabled[frequencies[row]]
        let total = v + x * z
        let (logTotal, logZ) = (log(total), logarithms[row])
        let shape = p * x + q
        sums.add(
          1,
          value: t.value + (p * x - 1) * logZ - shape * logTotal,
          gradient: [
            x * (t.both - t.own + logZ + t.logX - logTotal),
            t.both - digammaQ + logV - logTotal,
            q / v - shape / total,
          ],
          hessian: [
            x * x * (t.both2 - t.own2), x * t.both2, -x / total,
            t.both2 - trigammaQ, 1 / v - 1 / total,
            -q / (v * v) + shape / (total * total),
          ]
        )
      }
      return sums
    }
    var total = DerivativeSums(count: 3)
    for part in parts { total.merge(part) }
    return total.byLogarithms(of: [p, q, v])
  }
}

/// What of the likelihood of a customer depends on the frequency only.
private struct Terms: BitwiseCopyable {
  var value: Double
  var both: Double
  var own: Double
  var both2: Double
  var own2: Double
  var logX: Double
}
