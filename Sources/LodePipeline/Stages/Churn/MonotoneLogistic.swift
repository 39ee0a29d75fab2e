internal import Glibc
internal import LodeMining
internal import LodeNumerics
internal import LodeRuntime

/// A logistic model in which each feature points where it points alone.
///
/// Of features that say the same thing, one can get a coefficient against its own tendency, which
/// only corrects another. Such features are left out, the worst first, until none is left: the
/// model loses next to nothing and every reason it gives can be believed.
struct MonotoneLogistic: Sendable {
  /// On more rows than this the features to leave out are found on a part of the rows.
  private static let screeningRows = 100_000

  let names: [String]
  /// The weight of each feature for one unit of its scale; 0 where left out.
  let coefficients: [Double]
  let intercept: Double
  /// The mean of each feature in the training rows, and its standard deviation.
  let means: [Double]
  let deviations: [Double]
  let rowCount: Int
  let converged: Bool
  /// The places of the features that the model uses.
  let used: [Int]
  /// The covariance of the intercept and the used coefficients, clustered by customer.
  let covariance: Matrix?

  /// The model of labelled rows.
  ///
  /// - Parameters:
  ///   - features: `n × d`, on the scale of the model.
  ///   - churned: one a row.
  ///   - customers: the customer of each row; rows of one follow each other.
  ///   - names: one a feature.
  ///   - penalty: the L2 penalty on standardised coefficients.
  /// - Throws: ``LogisticRegression/FitError``.
  init(
    _ features: any RowBlocks,
    churned: [Bool],
    customers: [UInt64],
    names: [String],
    penalty: Double
  ) throws {
    let step = max(1, (features.rowCount + Self.screeningRows - 1) / Self.screeningRows)
    let sample = try features.everyRow(step)
    var used = Array(names.indices)
    if step > 1 {
      let outcomes = stride(from: 0, to: features.rowCount, by: step).map { churned[$0] }
      used = try Self.fit(sample, outcomes, names, used, penalty).used
    }
    let (model, kept) = try Self.fit(features, churned, names, used, penalty)
    let moments = Standardization(sample)
    var coefficients = [Double](repeating: 0, count: names.count)
    var (means, deviations) = (moments.means, moments.standardDeviations)
    for (place, column) in kept.enumerated() {
      coefficients[column] = model.coefficients[place]
      means[column] = model.means[place]
      deviations[column] = model.standardDeviations[place]
    }
    self.names = names
    self.coefficients = coefficients
    self.means = means
    self.deviations = deviations
    intercept = model.intercept
    rowCount = features.rowCount
    converged = model.converged
    self.used = kept
    covariance = try ClusteredCovariance(model, penalty: penalty)
      .matrix(features, columns: kept, churned: churned, customers: customers)
  }

  /// The features that a model of a sample uses: the first step where rows are too many to copy.
  static func screened(
    _ features: Matrix,
    churned: [Bool],
    names: [String],
    penalty: Double
  ) throws -> [Int] {
    try fit(features, churned, names, Array(names.indices), penalty).used
  }

  /// A model of some of the features as one of all of them.
  ///
  /// - Parameters:
  ///   - model: the model of the features at `columns`.
  ///   - columns: where they stand among all.
  ///   - names: all features.
  ///   - moments: means and deviations of all features, for those that are not used.
  init(
    _ model: MonotoneLogistic,
    at columns: [Int],
    of names: [String],
    _ moments: Standardization
  ) {
    var coefficients = [Double](repeating: 0, count: names.count)
    var (means, deviations) = (moments.means, moments.standardDeviations)
    for (place, column) in columns.enumerated() {
      coefficients[column] = model.coefficients[place]
      means[column] = model.means[place]
      deviations[column] = model.deviations[place]
    }
    self.names = names
    self.coefficients = coefficients
    self.means = means
    self.deviations = deviations
    intercept = model.intercept
    rowCount = model.rowCount
    converged = model.converged
    used = model.used.map { columns[$0] }
    covariance = model.covariance
  }

  /// The log-odds of rows.
  func logOdds(_ features: Matrix) -> [Double] {
    features.withSpan { cells in
      (0..<features.rowCount)
        .map { row in
          var sum = intercept
          for column in used { sum += coefficients[column] * cells[row * names.count + column] }
          return sum
        }
    }
  }

  /// What each feature adds to the log-odds of each row, against the mean of the training rows.
  func contributions(_ features: Matrix) -> Matrix {
    var parts = Matrix(rowCount: features.rowCount, columnCount: names.count)
    features.withSpan { cells in
      parts.withMutableSpan { parts in
        for row in 0..<features.rowCount {
          for column in used {
            let place = row * names.count + column
            parts[place] = coefficients[column] * (cells[place] - means[column])
          }
        }
      }
    }
    return parts
  }

  /// The standard error of the log-odds of each row by the parameters alone.
  func standardErrors(_ features: Matrix) -> [Double] {
    guard let covariance else { return Array(repeating: 0, count: features.rowCount) }
    let k = used.count + 1
    var values = [Double](repeating: 1, count: k)
    var errors = [Double](repeating: 0, count: features.rowCount)
    let (cells, parts) = (features.elements, covariance.elements)
    for row in errors.indices {
      for (place, column) in used.enumerated() {
        values[place + 1] = cells[row * features.columnCount + column] - means[column]
      }
      errors[row] = max(0, quadraticForm(values.span, parts.span)).squareRoot()
    }
    return errors
  }

