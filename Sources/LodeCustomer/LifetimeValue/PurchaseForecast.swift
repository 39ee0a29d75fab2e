internal import Glibc
internal import LodeNumerics
internal import LodeRuntime

/// What one customer may buy in a time ahead: the distribution of the number of purchases.
///
/// The parameters of the model count as known; the spread is that of what the customer does.
public struct PurchaseForecast: Sendable, Hashable, Codable {
  /// The chance not to have dropped out, 0…1; nothing to rank customers by.
  public let probabilityAlive: Double
  /// The chance of at least one purchase, 0…1.
  public let chanceToBuy: Double
  /// The expected number of purchases.
  public let mean: Double
  /// The expected square of the number of purchases.
  public let meanSquare: Double
  /// The lower end of the prediction interval of the number of purchases.
  public let lower: Int
  /// The upper end of the prediction interval of the number of purchases.
  public let upper: Int

  /// The variance of the number of purchases.
  public var variance: Double { max(0, meanSquare - mean * mean) }
}

/// Walks from 0 purchases upwards and notes where a distribution passes two quantiles.
struct QuantileWalk {
  private let tail: Double
  /// The ends, −1 while they are not known.
  private var ends = (lower: -1, upper: -1)

  /// The ends of the central interval of a level.
  init(level: Double) { tail = (1 - level) / 2 }

  /// Whether both ends are known.
  var isDone: Bool { ends.upper >= 0 }
  /// The lower end, 0 if none was passed.
  var lower: Int { max(ends.lower, 0) }
  /// The upper end, 0 if none was passed.
  var upper: Int { max(ends.upper, 0) }

  /// Takes the chance of more than `count` purchases.
  mutating func pass(_ count: Int, chanceOfMore: Double) {
    if ends.lower < 0, chanceOfMore <= 1 - tail { ends.lower = count }
    if ends.upper < 0, chanceOfMore <= tail { ends.upper = count }
  }
}

extension BetaGeometric {
  /// The distribution of a customer's purchases in the time after the end of observation.
  ///
  /// One who is alive has a rate of gamma with r + x and α + T and a chance to drop out of beta
  /// with a and b + x. At least n purchases need n arrivals within the time and n − 1 dropouts
  /// survived: P(X ≥ n) = P(alive) · P(N ≥ n) · B(a, b + x + n − 1) / B(a, b + x), N negative
  /// binomial; mean and square are sums over these.
  ///
  /// - Parameters:
  ///   - summary: what the customer did.
  ///   - time: the time ahead, in the unit of the summaries.
  ///   - level: the share of customers inside the prediction interval, at least.
  /// - Returns: the forecast.
  /// - Source: the posterior of Fader, Hardie & Lee (2005), §4.2, and its beta-geometric renewal.
  public func forecast(
    _ summary: PurchaseSummary,
    within time: Double,
    level: Double = 0.9
  ) -> PurchaseForecast {
    let alive = probabilityAlive(summary)
    let x = Double(summary.frequency)
    let (shape, rate) = (r + x, alpha + summary.age)
    let stays = b + x + (variant == .modified ? 1 : 0)
    let ratio = time / (rate + time)
    var logMass = -shape * log1p(max(0, time) / rate)
    var mass = exp(logMass)
    var more = -expm1(logMass)
    var stay = alive
    var (mean, square, n) = (0.0, 0.0, 1.0)
    var walk = QuantileWalk(level: level)
    let chance = alive * more
    // Until both ends of the interval are passed; far below the mode the mass of one number is
    // less than a double can hold, so its logarithm is carried there.
    while more > 1e-14, n < 200_000, !walk.isDone || logMass < -600 {
      let tail = stay * more
      walk.pass(Int(n) - 1, chanceOfMore: tail)
      mean += tail
      square += (2 * n - 1) * tail
      let step = (shape + n - 1) / n * ratio
      if logMass < -600 {
        logMass += log(step)
        mass = exp(logMass)
      } else {
        mass *= step
      }
      more -= mass
      stay *= (stays + n - 1) / (a + stays + n - 1)
      n += 1
    }
    // Terms fall at least as fast as those of a geometric series.
    let small = 1e-13 * (1 - ratio)
    while more > 1e-14, n < 200_000 {
      let tail = stay * more
      let part = (2 * n - 1) * tail
      mean += tail
      square += part
      if part < small * square { break }
      mass *= (shape + n - 1) / n * ratio
      more -= mass
      stay *= (stays + n - 1) / (a + stays + n - 1)
      n += 1
    }
    walk.pass(Int(n) - 1, chanceOfMore: 0)
    return PurchaseForecast(
      probabilityAlive: alive,
      chanceToBuy: chance,
      mean: mean,
      meanSquare: square,
      lower: walk.lower,
      upper: walk.upper
    )
  }
}

