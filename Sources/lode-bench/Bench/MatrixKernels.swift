internal import FoundationEssentials
internal import LodeFormats
internal import LodeMining
internal import LodeNumerics
internal import LodeRuntime

/// Kernels on matrices of doubles.
struct MatrixKernels {
  let folder: String

  /// What may stay in memory of a file that is read in every pass.
  private static let heldByteCount = 22 << 20

  /// Lloyd's k-means from the first k rows, 20 iterations and the final assignment.
  ///
  /// - Parameters:
  ///   - clusterCount: k.
  ///   - precision: in float32 the points are floats from the start, as the peers get them.
  ///   - readsFile: whether floats stay in their file, which every pass reads anew, timed.
  /// - Returns: what the fit took, its inertia and its iterations.
  /// - Throws: why the points cannot be read.
  func kMeans(
    clusterCount: Int,
    precision: KMeans.Precision,
    readsFile: Bool
  ) throws -> Measurement {
    let configuration = KMeans(
      clusterCount: clusterCount,
      maximumIterations: 20,
      tolerance: 0,
      precision: precision
    )
    let d = BenchData.pointDimension
    let first = Array(0..<clusterCount)
    if precision == .float64 {
      let points = try BenchFiles.matrix("\(folder)/points.f64", columns: d)
      let start = points.gathering(rows: first)
      let few = points.gathering(rows: Array(0..<min(1000, points.rowCount)))
      return try measured(few, start, configuration) {
        try configuration.fit(points, initialCentroids: start)
      }
    }
    let rows = try FloatRowFile(
      "\(folder)/points.f32",
      columnCount: d,
      heldByteCount: readsFile ? Self.heldByteCount : 0
    )
    let few = try BenchFiles.floats(rows, 0..<min(1000, rows.rowCount)).widened
    let start = few.gathering(rows: first)
    if readsFile {
      return try measured(few, start, configuration) {
        try configuration.fit(rows: rows, initialCentroids: start)
      }
    }
    let points = try BenchFiles.floats(rows, 0..<rows.rowCount)
    return try measured(few, start, configuration) {
      try configuration.fit(points, initialCentroids: start)
    }
  }

  /// Warms up by a few rows, then measures a fit.
  private func measured(
    _ few: Matrix,
    _ start: Matrix,
    _ configuration: KMeans,
    _ fit: () throws -> KMeans.Model
  ) throws -> Measurement {
    _ = try configuration.fit(few, initialCentroids: start)
    return try Measurement.of(fit) { model in
      ["inertia": model.inertia, "iterations": Double(model.iterations)]
    }
  }

  /// Logistic regression with penalty ½·|w|² on standardised features.
  ///
  /// The features stay in their file and are read anew in every pass, as part of the fit.
  func logistic(tolerance: Double) throws -> Measurement {
    let d = BenchData.logisticDimension
    let rows = try BenchRows("\(folder)/logistic.f64", columns: d)
    let outcomes = try BenchFiles.read("\(folder)/outcomes.f64").map { $0 > 0.5 }
    let names = (0..<d).map { "x\($0)" }
    let configuration = LogisticRegression(l2: 1, tolerance: tolerance)
    let few = Array(0..<min(2000, rows.rowCount))
    var start: [Double] = []
    try rows.withRows(0..<few.count) { span in start = span.indices.map { span[$0] } }
    _ = try configuration.fit(
      Matrix(rowCount: few.count, columnCount: d, elements: start),
      featureNames: names,
      outcomes: few.map { outcomes[$0] }
    )
    return try Measurement.of {
      try configuration.fit(rows: rows, featureNames: names, outcomes: outcomes)
    } values: { model in
      let features = try BenchFiles.matrix("\(folder)/logistic.f64", columns: d)
      let square = model.coefficients.reduce(0) { $0 + $1 * $1 }
      return [
        "objective": square / 2 - model.logLikelihood,
        "intercept": model.intercept,
        "coefficient_norm": square.squareRoot(),
        "~gradient": gradient(features, outcomes, model),
        "~iterations": Double(model.iterations),
      ]
    }
  }

  /// The largest entry of the gradient of objective / n.
  private func gradient(
    _ features: Matrix,
    _ outcomes: [Bool],
    _ model: LogisticRegression.Model
  ) -> Double {
    let d = features.columnCount
    let n = Double(features.rowCount)
    let probabilities = model.probabilities(for: features)
    var gradient = [Double](repeating: 0, count: d + 1)
    for row in outcomes.indices {
      let difference = probabilities[row] - (outcomes[row] ? 1 : 0)
      for j in 0..<d { gradient[j] += difference * features.elements[row * d + j] }
      gradient[d] += difference
    }
    for j in 0..<d { gradient[j] += model.coefficients[j] }
    return gradient.map { abs($0) / n }.max() ?? 0
  }
}
