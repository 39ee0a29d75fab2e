internal import LodeNumerics

/// A log-likelihood with its first and second derivatives, added up over customers.
struct DerivativeSums: Sendable {
  private var value = 0.0
  private var gradient: [Double]
  /// The upper triangle, row after row.
  private var hessian: [Double]

  /// Sums of nothing for `count` parameters.
  init(count: Int) {
    gradient = Array(repeating: 0, count: count)
    hessian = Array(repeating: 0, count: count * (count + 1) / 2)
  }

  /// Adds a group of customers with equal terms.
  mutating func add<let p: Int, let q: Int>(
    _ count: Double,
    value: Double,
    gradient: InlineArray<p, Double>,
    hessian: InlineArray<q, Double>
  ) {
    self.value += count * value
    for i in 0..<p { self.gradient[i] += count * gradient[i] }
    for i in 0..<q { self.hessian[i] += count * hessian[i] }
  }

  /// Adds other sums.
  mutating func merge(_ other: DerivativeSums) {
    value += other.value
    for i in gradient.indices { gradient[i] += other.gradient[i] }
    for i in hessian.indices { hessian[i] += other.hessian[i] }
  }

  /// The same by the logarithms of the parameters.
  func byLogarithms(of parameters: [Double]) -> NewtonMaximizer.Value {
    let p = parameters.count
    var full = [Double](repeating: 0, count: p * p)
    var place = 0
    for i in 0..<p {
      for j in i..<p {
        var entry = hessian[place] * parameters[i] * parameters[j]
        if i == j { entry += gradient[i] * parameters[i] }
        full[i * p + j] = entry
        full[j * p + i] = entry
        place += 1
      }
    }
    return NewtonMaximizer.Value(
      value: value,
      gradient: (0..<p).map { gradient[$0] * parameters[$0] },
      hessian: Matrix(rowCount: p, columnCount: p, elements: full)
    )
  }
}

extension PurchaseGroups {
  /// The mean age, weighted by customers; 0 without any.
  var meanAge: Double {
    zip(summaries, counts).reduce(0) { $0 + $1.0.age * $1.1 } / max(customerCount, 1)
  }

  /// The mean frequency, weighted by customers; 0 without any.
  var meanFrequency: Double {
    zip(summaries, counts).reduce(0) { $0 + Double($1.0.frequency) * $1.1 }
      / max(customerCount, 1)
  }
}
