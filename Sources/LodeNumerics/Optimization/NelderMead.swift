/// Minimises a function of a few parameters inside a box, without derivatives.
///
/// - Determinism: no random numbers; the same start gives the same answer.
/// - Complexity: at most `maximumEvaluations` calls.
/// - Source: Nelder & Mead (1965), "A simplex method for function minimization"; points are clamped
///   to the box as in Hyndman's `ets`.
public struct NelderMead: Sendable, Hashable, Codable {
  /// The most function calls before the search stops.
  public var maximumEvaluations: Int
  /// The spread of function values, relative to the best, at which the search has converged.
  public var tolerance: Double

  /// A search with the given limits.
  public init(maximumEvaluations: Int = 1000, tolerance: Double = 1e-10) {
    self.maximumEvaluations = maximumEvaluations
    self.tolerance = tolerance
  }

  /// Where a search ended.
  public struct Minimum: Sendable, Hashable, Codable {
    /// The parameters.
    public let parameters: [Double]
    /// The function there.
    public let value: Double
    /// The number of function calls.
    public let evaluations: Int
    /// Whether the spread fell below the tolerance.
    public let converged: Bool
  }

  /// The lowest point found from `start`.
  ///
  /// - Parameters:
  ///   - start: the first guess.
  ///   - bounds: the box, one closed range a parameter.
  ///   - function: the function to minimise; a NaN counts as infinitely bad.
  /// - Returns: the best point, its value and what the search did.
  public func minimize(
    from start: [Double],
    in bounds: [ClosedRange<Double>],
    _ function: ([Double]) -> Double
  ) -> Minimum {
    precondition(start.count == bounds.count, "\(bounds.count) bounds for \(start.count) values")
    var evaluations = 0
    func clamped(_ point: [Double]) -> [Double] {
      zip(point, bounds).map { min(max($0, $1.lowerBound), $1.upperBound) }
    }
    func evaluated(_ point: [Double]) -> Vertex {
      evaluations += 1
      let inside = clamped(point)
      let value = function(inside)
      return Vertex(point: inside, value: value.isNaN ? .infinity : value)
    }
    var simplex = initialSimplex(start, bounds).map(evaluated)
    var converged = false
    while evaluations < maximumEvaluations {
      simplex.sort { $0.value < $1.value }
      let (best, worst) = (simplex[0], simplex[simplex.count - 1])
      if worst.value - best.value <= tolerance * (abs(best.value) + tolerance) {
        converged = true
        break
      }
      let center = centroid(simplex.dropLast())
      let reflected = evaluated(mixed(center, worst.point, -1))
      let secondWorst = simplex[simplex.count - 2].value
      if reflected.value < best.value {
        let expanded = evaluated(mixed(center, worst.point, -2))
        simplex[simplex.count - 1] = expanded.value < reflected.value ? expanded : reflected
      } else if reflected.value < secondWorst {
        simplex[simplex.count - 1] = reflected
      } else {
        let isOutside = reflected.value < worst.value
        let contracted = evaluated(mixed(center, worst.point, isOutside ? -0.5 : 0.5))
        if contracted.value < min(reflected.value, worst.value) {
          simplex[simplex.count - 1] = contracted
        } else {
          for i in 1..<simplex.count {
            simplex[i] = evaluated(mixed(best.point, simplex[i].point, 0.5))
          }
        }
      }
    }
    simplex.sort { $0.value < $1.value }
    return Minimum(
      parameters: simplex[0].point,
      value: simplex[0].value,
      evaluations: evaluations,
      converged: converged
    )
  }

  private struct Vertex {
    let point: [Double]
    let value: Double
  }

  private func initialSimplex(_ start: [Double], _ bounds: [ClosedRange<Double>]) -> [[Double]] {
    var simplex = [start]
    for i in start.indices {
      var point = start
      let width = bounds[i].upperBound - bounds[i].lowerBound
      let step = width.isFinite ? 0.1 * width : max(0.1, 0.1 * abs(start[i]))
      point[i] += point[i] + step <= bounds[i].upperBound ? step : -step
      simplex.append(point)
    }
    return simplex
  }

  private func centroid(_ vertices: ArraySlice<Vertex>) -> [Double] {
    var sum = [Double](repeating: 0, count: vertices.first?.point.count ?? 0)
    for vertex in vertices { for i in sum.indices { sum[i] += vertex.point[i] } }
    return sum.map { $0 / Double(vertices.count) }
  }

  private func mixed(_ center: [Double], _ point: [Double], _ weight: Double) -> [Double] {
    zip(center, point).map { $0 + weight * ($1 - $0) }
  }
}
