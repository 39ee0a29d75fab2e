internal import LodeNumerics
internal import LodeRuntime

/// The rows of a logistic fit, seen as standardised columns behind a constant.
///
/// Nothing is copied: tiles of rows are lent, centred and scaled on the fly. Chunks and tiles are
/// fixed by the shape alone, so neither the thread count nor where rows lie ever changes a bit.
struct LogisticDesign: Sendable {
  static let tileSize = 512

  let rows: ReadRows
  let featureNames: [String]
  let outcomes: [Bool]
  let standardization: Standardization
  /// The columns that take part; the others are constant or combinations of earlier ones.
  let active: [Int]
  /// The columns left out, and what they are made of.
  let aliases: [LogisticRegression.Alias]
  private let kernel: LogisticKernel
  /// What each column is multiplied by, 0 for those left out.
  private let factors: [Double]

  /// The number of features.
  var columnCount: Int { rows.columnCount }
  /// The number of unknowns: the constant and the active columns.
  var parameterCount: Int { active.count + 1 }
  /// Whether every number is there and finite.
  var isFinite: Bool { hasFiniteSums || rows.firstNonFinite() == nil }
  private var hasFiniteSums: Bool {
    standardization.standardDeviations.allSatisfy(\.isFinite)
      && standardization.means.allSatisfy(\.isFinite)
  }
  /// The number of rows.
  var rowCount: Int { rows.rowCount }
  /// The rows in which the event happened.
  var positiveCount: Int { outcomes.count { $0 } }

  /// The design of all rows; columns that are combinations of others stay if `keepsCollinear`.
  init(
    _ blocks: any RowBlocks,
    featureNames: [String],
    outcomes: [Bool],
    keepsCollinear: Bool
  ) {
    let rows = ReadRows(blocks)
    self.rows = rows
    self.featureNames = featureNames
    self.outcomes = outcomes
    let standardization = Standardization(parallel: rows)
    self.standardization = standardization
    let constant = standardization.constantColumns
    var aliases = constant.map {
      LogisticRegression.Alias(column: $0, name: featureNames[$0], combinationOf: [])
    }
    if !keepsCollinear {
      let gram = ScaledGram(rows, standardization)
      aliases += gram.aliases(featureNames)
    }
    let left = Set(aliases.map(\.column))
    self.aliases = aliases.sorted { $0.column < $1.column }
    active = (0..<rows.columnCount).filter { !left.contains($0) }
    kernel = LogisticKernel(origin: standardization.means)
    factors = (0..<rows.columnCount)
      .map { left.contains($0) ? 0 : 1 / standardization.standardDeviations[$0] }
  }

  /// The design of the active columns of a model that was fitted before.
  init(_ matrix: Matrix, outcomes: [Bool], model: LogisticRegression.Model) {
    rows = ReadRows(matrix)
    featureNames = model.featureNames
    self.outcomes = outcomes
    standardization = Standardization(
      means: model.means,
      standardDeviations: model.standardDeviations
    )
    active = model.featureNames.indices.filter { !model.terms[$0 + 1].isAliased }
    aliases = model.aliases
    kernel = LogisticKernel(origin: model.means)
    var factors = [Double](repeating: 0, count: model.means.count)
    for column in active { factors[column] = 1 / model.standardDeviations[column] }
    self.factors = factors
  }

  /// The same columns, standardised as before, of every `step`-th row; these are copied.
  func sampled(every step: Int) -> LogisticDesign {
    LogisticDesign(
      self,
      rows: rows.gathered(every: step),
      outcomes: stride(from: 0, to: outcomes.count, by: step).map { outcomes[$0] }
    )
  }

  private init(_ whole: LogisticDesign, rows: Matrix, outcomes: [Bool]) {
    self.rows = ReadRows(rows)
    self.outcomes = outcomes
    featureNames = whole.featureNames
    standardization = whole.standardization
    active = whole.active
    aliases = whole.aliases
    kernel = whole.kernel
    factors = whole.factors
  }

  /// The loss, its gradient and the information matrix at one parameter vector.
  struct Evaluation: Sendable {
    /// −log L, without a penalty.
    var loss: Double
    /// The derivative of log L, `parameterCount` long.
    var gradient: [Double]
    /// XᵀWX, upper triangle, `parameterCount²` elements; empty if it was not asked for.
    var information: [Double]

    mutating func add(_ other: Evaluation) {
      loss += other.loss
      for i in gradient.indices { gradient[i] += other.gradient[i] }
      for i in information.indices { information[i] += other.information[i] }
    }
  }

