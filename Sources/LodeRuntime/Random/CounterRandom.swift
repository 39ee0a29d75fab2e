internal import Glibc

/// A counter-based random generator: the n-th number of a stream is a pure function of (seed,
/// stream, n).
///
/// Streams are independent, so work can be split by customer or by chunk and still give the same
/// numbers on any thread count.
///
/// - Source: Steele, Lea & Flood (2014), "Fast splittable pseudorandom number generators", OOPSLA
///   (the SplitMix64 finaliser, applied to a keyed counter).
public struct CounterRandom: RandomNumberGenerator, Sendable {
  private let key: UInt64
  private var counter: UInt64 = 0

  /// The stream `stream` of the generator seeded by `seed`.
  public init(seed: UInt64, stream: UInt64 = 0) {
    key = Self.mix(
      Self.mix(seed &+ 0x9E37_79B9_7F4A_7C15) ^ Self.mix(stream &* 0xD1B5_4A32_D192_ED03)
    )
  }

  /// The next 64 random bits.
  public mutating func next() -> UInt64 {
    counter &+= 1
    return Self.mix(key &+ counter &* 0x9E37_79B9_7F4A_7C15)
  }

  /// A number in [0, 1) with 53 random bits.
  public mutating func uniform() -> Double {
    Double(next() >> 11) * 0x1p-53
  }

  /// A number in 0..<bound, without bias.
  public mutating func integer(below bound: Int) -> Int {
    precondition(bound > 0, "no integer below \(bound)")
    let range = UInt64(bound)
    while true {
      let product = next().multipliedFullWidth(by: range)
      if product.low >= (0 &- range) % range { return Int(product.high) }
    }
  }

  /// A standard normal number (Box–Muller, one of the pair).
  public mutating func normal() -> Double {
    let radius = (-2 * log(1 - uniform())).squareRoot()
    return radius * cos(2 * Double.pi * uniform())
  }

  /// An exponential number with the given rate (events per unit).
  public mutating func exponential(rate: Double) -> Double {
    precondition(rate > 0, "exponential rate \(rate)")
    return -log(1 - uniform()) / rate
  }

  /// A gamma number with shape and rate (mean = shape / rate).
  ///
  /// - Source: Marsaglia & Tsang (2000), "A simple method for generating gamma variables", ACM
  ///   TOMS.
  public mutating func gamma(shape: Double, rate: Double) -> Double {
    precondition(shape > 0 && rate > 0, "gamma shape \(shape), rate \(rate)")
    if shape < 1 {
      let boosted = gamma(shape: shape + 1, rate: rate)
      return boosted * pow(1 - uniform(), 1 / shape)
    }
    let d = shape - 1.0 / 3
    let c = 1 / (9 * d).squareRoot()
    while true {
      let x = normal()
      let v = 1 + c * x
      guard v > 0 else { continue }
      let cube = v * v * v
      if log(1 - uniform()) < 0.5 * x * x + d - d * cube + d * log(cube) { return d * cube / rate }
    }
  }

  /// A Poisson count with the given mean, by multiplication of uniforms in steps of at most 30.
  public mutating func poisson(mean: Double) -> Int {
    precondition(mean >= 0, "Poisson mean \(mean)")
    var count = 0
    var left = mean
    while left > 0 {
      let step = min(left, 30)
      left -= step
      let limit = exp(-step)
      var product = uniform()
      while product > limit {
        count += 1
        product *= uniform()
      }
    }
    return count
  }

  /// The index chosen with probability proportional to `weights`.
  public mutating func choice(weights: [Double]) -> Int {
    var target = uniform() * weights.reduce(0, +)
    for (index, weight) in weights.enumerated() {
      target -= weight
      if target < 0 { return index }
    }
    return weights.count - 1
  }

  private static func mix(_ input: UInt64) -> UInt64 {
    var z = input
    z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
    z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
    return z ^ (z >> 31)
  }
}
