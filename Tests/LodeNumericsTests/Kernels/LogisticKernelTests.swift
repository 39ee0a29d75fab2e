import Glibc
import LodeNumerics
import LodeRuntime
import Testing

@Suite("LogisticKernel")
struct LogisticKernelTests {
  /// All that a machine of today may have; only what this one has is tried.
  static let instructions = NearestCentroids.Instructions.allCases.filter {
    $0.rawValue <= NearestCentroids.Instructions.best.rawValue
  }

  @Test("a pass agrees with the plain formulas", arguments: instructions, [1, 7, 8, 19])
  func pass(_ instructions: NearestCentroids.Instructions, _ d: Int) {
    var random = CounterRandom(seed: UInt64(d))
    for (count, step) in [(1, 1), (8, 1), (37, 1), (2051, 1), (13, 3)] {
      let n = (count - 1) * step + 1
      let x = (0..<n * d).map { _ in 5 + random.normal() }
      let y = (0..<n).map { _ in random.uniform() < 0.4 }
      let origin = (0..<d).map { _ in 5 + 0.1 * random.normal() }
      let slopes = (0..<d).map { _ in 3 * random.normal() }
      let kernel = LogisticKernel(origin: origin, instructions: instructions)
      var residuals = [Double](repeating: 0, count: count)
      var weights = residuals
      var gradient = [Double](repeating: 0, count: d + 1)
      let loss = run(kernel, x, y, count, step, slopes, 0.3, &residuals, &weights, &gradient)
      var expectedLoss = 0.0
      var expected = [Double](repeating: 0, count: d + 1)
      for i in 0..<count {
        let row = i * step
        var odds = 0.3
        for j in 0..<d { odds += (x[row * d + j] - origin[j]) * slopes[j] }
        let p = 1 / (1 + exp(-odds))
        expectedLoss += log1p(exp(-abs(odds))) + max(odds, 0) - (y[row] ? odds : 0)
        let residual = (y[row] ? 1 : 0) - p
        #expect(abs(residuals[i] - residual) < 1e-14)
        #expect(abs(weights[i] - p * (1 - p)) < 1e-14)
        expected[0] += residual
        for j in 0..<d { expected[1 + j] += residual * (x[row * d + j] - origin[j]) }
      }
      #expect(abs(loss - expectedLoss) < 1e-12 * max(1, expectedLoss))
      for j in 0...d { #expect(abs(gradient[j] - expected[j]) < 1e-11) }
    }
  }

  private func run(
    _ kernel: LogisticKernel,
    _ x: [Double],
    _ y: [Bool],
    _ count: Int,
    _ step: Int,
    _ slopes: [Double],
    _ intercept: Double,
    _ residuals: inout [Double],
    _ weights: inout [Double],
    _ gradient: inout [Double]
  ) -> Double {
    var residualSpan = residuals.mutableSpan
    var weightSpan = weights.mutableSpan
    var gradientSpan = gradient.mutableSpan
    return kernel.evaluate(
      x.span,
      outcomes: y.span,
      rows: .init(count: count, step: step),
      slopes: slopes.span,
      intercept: intercept,
      residuals: &residualSpan,
      weights: &weightSpan,
      gradient: &gradientSpan
    )
  }

  @Test("log-odds of a thousand and more lose nothing of what is small", arguments: instructions)
  func extremes(_ instructions: NearestCentroids.Instructions) {
    let x: [Double] = [-2000, -700, -40, -1e-9, 0, 1e-9, 40, 700, 2000]
    let kernel = LogisticKernel(origin: [0], instructions: instructions)
    for outcome in [false, true] {
      for value in x {
        var residuals = [0.0]
        var weights = [0.0]
        var gradient = [0.0, 0]
        let loss = run(kernel, [value], [outcome], 1, 1, [1], 0, &residuals, &weights, &gradient)
        // The probability of what did not happen.
        let odds = outcome ? value : -value
        let gap = odds >= 0 ? exp(-odds) / (1 + exp(-odds)) : 1 / (1 + exp(odds))
        if abs(value) < 1000 {
          #expect(abs(abs(residuals[0]) / gap - 1) < 1e-14)
        } else {
          #expect(abs(abs(residuals[0]) - gap) < 1e-300)
        }
        #expect((residuals[0] > 0) == outcome)
        let expected = odds >= 0 ? log1p(exp(-odds)) : -odds + log1p(exp(odds))
        #expect(abs(loss - expected) < 1e-15 * max(1, expected))
      }
    }
  }

  @Test("rows are centred, scaled and led by a constant", arguments: instructions)
  func fill(_ instructions: NearestCentroids.Instructions) {
    let d = 11
    let x = (0..<3 * d).map(Double.init)
    let origin = (0..<d).map { Double($0) / 2 }
    let factors = (0..<d).map { 1 / Double($0 + 1) }
    let kernel = LogisticKernel(origin: origin, instructions: instructions)
    var filled = [Double](repeating: -1, count: 2 * (d + 1))
    var span = filled.mutableSpan
    let scales = [2.0, 0.5]
    kernel.fill(
      x.span,
      rows: .init(count: 2, step: 2),
      factors: factors.span,
      scales: scales.span,
      into: &span
    )
    for i in 0..<2 {
      #expect(filled[i * (d + 1)] == scales[i])
      for j in 0..<d {
        let expected = (x[2 * i * d + j] - origin[j]) * factors[j] * scales[i]
        #expect(abs(filled[i * (d + 1) + 1 + j] - expected) < 1e-13)
      }
    }
  }
}