extension ParetoNBD {
  private static let nodes = GaussLegendre(count: 12)

  /// The distribution of a customer's purchases in the time after the end of observation.
  ///
  /// One who is alive is as a new customer with parameters r + x, α + T, s and β + T. Mean and
  /// square have closed forms; the chances of small numbers are negative binomial with the time
  /// cut at the dropout, averaged over 12 points of Gauss and Legendre in the chance to live on.
  ///
  /// - Parameters:
  ///   - summary: what the customer did.
  ///   - time: the time ahead, in the unit of the summaries.
  ///   - level: the share of customers inside the prediction interval, at least.
  /// - Returns: the forecast.
  /// - Source: the posterior of Schmittlein, Morrison & Colombo (1987), §4; E[X²] by the moments of
  ///   a Poisson count over a random time.
  public func forecast(
    _ summary: PurchaseSummary,
    within time: Double,
    level: Double = 0.9
  ) -> PurchaseForecast {
    let alive = probabilityAlive(summary)
    let x = Double(summary.frequency)
    let (shape, rate, age) = (r + x, alpha + summary.age, beta + summary.age)
    let mean = alive * shape / rate * aliveTime(from: summary.age, max(0, time))
    let pairs = shape * (shape + 1) / (rate * rate) * Self.meanSquareTime(s, age, max(0, time))
    let square = mean + alive * pairs
    var walk = QuantileWalk(level: level)
    let chance: Double
    if shape * log1p(time / rate) > 600 {
      // A zero needs the dropout; the rest is far from zero and as good as normal.
      chance = alive
      let typical = mean / max(alive, 1e-300)
      let z = Distributions.normalQuantile(0.5 + level / 2)
      let width = z * max(0, square / max(alive, 1e-300) - typical * typical).squareRoot()
      let dead = 1 - alive > (1 - level) / 2
      let isAlive = alive > (1 - level) / 2
      return PurchaseForecast(
        probabilityAlive: alive,
        chanceToBuy: chance,
        mean: mean,
        meanSquare: square,
        lower: dead ? 0 : Int(max(0, typical - width).rounded(.down)),
        upper: isAlive ? Int((typical + width).rounded(.up)) : 0
      )
    }
    chance = walkCounts(shape, rate, age, time, alive, &walk)
    return PurchaseForecast(
      probabilityAlive: alive,
      chanceToBuy: chance,
      mean: mean,
      meanSquare: square,
      lower: walk.lower,
      upper: walk.upper
    )
  }

  /// Passes the chances of more than 0, 1, 2 … purchases; the chance of more than 0.
  private func walkCounts(
    _ shape: Double,
    _ rate: Double,
    _ age: Double,
    _ time: Double,
    _ alive: Double,
    _ walk: inout QuantileWalk
  ) -> Double {
    let survival = exp(-s * log1p(time / age))
    var mass = InlineArray<13, Double>(repeating: 0)
    var ratio = InlineArray<13, Double>(repeating: 0)
    var none = 0.0
    for k in 0..<13 {
      var weight = survival
      var end = time
      if k < 12 {
        let lives = survival + (1 - survival) * (Self.nodes.points[k] + 1) / 2
        weight = (1 - survival) * Self.nodes.weights[k] / 2
        end = age * expm1(-log(lives) / s)
      }
      mass[k] = alive * weight * exp(-shape * log1p(end / rate))
      ratio[k] = end / (rate + end)
      none += mass[k]
    }
    let chance = max(0, alive - none)
    var (more, n) = (chance, 0.0)
    while n < 200_000 {
      walk.pass(Int(n), chanceOfMore: more)
      if walk.isDone { break }
      n += 1
      for k in 0..<13 {
        mass[k] *= (shape + n - 1) / n * ratio[k]
        more -= mass[k]
      }
    }
    return chance
  }

  /// The expected square of the time alive within `time`, of one alive with β + T = `age`.
  private static func meanSquareTime(_ s: Double, _ age: Double, _ time: Double) -> Double {
    let logRatio = log1p(time / age)
    if time < 1e-4 * age { return time * time * (1 - 2 * s * time / (3 * age)) }
    func share(_ e: Double) -> Double { e == 0 ? logRatio : -expm1(-e * logRatio) / e }
    return 2 * age * age * (share(s - 2) - share(s - 1))
  }
}
