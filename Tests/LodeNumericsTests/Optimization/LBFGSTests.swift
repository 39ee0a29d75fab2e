import LodeNumerics
import Testing

@Suite("LBFGS")
struct LBFGSTests {
  @Test("Rosenbrock's valley is followed to its end at (1, 1)")
  func rosenbrock() {
    let end = LBFGS(tolerance: 1e-18)
      .minimize(from: [-1.2, 1], scale: 1e-3) { x in
        let (a, b) = (1 - x[0], x[1] - x[0] * x[0])
        return (a * a + 100 * b * b, [-2 * a - 400 * x[0] * b, 200 * b])
      }
    #expect(abs(end.parameters[0] - 1) < 1e-6)
    #expect(abs(end.parameters[1] - 1) < 1e-6)
    #expect(end.iterations < 100)
  }

  @Test("an ill-conditioned quadratic of fifty unknowns is solved")
  func quadratic() {
    // f = Σ (i + 1)²/2·(xᵢ − 1)²: the minimum is at ones, the condition number 2500.
    let end = LBFGS(maximumIterations: 2000, tolerance: 1e-20)
      .minimize(from: Array(repeating: 0, count: 50)) { x in
        var value = 0.0
        var gradient = x
        for i in x.indices {
          let weight = Double((i + 1) * (i + 1))
          value += weight / 2 * (x[i] - 1) * (x[i] - 1)
          gradient[i] = weight * (x[i] - 1)
        }
        return (value, gradient)
      }
    #expect(end.converged)
    #expect(end.parameters.allSatisfy { abs($0 - 1) < 1e-8 })
  }

  @Test("a memory of exact curvature gives Newton's direction")
  func memory() {
    // Two conjugate steps of f = x² + 3y² know all of its curvature.
    var memory = CurvatureMemory(size: 4)
    memory.add(step: [1, 0], change: [2, 0])
    memory.add(step: [0, 1], change: [0, 6])
    let direction = memory.direction([4, 6]) { $0 }
    #expect(abs(direction[0] - 2) < 1e-15)
    #expect(abs(direction[1] - 1) < 1e-15)
    memory.clear()
    #expect(memory.direction([4, 6]) { $0 } == [4, 6])
  }
}
