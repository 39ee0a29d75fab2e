import LodeNumerics
import Testing

@Suite("Newton's method")
struct NewtonMaximizerTests {
  /// −cosh(x − 1) − (y + 2)² − (y + 2)⁴: its top is −1 at (1, −2).
  private static func hill(_ point: [Double], _ calls: inout Int) -> NewtonMaximizer.Value {
    calls += 1
    let (x, y) = (point[0] - 1, point[1] + 2)
    // Its series, as the tests import no library of functions.
    var (even, odd, term) = (0.0, 0.0, 1.0)
    for n in 0..<40 {
      if n % 2 == 0 { even += term } else { odd += term }
      term *= x / Double(n + 1)
    }
    return NewtonMaximizer.Value(
      value: -even - y * y - y * y * y * y,
      gradient: [-odd, -2 * y - 4 * y * y * y],
      hessian: Matrix(rows: [[-even, 0], [0, -2 - 12 * y * y]])
    )
  }

  @Test("a last step without another look ends at the same top, one look earlier")
  func lastStep() {
    var (plainCalls, calls) = (0, 0)
    let plain = NewtonMaximizer().maximize(from: [1.8, -1.5]) { Self.hill($0, &plainCalls) }
    let fast = NewtonMaximizer(lastStep: 1e-7)
      .maximize(from: [1.8, -1.5]) { Self.hill($0, &calls) }
    #expect(plain.converged && fast.converged && calls < plainCalls)
    for maximum in [plain, fast] {
      #expect(abs(maximum.parameters[0] - 1) < 1e-9 && abs(maximum.parameters[1] + 2) < 1e-9)
      #expect(abs(maximum.value.value + 1) < 1e-12)
    }
  }

  @Test("a start at which the function is not finite is where the search ends")
  func notFinite() {
    let bad = NewtonMaximizer.Value(value: .nan, gradient: [0], hessian: Matrix(rows: [[-1]]))
    let maximum = NewtonMaximizer().maximize(from: [3]) { _ in bad }
    #expect(!maximum.converged && maximum.parameters == [3] && maximum.steps == 0)
  }
}
