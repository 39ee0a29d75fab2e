internal import LodeColumns
internal import LodeMining
internal import LodeNumerics
internal import LodeRuntime

/// Predicted uplift of rows that the model did not see, and what it is worth.
struct UpliftTest: Sendable {
  /// Places among the rows with a known outcome that were predicted, in their order.
  let rows: [Int]
  /// The predicted uplift of each of them.
  let uplift: [Double]
  /// The verdict and its numbers.
  let evaluation: UpliftEvaluation
  /// How it was tested, in words.
  let design: String

  /// Predicts rows by models that did not see them, and evaluates the predictions.
  ///
  /// - Parameters:
  ///   - matrix: the features of the rows with a known outcome.
  ///   - names: one name a column.
  ///   - treated: one a row.
  ///   - events: one a row.
  ///   - groups: the customer of each row; all rows of one are in one fold.
  ///   - settings: the model and the design of the test.
  ///   - seed: of folds, resampling and permutations.
  /// - Throws: ``EvaluationError``.
  init(
    _ matrix: Matrix,
    _ names: [String],
    treated: [Bool],
    events: [Bool],
    groups: [Int],
    _ settings: UpliftSettings,
    seed: UInt64
  ) throws {
    let folds: [Int]
    let tested: Range<Int>
    if let every = settings.testEvery {
      folds = treated.indices.map { $0 % every == every - 1 ? 0 : 1 }
      tested = 0..<1
      design = "every \(every)th row of the trial was held out"
    } else {
      folds = groups.map { group in
        var random = CounterRandom(seed: seed, stream: UInt64(bitPattern: Int64(group)))
        return random.integer(below: settings.foldCount)
      }
      tested = 0..<settings.foldCount
      design = "\(settings.foldCount) folds, all rows of a customer in one"
    }
    let parts = try Parallel.map(tested.count) { fold in
      let training = folds.indices.filter { folds[$0] != fold }
      let model = try settings.model.fit(
        matrix.gathering(rows: training),
        featureNames: names,
        treated: training.map { treated[$0] },
        outcomes: training.map { events[$0] }
      )
      let held = folds.indices.filter { folds[$0] == fold }
      return (held, model.uplift(for: matrix.gathering(rows: held)))
    }
    var predicted = [Double?](repeating: nil, count: treated.count)
    for (held, values) in parts {
      for (row, value) in zip(held, values) { predicted[row] = value }
    }
    let rows = predicted.indices.filter { predicted[$0] != nil }
    self.rows = rows
    uplift = predicted.compactMap(\.self)
    evaluation = try UpliftEvaluator(
      bootstrapCount: settings.bootstrapCount,
      permutationCount: settings.permutationCount,
      confidenceLevel: settings.level,
      ties: settings.ties,
      seed: seed
    )
    .evaluate(uplift, treated: rows.map { treated[$0] }, outcomes: rows.map { events[$0] })
  }
}
