/// Straightens scores by the non-decreasing curve that fits the outcomes best.
///
/// Pool adjacent violators: rows by ascending score, tied ones first as one block; a block whose
/// event rate is not above that of the one before joins it. Between blocks the curve is a straight
/// line, outside it is flat. Use it with thousands of rows of a *later* slice; with fewer,
/// ``LogisticRecalibration`` varies less.
///
/// - Input: finite `scores`, any scale; `outcomes`, one a row.
/// - Output: corner points, both coordinates ascending.
/// - Determinism: rates are compared as fractions of whole numbers.
/// - Complexity: O(`n` log `n`) to fit, O(log `k`) a prediction.
/// - Source: Ayer et al. (1955), Annals of Mathematical Statistics 26; Zadrozny & Elkan (2002),
///   "Transforming classifier scores into accurate multiclass probability estimates", KDD.
/// - Agrees with: scikit-learn `IsotonicRegression(out_of_bounds="clip")` on 0/1 outcomes.
public struct IsotonicCalibration: Sendable, Hashable, Codable {
  /// How far probabilities stay from 0 and 1: blocks without an event promise too much.
  ///
  /// 0 is the plain estimate. The default costs nothing where there are events, and keeps the
  /// log-loss of a later surprise finite.
  public var margin: Double

  /// A configuration.
  public init(margin: Double = 1e-4) {
    self.margin = margin
  }

  /// A fitted curve.
  public struct Model: Sendable, Hashable, Codable {
    /// The scores of the corners, ascending.
    public let scores: [Double]
    /// The probabilities of the corners, not descending.
    public let probabilities: [Double]
    /// The number of level pieces.
    public let blockCount: Int
    /// The rows of the fit.
    public let rowCount: Int

    /// The probability at each score, NaN for NaN.
    public func calibrated(_ scores: [Double]) -> [Double] {
      scores.map(calibrated)
    }

    private func calibrated(_ score: Double) -> Double {
      var (low, high) = (0, scores.count)
      while low < high {
        let middle = (low + high) / 2
        if scores[middle] < score { low = middle + 1 } else { high = middle }
      }
      if score.isNaN { return .nan }
      if low == 0 { return probabilities[0] }
      if low == scores.count { return probabilities[low - 1] }
      let share = (score - scores[low - 1]) / (scores[low] - scores[low - 1])
      return probabilities[low - 1] + share * (probabilities[low] - probabilities[low - 1])
    }
  }

  /// Rows of one event rate.
  private struct Block {
    let lowest: Double
    var highest: Double
    var positives: Int
    var rows: Int

    var rate: Double { Double(positives) / Double(rows) }
  }

  /// The curve of `scores` against `outcomes`, one of each a row.
  ///
  /// - Throws: ``EvaluationError`` for no rows, one class or a score that is not finite.
  public func fit(_ scores: [Double], outcomes: [Bool]) throws(EvaluationError) -> Model {
    guard margin >= 0, margin < 0.5 else {
      throw .badConfiguration(
        reason: "the margin of an isotonic calibration is \(margin)",
        fix: "give one in 0..<0.5"
      )
    }
    let curve = try ROCCurve(scores, outcomes: outcomes)
    var blocks: [Block] = []
    // The curve goes down the scores; the steps between its points are the tied rows.
    for (point, before) in zip(curve.points.dropFirst(), curve.points).reversed() {
      guard let score = point.threshold else { continue }
      var block = Block(
        lowest: score,
        highest: score,
        positives: point.positives - before.positives,
        rows: point.rows - before.rows
      )
      while let last = blocks.last, last.positives * block.rows >= block.positives * last.rows {
        block = Block(
          lowest: last.lowest,
          highest: block.highest,
          positives: last.positives + block.positives,
          rows: last.rows + block.rows
        )
        blocks.removeLast()
      }
      blocks.append(block)
    }
    return model(blocks, rowCount: outcomes.count)
  }

  private func model(_ blocks: [Block], rowCount: Int) -> Model {
    var scores: [Double] = []
    var probabilities: [Double] = []
    for block in blocks {
      let probability = min(max(block.rate, margin), 1 - margin)
      for score in block.lowest == block.highest ? [block.lowest] : [block.lowest, block.highest] {
        scores.append(score)
        probabilities.append(probability)
      }
    }
    return Model(
      scores: scores,
      probabilities: probabilities,
      blockCount: blocks.count,
      rowCount: rowCount
    )
  }
}