  /// The standard error of each coefficient; nil where left out or not known.
  func coefficientErrors() -> [Double?] {
    var errors = [Double?](repeating: nil, count: names.count)
    guard let covariance else { return errors }
    for (place, column) in used.enumerated() {
      errors[column] = max(0, covariance[place + 1, place + 1]).squareRoot()
    }
    return errors
  }

  /// Fits until no feature is against its own tendency.
  private static func fit(
    _ features: any RowBlocks,
    _ churned: [Bool],
    _ names: [String],
    _ candidates: [Int],
    _ penalty: Double
  ) throws -> (model: LogisticRegression.Model, used: [Int]) {
    let tendencies = try Self.tendencies(features, churned)
    var used = candidates
    while true {
      let isAll = used.count == features.columnCount
      let model = try LogisticRegression(l2: penalty)
        .fit(
          rows: isAll ? features : RowColumns(used, of: features),
          featureNames: used.map { names[$0] },
          outcomes: churned
        )
      func weight(_ place: Int) -> Double {
        abs(model.coefficients[place]) * model.standardDeviations[place]
      }
      let worst = used.indices
        .filter { model.coefficients[$0] * tendencies[used[$0]] < 0 }
        .max { weight($0) < weight($1) }
      guard let worst, used.count > 1 else { return (model, used) }
      used.remove(at: worst)
    }
  }

  /// For each feature the difference of its means between churned and other rows.
  private static func tendencies(
    _ features: any RowBlocks,
    _ churned: [Bool]
  ) throws -> [Double] {
    let d = features.columnCount
    // Those that stayed, then those that left.
    var totals = [Double](repeating: 0, count: 2 * d)
    try features.forEachBlock { rows, cells in
      var sums = totals.mutableSpan
      for row in rows {
        let side = churned[row] ? d : 0
        let start = (row - rows.lowerBound) * d
        for column in 0..<d { sums[side + column] += cells[start + column] }
      }
    }
    let left = churned.count { $0 }
    let counts = (stayed: Double(max(churned.count - left, 1)), left: Double(max(left, 1)))
    return (0..<d).map { totals[d + $0] / counts.left - totals[$0] / counts.stayed }
  }
}

/// `xᵀ·A·x` of a row-major matrix, added row by row.
private func quadraticForm(_ x: Span<Double>, _ matrix: Span<Double>) -> Double {
  var sum = 0.0
  for i in x.indices {
    for j in x.indices { sum += x[i] * matrix[i * x.count + j] * x[j] }
  }
  return sum
}

/// The covariance of coefficients when one customer appears at several dates.
///
/// `A⁻¹·B·A⁻¹` with the penalised information `A` and the sum `B` over customers of the outer
/// product of their scores (sandwich). On more than 100,000 rows it is made from the first
/// customers of each of equal blocks and scaled by the share of rows.
///
/// - Source: Liang & Zeger (1986), "Longitudinal data analysis using generalized linear models",
///   Biometrika 73.
private struct ClusteredCovariance {
  private static let rowLimit = 100_000
  let model: LogisticRegression.Model
  let penalty: Double

  init(_ model: LogisticRegression.Model, penalty: Double) {
    self.model = model
    self.penalty = penalty
  }

  /// The covariance of intercept (at the means) and coefficients; nil if it cannot be inverted.
  func matrix(
    _ features: any RowBlocks,
    columns: [Int],
    churned: [Bool],
    customers: [UInt64]
  ) throws -> Matrix? {
    let k = columns.count + 1
    let n = features.rowCount
    let share = min(1, Double(Self.rowLimit) / Double(max(n, 1)))
    let threshold = share < 1 ? UInt64(share * 0x1p63) << 1 : UInt64.max
    var center = model.intercept
    for place in columns.indices { center += model.coefficients[place] * model.means[place] }
    var information = [Double](repeating: 0, count: k * k)
    var meat = information
    var score = [Double](repeating: 0, count: k)
    var values = [Double](repeating: 1, count: k)
    var taken = 0
    try features.forEachBlock { rows, cells in
      for row in rows where customers[row] <= threshold {
        let start = (row - rows.lowerBound) * features.columnCount
        taken += 1
        var logOdds = center
        for (place, column) in columns.enumerated() {
          values[place + 1] = cells[start + column] - model.means[place]
          logOdds += model.coefficients[place] * values[place + 1]
        }
        let p = 1 / (1 + exp(-logOdds))
        let residual = (churned[row] ? 1 : 0) - p
        for i in 0..<k {
          score[i] += residual * values[i]
          for j in 0..<k { information[i * k + j] += p * (1 - p) * values[i] * values[j] }
        }
        let isLast = row + 1 == n || customers[row + 1] != customers[row]
        guard isLast else { continue }
        for i in 0..<k {
          for j in 0..<k { meat[i * k + j] += score[i] * score[j] }
        }
        for i in 0..<k { score[i] = 0 }
      }
    }
    let scale = Double(n) / Double(max(taken, 1))
    for index in information.indices {
      information[index] *= scale
      meat[index] *= scale
    }
    for (place, deviation) in model.standardDeviations.enumerated() {
      information[(place + 1) * k + place + 1] += penalty * deviation * deviation
    }
    guard
      let bread = Cholesky(Matrix(rowCount: k, columnCount: k, elements: information))?.inverse()
    else { return nil }
    return bread.multiplied(by: Matrix(rowCount: k, columnCount: k, elements: meat))
      .multiplied(by: bread)
  }
}
