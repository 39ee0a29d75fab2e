import LodeNumerics
import Testing

@Suite("NelderMead")
struct NelderMeadTests {
  @Test("Rosenbrock's valley is followed to (1, 1)")
  func rosenbrock() {
    let search = NelderMead(maximumEvaluations: 2000, tolerance: 1e-14)
    let minimum = search.minimize(from: [-1.2, 1], in: [-5...5, -5...5]) { p in
      let (a, b) = (1 - p[0], p[1] - p[0] * p[0])
      return a * a + 100 * b * b
    }
    #expect(minimum.converged)
    #expect(abs(minimum.parameters[0] - 1) < 1e-5)
    #expect(abs(minimum.parameters[1] - 1) < 1e-5)
  }

  @Test("a minimum outside the box is met at the border")
  func border() {
    let minimum = NelderMead().minimize(from: [0.5], in: [0...1]) { ($0[0] - 3) * ($0[0] - 3) }
    #expect(abs(minimum.parameters[0] - 1) < 1e-6)
  }
}
