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
    let d = start.count
    var evaluations = 0
    var point = start
    /// Moves the point into the box and looks at the function there.
    func evaluate() -> Double {
      evaluations += 1
      for i in 0..<d {
        point[i] = min(max(point[i], bounds[i].lowerBound), bounds[i].upperBound)
      }
      let value = function(point)
      return value.isNaN ? .infinity : value
    }
    var simplex = Simplex(dimension: d)
    for vertex in 0...d {
      for i in 0..<d { point[i] = start[i] }
      if vertex > 0 { point[vertex - 1] += Self.step(start[vertex - 1], bounds[vertex - 1]) }
      simplex.set(vertex, point, evaluate())
    }
    var converged = false
    var (center, reflected) = (start, start)
    while evaluations < maximumEvaluations {
      simplex.sort()
      let (best, worst) = (simplex.value(0), simplex.value(d))
      if worst - best <= tolerance * (abs(best) + tolerance) {
        converged = true
        break
      }
      simplex.setCenter(&center)
      simplex.mix(&point, center, d, -1)
      let value = evaluate()
      if value < best {
        for i in 0..<d { reflected[i] = point[i] }
        simplex.mix(&point, center, d, -2)
        let expanded = evaluate()
        if expanded < value {
          simplex.set(d, point, expanded)
        } else {
          simplex.set(d, reflected, value)
        }
      } else if value < simplex.value(d - 1) {
        simplex.set(d, point, value)
      } else {
        simplex.mix(&point, center, d, value < worst ? -0.5 : 0.5)
        let contracted = evaluate()
        if contracted < min(value, worst) {
          simplex.set(d, point, contracted)
        } else {
          simplex.setPoint(&center, 0)
          for rank in stride(from: 1, through: d, by: 1) {
            simplex.mix(&point, center, rank, 0.5)
            simplex.set(rank, point, evaluate())
          }
        }
      }
    }
    simplex.sort()
    simplex.setPoint(&point, 0)
    return Minimum(
      parameters: point,
      value: simplex.value(0),
      evaluations: evaluations,
      converged: converged
    )
  }

  /// How far the first simplex reaches along one parameter.
  private static func step(_ start: Double, _ bounds: ClosedRange<Double>) -> Double {
    let width = bounds.upperBound - bounds.lowerBound
    let step = width.isFinite ? 0.1 * width : max(0.1, 0.1 * abs(start))
    return start + step <= bounds.upperBound ? step : -step
  }
}

/// `d + 1` points with their values, in one block of memory that a search changes in place.
///
/// Points are asked for by their rank as of the last ``sort()``; before it, by their place.
private struct Simplex {
  private let dimension: Int
  /// Point after point.
  private var coordinates: [Double]
  private var values: [Double]
  /// The place of each rank, the lowest value first.
  private var places: [Int]

  init(dimension: Int) {
    self.dimension = dimension
    coordinates = Array(repeating: 0, count: (dimension + 1) * dimension)
    values = Array(repeating: 0, count: dimension + 1)
    places = Array(0...dimension)
  }

  func value(_ rank: Int) -> Double { values[places[rank]] }

  mutating func set(_ rank: Int, _ point: [Double], _ value: Double) {
    let place = places[rank]
    values[place] = value
    for i in 0..<dimension { coordinates[place * dimension + i] = point[i] }
  }

  func setPoint(_ point: inout [Double], _ rank: Int) {
    let start = places[rank] * dimension
    for i in 0..<dimension { point[i] = coordinates[start + i] }
  }

  /// Ranks points by value; equal ones keep their order.
  mutating func sort() {
    for rank in stride(from: 1, through: dimension, by: 1) {
      let place = places[rank]
      var free = rank
      while free > 0, values[place] < values[places[free - 1]] {
        places[free] = places[free - 1]
        free -= 1
      }
      places[free] = place
    }
  }

  /// The mean of all points but the last.
  func setCenter(_ center: inout [Double]) {
    for i in 0..<dimension { center[i] = 0 }
    for rank in 0..<dimension {
      let start = places[rank] * dimension
      for i in 0..<dimension { center[i] += coordinates[start + i] }
    }
    for i in 0..<dimension { center[i] /= Double(dimension) }
  }

  /// The point at `weight` on the way from a center to one of the points.
  func mix(_ point: inout [Double], _ center: [Double], _ rank: Int, _ weight: Double) {
    let start = places[rank] * dimension
    for i in 0..<dimension {
      point[i] = center[i] + weight * (coordinates[start + i] - center[i])
    }
  }
}