  /// One pass over all rows that take part.
  func evaluate(_ parameters: [Double], wantsInformation: Bool = true) -> Evaluation {
    let place = place(parameters)
    let width = columnCount + 1
    let chunks = Parallel.map(rows: rowCount, chunkSize: chunkSize) { rows in
      var total = Evaluation(
        loss: 0,
        gradient: Array(repeating: 0, count: width),
        information: Array(repeating: 0, count: wantsInformation ? width * width : 0)
      )
      var scratch = LogisticScratch(width: width, hasTile: wantsInformation)
      lendTiles(rows) { tile, source in
        total.loss += evaluate(tile, source, place, &scratch, &total.gradient)
        guard wantsInformation else { return }
        for i in 0..<tile.count { scratch.scales[i] = scratch.weights[i].squareRoot() }
        addGram(tile, source, &scratch, &total.information)
      }
      return total
    }
    var sum = chunks[0]
    for chunk in chunks.dropFirst() { sum.add(chunk) }
    return reduced(sum)
  }

  /// The sum of squared scores `Σ (y − p)²·zzᵀ`, upper triangle: the filling of a sandwich.
  func scoreSquares(_ parameters: [Double]) -> Matrix {
    let place = place(parameters)
    let width = columnCount + 1
    let chunks = Parallel.map(rows: rowCount, chunkSize: chunkSize) { rows in
      var squares = [Double](repeating: 0, count: width * width)
      var gradient = [Double](repeating: 0, count: width)
      var scratch = LogisticScratch(width: width, hasTile: true)
      lendTiles(rows) { tile, source in
        _ = evaluate(tile, source, place, &scratch, &gradient)
        for i in 0..<tile.count { scratch.scales[i] = scratch.residuals[i] }
        addGram(tile, source, &scratch, &squares)
      }
      return squares
    }
    return Matrix(symmetric: extracted(summed(chunks)), size: parameterCount)
  }

  /// The sums of scores `(y − p)·z` of each group, `groupCount × parameterCount`.
  func scoreSums(_ parameters: [Double], groups: [Int], groupCount: Int) -> Matrix {
    let place = place(parameters)
    let width = columnCount + 1
    let kept = [0] + active.map { $0 + 1 }
    var sums = [Double](repeating: 0, count: groupCount * kept.count)
    var gradient = [Double](repeating: 0, count: width)
    var scratch = LogisticScratch(width: width, hasTile: true)
    lendTiles(0..<rowCount) { tile, source in
      _ = evaluate(tile, source, place, &scratch, &gradient)
      for i in 0..<tile.count { scratch.scales[i] = scratch.residuals[i] }
      fill(tile, source, &scratch)
      for i in 0..<tile.count {
        let start = groups[tile.lowerBound + i] * kept.count
        for (j, column) in kept.enumerated() {
          sums[start + j] += scratch.tile[i * width + column]
        }
      }
    }
    return Matrix(rowCount: groupCount, columnCount: kept.count, elements: sums)
  }

  /// The gradient of log L + ½ log |XᵀWX|, by the hat values of the weighted rows.
  ///
  /// - Parameters:
  ///   - parameters: where, `parameterCount` numbers.
  ///   - inverseRoot: L⁻ᵀ of the information LLᵀ there, `parameterCount²`.
  /// - Returns: `Σ (y − p + h·(½ − p))·z`.
  /// - Source: Heinze & Schemper (2002), "A solution to the problem of separation in logistic
  ///   regression", Statistics in Medicine 21, §2.
  func firthGradient(_ parameters: [Double], inverseRoot: Matrix) -> [Double] {
    let place = place(parameters)
    let width = columnCount + 1
    let p = parameterCount
    var elements = [Double](repeating: 0, count: width * p)
    for (i, row) in ([0] + active.map { $0 + 1 }).enumerated() {
      for j in 0..<p { elements[row * p + j] = inverseRoot[i, j] }
    }
    let padded = Matrix(rowCount: width, columnCount: p, elements: elements)
    let chunks = Parallel.map(rows: rowCount, chunkSize: chunkSize) { rows in
      var gradient = [Double](repeating: 0, count: width)
      var unused = gradient
      var scratch = LogisticScratch(width: width, hasTile: true)
      lendTiles(rows) { tile, source in
        _ = evaluate(tile, source, place, &scratch, &unused)
        for i in 0..<tile.count { scratch.scales[i] = scratch.weights[i].squareRoot() }
        fill(tile, source, &scratch)
        let hats = rowSquares(tile.count, scratch, padded)
        for i in 0..<tile.count {
          let outcome = outcomes[tile.lowerBound + i] ? 1.0 : 0
          let probability = outcome - scratch.residuals[i]
          scratch.scales[i] = scratch.residuals[i] + hats[i] * (0.5 - probability)
        }
        fill(tile, source, &scratch)
        for i in 0..<tile.count {
          for j in 0..<width { gradient[j] += scratch.tile[i * width + j] }
        }
      }
      return gradient
    }
    let sum = summed(chunks)
    return [sum[0]] + active.map { sum[$0 + 1] }
  }
}

// MARK: - Tiles

/// Where the log-odds are asked for, in the columns' own units.
private struct LogisticPlace: Sendable {
  /// The log-odds of a row of means.
  let intercept: Double
  /// One slope a column, 0 for those left out.
  let slopes: [Double]
}

/// What one thread needs while it goes through tiles.
private struct LogisticScratch {
  var residuals: [Double]
  var weights: [Double]
  var scales: [Double]
  var tile: [Double]

