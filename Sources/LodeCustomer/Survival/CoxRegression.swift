internal import Glibc
public import LodeNumerics

/// Proportional hazards (Cox): what makes customers leave sooner, whatever the time course is.
///
/// - Input: a ``SurvivalSample`` and covariates, `n × p`, one row for each of its rows.
/// - Output: a ``CoxModel`` that names the covariates it could not use.
/// - Complexity: O(`n p²`) a step after one sort; about five steps.
/// - Source: Cox (1972), JRSS B 34(2); Efron (1977), JASA 72; Breslow (1974), Biometrics 30.
/// - Agrees with: lifelines 0.27.8 `CoxPHFitter` and statsmodels 0.14 `PHReg`.
public struct CoxRegression: Sendable, Hashable, Codable {
  /// What to do with several customers who leave at the same time.
  public enum Ties: String, Sendable, Hashable, Codable, CaseIterable {
    /// The better approximation, and the default.
    case efron
    /// The simpler one.
    case breslow
  }

  /// What to do with ties.
  public var ties: Ties
  /// The most steps.
  public var maximumSteps: Int

  /// A configuration.
  public init(ties: Ties = .efron, maximumSteps: Int = 60) {
    self.ties = ties
    self.maximumSteps = maximumSteps
  }

  /// Why a fit was refused.
  public enum FitError: Error, Hashable {
    /// Covariates that do not fit the sample or their names.
    case wrongShape(rows: Int, columns: Int, sampleRows: Int, names: Int)
    /// A missing or infinite covariate.
    case notFinite(row: Int, column: String)
  }

  /// The model of highest partial likelihood.
  ///
  /// - Parameters:
  ///   - sample: the customers; with ties of Efron all who leave at a time count with their mean
  ///     weight, as in R.
  ///   - covariates: `n × p`, in any scale; they are centred and scaled inside.
  ///   - names: the names of the columns.
  /// - Returns: the model; see ``CoxModel/status``.
  /// - Throws: ``FitError`` for covariates that do not fit or are not finite.
  public func fit(
    _ sample: SurvivalSample,
    covariates: Matrix,
    names: [String]
  ) throws(FitError) -> CoxModel {
    let (n, p) = (covariates.rowCount, covariates.columnCount)
    guard n == sample.durations.count, p == names.count else {
      throw .wrongShape(
        rows: n,
        columns: p,
        sampleRows: sample.durations.count,
        names: names.count
      )
    }
    if let place = covariates.firstNonFinite() {
      throw .notFinite(row: place.row, column: names[place.column])
    }
    let design = CoxDesign(sample, covariates)
    let likelihood = CoxLikelihood(sample, design, ties: ties)
    let start = [Double](repeating: 0, count: design.kept.count)
    let null = likelihood.value(at: start).value
    // Below the rounding of so large a sum no step can be seen to climb.
    let tolerance = max(1e-12, 1e-14 * abs(null))
    let maximum = NewtonMaximizer(maximumSteps: maximumSteps, tolerance: tolerance)
      .maximize(from: start) { likelihood.value(at: $0) }
    let best = Self.polished(maximum, likelihood)
    return CoxModel(names: names, sample, design, likelihood, best, null: null)
  }

  /// One full step more from a maximum, where the quadratic model is exact to rounding.
  private static func polished(
    _ maximum: NewtonMaximizer.Maximum,
    _ likelihood: CoxLikelihood
  ) -> NewtonMaximizer.Maximum {
    let p = maximum.parameters.count
    let negated = maximum.value.hessian.elements.map { -$0 }
    guard
      maximum.converged,
      let factor = Cholesky(Matrix(rowCount: p, columnCount: p, elements: negated))
    else { return maximum }
    let step = factor.solve(maximum.value.gradient)
    let point = zip(maximum.parameters, step).map { $0 + $1 }
    let value = likelihood.value(at: point)
    let rounding = 1e-13 * abs(maximum.value.value)
    guard value.value >= maximum.value.value - rounding else { return maximum }
    return NewtonMaximizer.Maximum(
      parameters: point,
      value: value,
      steps: maximum.steps + 1,
      converged: true
    )
  }
}

/// The covariates that can be used, centred and scaled.
struct CoxDesign {
  /// The places of the columns in use.
  let kept: [Int]
  /// The places of constant columns.
  let constant: [Int]
  /// The places of columns that are combinations of others before them.
  let collinear: [Int]
  /// The weighted mean and standard deviation of each column in use.
  let means: [Double]
  let scales: [Double]
  /// The columns in use, `n × kept`.
  let matrix: Matrix

  init(_ sample: SurvivalSample, _ covariates: Matrix) {
    let (n, p) = (covariates.rowCount, covariates.columnCount)
    let total = max(sample.weights.reduce(0, +), 1e-300)
    var (means, scales): ([Double], [Double]) = ([], [])
    for j in 0..<p {
      var mean = 0.0
      for i in 0..<n { mean += sample.weights[i] / total * covariates[i, j] }
      var square = 0.0
      var largest = 0.0
      for i in 0..<n where sample.weights[i] > 0 {
        let difference = covariates[i, j] - mean
        square += sample.weights[i] / total * difference * difference
        largest = max(largest, abs(covariates[i, j]))
      }
      means.append(mean)
      let scale = square.squareRoot()
      scales.append(scale > 1e-12 * largest ? scale : 0)
    }
    let varying = (0..<p).filter { scales[$0] > 0 }
    var elements: [Double] = []
    elements.reserveCapacity(n * varying.count)
    var weighted: [Double] = []
    weighted.reserveCapacity(n * varying.count)
    for i in 0..<n {
      let root = (sample.weights[i] / total).squareRoot()
      for j in varying {
        let value = (covariates[i, j] - means[j]) / scales[j]
        elements.append(value)
        weighted.append(root * value)
      }
    }
    let gram = Matrix(rowCount: n, columnCount: varying.count, elements: weighted).gram()
    let aliased = Set(Cholesky.aliasedColumns(gram: gram))
    let places = varying.indices.filter { !aliased.contains($0) }
    kept = places.map { varying[$0] }
    constant = (0..<p).filter { scales[$0] == 0 }
    collinear = varying.indices.filter { aliased.contains($0) }.map { varying[$0] }
    self.means = kept.map { means[$0] }
    self.scales = kept.map { scales[$0] }
    matrix = Matrix(rowCount: n, columnCount: varying.count, elements: elements)
      .gathering(columns: places)
  }
}
