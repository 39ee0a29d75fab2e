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

  @Test("a search in place takes the steps of the plain one, to the bit", arguments: 1...4)
  func plainSearch(dimension: Int) {
    func bowl(_ p: [Double]) -> Double {
      var sum = 0.0
      for i in p.indices {
        let near = p[i] - 0.3 * Double(i) - (i > 0 ? p[i - 1] * p[i - 1] : 0)
        sum += near * near * Double(i + 1)
      }
      return p[0] > 1.8 ? .nan : sum
    }
    let start = (0..<dimension).map { 1.7 - 0.4 * Double($0) }
    let bounds = start.indices.map { $0 == 1 ? -.infinity ... .infinity : -1.0...2.0 }
    for limit in [20, 60, 2000] {
      let search = NelderMead(maximumEvaluations: limit, tolerance: 1e-9)
      #expect(search.minimize(from: start, in: bounds, bowl) == search.plain(start, bounds, bowl))
    }
  }
}

extension NelderMead {
  /// What a plain search found, beside ``Minimum`` made in place.
  struct PlainMinimum {
    let parameters: [Double]
    let value: Double
    let evaluations: Int
    let converged: Bool
  }

  /// The same search with an array a point: the reference.
  fileprivate func plain(
    _ start: [Double],
    _ bounds: [ClosedRange<Double>],
    _ function: ([Double]) -> Double
  ) -> PlainMinimum {
    typealias Vertex = (point: [Double], value: Double)
    var evaluations = 0
    func evaluated(_ point: [Double]) -> Vertex {
      evaluations += 1
      let inside = zip(point, bounds).map { min(max($0, $1.lowerBound), $1.upperBound) }
      let value = function(inside)
      return (inside, value.isNaN ? .infinity : value)
    }
    func mixed(_ center: [Double], _ point: [Double], _ weight: Double) -> [Double] {
      zip(center, point).map { $0 + weight * ($1 - $0) }
    }
    var corners = [start]
    for i in start.indices {
      var point = start
      let width = bounds[i].upperBound - bounds[i].lowerBound
      let step = width.isFinite ? 0.1 * width : max(0.1, 0.1 * abs(start[i]))
      point[i] += point[i] + step <= bounds[i].upperBound ? step : -step
      corners.append(point)
    }
    var simplex = corners.map(evaluated)
    var converged = false
    while evaluations < maximumEvaluations {
      simplex.sort { $0.value < $1.value }
      let (best, worst) = (simplex[0], simplex[simplex.count - 1])
      if worst.value - best.value <= tolerance * (abs(best.value) + tolerance) {
        converged = true
        break
      }
      var center = [Double](repeating: 0, count: start.count)
      for vertex in simplex.dropLast() { center = zip(center, vertex.point).map { $0 + $1 } }
      center = center.map { $0 / Double(start.count) }
      let reflected = evaluated(mixed(center, worst.point, -1))
      if reflected.value < best.value {
        let expanded = evaluated(mixed(center, worst.point, -2))
        simplex[start.count] = expanded.value < reflected.value ? expanded : reflected
      } else if reflected.value < simplex[start.count - 1].value {
        simplex[start.count] = reflected
      } else {
        let weight = reflected.value < worst.value ? -0.5 : 0.5
        let contracted = evaluated(mixed(center, worst.point, weight))
        if contracted.value < min(reflected.value, worst.value) {
          simplex[start.count] = contracted
        } else {
          for i in 1..<simplex.count {
            simplex[i] = evaluated(mixed(best.point, simplex[i].point, 0.5))
          }
        }
      }
    }
    simplex.sort { $0.value < $1.value }
    return PlainMinimum(
      parameters: simplex[0].point,
      value: simplex[0].value,
      evaluations: evaluations,
      converged: converged
    )
  }
}

private func == (left: NelderMead.Minimum, right: NelderMead.PlainMinimum) -> Bool {
  left.parameters == right.parameters && left.value == right.value
    && left.evaluations == right.evaluations && left.converged == right.converged
}