  init(width: Int, hasTile: Bool) {
    residuals = Array(repeating: 0, count: LogisticDesign.tileSize)
    weights = residuals
    scales = residuals
    tile = Array(repeating: 0, count: hasTile ? LogisticDesign.tileSize * width : 0)
  }
}

extension LogisticDesign {
  /// Some whole tiles, at most 32 chunks however many rows there are.
  private var chunkSize: Int {
    Self.tileSize * max(1, (rowCount + Self.tileSize * 32 - 1) / (Self.tileSize * 32))
  }

  /// Lends the tiles of some rows, one after the other.
  private func lendTiles(_ rows: Range<Int>, _ body: (Range<Int>, Span<Double>) -> Void) {
    for start in stride(from: rows.lowerBound, to: rows.upperBound, by: Self.tileSize) {
      let tile = start..<min(start + Self.tileSize, rows.upperBound)
      self.rows.lend(tile) { body(tile, $0) }
    }
  }

  private func place(_ parameters: [Double]) -> LogisticPlace {
    var slopes = [Double](repeating: 0, count: columnCount)
    for (i, column) in active.enumerated() { slopes[column] = parameters[i + 1] * factors[column] }
    return LogisticPlace(intercept: parameters[0], slopes: slopes)
  }

  private func evaluate(
    _ tile: Range<Int>,
    _ source: Span<Double>,
    _ place: LogisticPlace,
    _ scratch: inout LogisticScratch,
    _ gradient: inout [Double]
  ) -> Double {
    evaluate(tile, source, place, &scratch.residuals, &scratch.weights, &gradient)
  }

  private func evaluate(
    _ tile: Range<Int>,
    _ source: Span<Double>,
    _ place: LogisticPlace,
    _ residuals: inout [Double],
    _ weights: inout [Double],
    _ gradient: inout [Double]
  ) -> Double {
    var residualSpan = residuals.mutableSpan
    var weightSpan = weights.mutableSpan
    var sums = gradient.mutableSpan
    return kernel.evaluate(
      source,
      outcomes: outcomes.span.extracting(tile),
      rows: .init(count: tile.count),
      slopes: place.slopes.span,
      intercept: place.intercept,
      residuals: &residualSpan,
      weights: &weightSpan,
      gradient: &sums
    )
  }

  /// Writes the standardised rows times the scales, with the constant in front.
  private func fill(
    _ tile: Range<Int>,
    _ source: Span<Double>,
    _ scratch: inout LogisticScratch
  ) {
    fill(tile, source, scratch.scales, &scratch.tile)
  }

  private func fill(
    _ tile: Range<Int>,
    _ source: Span<Double>,
    _ scales: [Double],
    _ rows: inout [Double]
  ) {
    var filled = rows.mutableSpan
    kernel.fill(
      source,
      rows: .init(count: tile.count),
      factors: factors.span,
      scales: scales.span,
      into: &filled
    )
  }

  private func addGram(
    _ tile: Range<Int>,
    _ source: Span<Double>,
    _ scratch: inout LogisticScratch,
    _ gram: inout [Double]
  ) {
    fill(tile, source, &scratch)
    let width = columnCount + 1
    var sums = gram.mutableSpan
    BLAS.addGram(
      scratch.tile.span.extracting(first: tile.count * width),
      rows: tile.count,
      columns: width,
      into: &sums
    )
  }

  /// The squared lengths of the rows of the tile times `right`.
  private func rowSquares(_ count: Int, _ scratch: LogisticScratch, _ right: Matrix) -> [Double] {
    let p = right.columnCount
    var product = [Double](repeating: 0, count: count * p)
    var output = product.mutableSpan
    BLAS.multiply(
      scratch.tile.span.extracting(first: count * right.rowCount),
      right.elements.span,
      shape: .init(rows: count, inner: right.rowCount, columns: p),
      into: &output
    )
    return (0..<count)
      .map { i in
        let row = product.span.extracting(i * p..<(i + 1) * p)
        return Reductions.dot(row, row)
      }
  }

  private func summed(_ chunks: [[Double]]) -> [Double] {
    var sum = chunks[0]
    for chunk in chunks.dropFirst() { for i in sum.indices { sum[i] += chunk[i] } }
    return sum
  }

  /// The active columns of an evaluation in the kernel's units.
  private func reduced(_ full: Evaluation) -> Evaluation {
    var reduced = full
    reduced.gradient =
      [full.gradient[0]] + active.map { full.gradient[$0 + 1] * factors[$0] }
    reduced.information = full.information.isEmpty ? [] : extracted(full.information)
    return reduced
  }

  /// Rows and columns of the constant and the active columns.
  private func extracted(_ full: [Double]) -> [Double] {
    guard active.count < columnCount else { return full }
    let width = columnCount + 1
    let kept = [0] + active.map { $0 + 1 }
    return kept.flatMap { i in kept.map { j in full[i * width + j] } }
  }
}
