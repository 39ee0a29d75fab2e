internal import Glibc
internal import LodeRuntime

/// Small pieces of mathematics of the sample.
enum SampleMath {
  /// Mean and standard deviation of log X for X ~ gamma(shape, rate).
  ///
  /// - Source: digamma and trigamma by recurrence and asymptotic series (Abramowitz & Stegun
  ///   6.3.18,
  ///   6.4.12).
  static func logGammaMoments(shape: Double, rate: Double) -> (mean: Double, deviation: Double) {
    var x = shape
    var digamma = 0.0
    var trigamma = 0.0
    while x < 12 {
      digamma -= 1 / x
      trigamma += 1 / (x * x)
      x += 1
    }
    let inverse = 1 / x
    let square = inverse * inverse
    digamma += log(x) - 0.5 * inverse - square * (1.0 / 12 - square * (1.0 / 120 - square / 252))
    trigamma +=
      inverse + 0.5 * square + inverse * square * (1.0 / 6 - square * (1.0 / 30 - square / 42))
    return (digamma - log(rate), trigamma.squareRoot())
  }

  /// Weights of a Dirichlet draw around `base`; small `concentration` = strong preferences.
  static func dirichlet(
    around base: [Double],
    concentration: Double,
    _ random: inout CounterRandom
  ) -> [Double] {
    base.map { max(1e-9, random.gamma(shape: max(0.02, $0 * concentration), rate: 1)) }
  }
}
