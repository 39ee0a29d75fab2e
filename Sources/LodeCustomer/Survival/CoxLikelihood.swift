internal import Glibc
internal import LodeNumerics

/// The partial likelihood of Cox with its derivatives, by one walk from the last time to the first.
struct CoxLikelihood {
  private let weights: [Double]
  private let isEvent: [Bool]
  private let durations: [Double]
  private let entries: [Double]
  private let matrix: Matrix
  private let ties: CoxRegression.Ties
  /// The rows by duration, from the last.
  private let leaving: [Int]
  /// The rows that enter late, by entry, from the last.
  private let entering: [Int]

  init(_ sample: SurvivalSample, _ design: CoxDesign, ties: CoxRegression.Ties) {
    (weights, isEvent) = (sample.weights, sample.isEvent)
    (durations, entries) = (sample.durations, sample.entries)
    (matrix, self.ties) = (design.matrix, ties)
    let rows = sample.durations.indices.filter { sample.weights[$0] > 0 }
    leaving = rows.sorted {
      (sample.durations[$0], $0) > (sample.durations[$1], $1)
    }
    entering = rows.filter { sample.entries[$0] >= 0 }
      .sorted { (sample.entries[$0], $0) > (sample.entries[$1], $1) }
  }

  /// Sums over a set of rows: of hazards, of hazards times covariates, and times their products.
  private struct Sums {
    var zeroth = 0.0
    var first: [Double]
    /// The upper triangle, row after row.
    var second: [Double]

    init(_ p: Int) {
      first = Array(repeating: 0, count: p)
      second = Array(repeating: 0, count: p * (p + 1) / 2)
    }

    mutating func add(_ hazard: Double, _ x: Span<Double>) {
      zeroth += hazard
      var place = 0
      for i in x.indices {
        let scaled = hazard * x[i]
        first[i] += scaled
        for j in i..<x.count {
          second[place] += scaled * x[j]
          place += 1
        }
      }
    }

    mutating func clear() {
      zeroth = 0
      for i in first.indices { first[i] = 0 }
      for i in second.indices { second[i] = 0 }
    }
  }

  /// The linear predictor of each row, less the largest one.
  private func predictors(_ point: [Double]) -> [Double] {
    var predictors = [Double](repeating: 0, count: durations.count)
    for row in predictors.indices {
      var sum = 0.0
      for j in point.indices { sum += point[j] * matrix.elements[row * point.count + j] }
      predictors[row] = sum
    }
    let largest = leaving.reduce(-Double.infinity) { max($0, predictors[$1]) }
    return predictors.map { $0 - largest }
  }

  /// The log partial likelihood, its gradient and Hessian.
  func value(at point: [Double]) -> NewtonMaximizer.Value {
    let p = point.count
    let predictors = predictors(point)
    let elements = matrix.elements
    let x = elements.span
    var (risk, dying) = (Sums(p), Sums(p))
    var value = 0.0
    var gradient = [Double](repeating: 0, count: p)
    var triangle = [Double](repeating: 0, count: p * (p + 1) / 2)
    var (place, entry) = (0, 0)
    while place < leaving.count {
      let time = durations[leaving[place]]
      dying.clear()
      var (deaths, weight) = (0, 0.0)
      while place < leaving.count, durations[leaving[place]] == time {
        let row = leaving[place]
        let covariates = x.extracting(row * p..<(row + 1) * p)
        let hazard = weights[row] * exp(predictors[row])
        risk.add(hazard, covariates)
        if isEvent[row] {
          dying.add(hazard, covariates)
          deaths += 1
          weight += weights[row]
          value += weights[row] * predictors[row]
          for j in 0..<p { gradient[j] += weights[row] * covariates[j] }
        }
        place += 1
      }
      guard deaths > 0 else { continue }
      while entry < entering.count, entries[entering[entry]] >= time {
        let row = entering[entry]
        risk.add(-weights[row] * exp(predictors[row]), x.extracting(row * p..<(row + 1) * p))
        entry += 1
      }
      let parts = ties == .efron ? deaths : 1
      for part in 0..<parts {
        let share = Double(part) / Double(parts)
        let mass = weight / Double(parts)
        let total = risk.zeroth - share * dying.zeroth
        value -= mass * log(total)
        var position = 0
        for i in 0..<p {
          let mean = (risk.first[i] - share * dying.first[i]) / total
          gradient[i] -= mass * mean
          for j in i..<p {
            let other = (risk.first[j] - share * dying.first[j]) / total
            let square = (risk.second[position] - share * dying.second[position]) / total
            triangle[position] -= mass * (square - mean * other)
            position += 1
          }
        }
      }
    }
    return NewtonMaximizer.Value(
      value: value,
      gradient: gradient,
      hessian: Self.symmetric(triangle, p)
    )
  }

  private static func symmetric(_ triangle: [Double], _ p: Int) -> Matrix {
    var full = [Double](repeating: 0, count: p * p)
    var place = 0
    for i in 0..<p {
      for j in i..<p {
        full[i * p + j] = triangle[place]
        full[j * p + i] = triangle[place]
        place += 1
      }
    }
    return Matrix(rowCount: p, columnCount: p, elements: full)
  }

  /// The cumulative hazard of a customer with mean covariates, after Breslow, ascending in time.
  func baseline(at point: [Double]) -> (times: [Double], hazard: [Double]) {
    var sums = [Double](repeating: 0, count: durations.count)
    for row in sums.indices {
      for j in point.indices { sums[row] += point[j] * matrix.elements[row * point.count + j] }
    }
    var (times, steps): ([Double], [Double]) = ([], [])
    var (risk, place, entry) = (0.0, 0, 0)
    while place < leaving.count {
      let time = durations[leaving[place]]
      var events = 0.0
      while place < leaving.count, durations[leaving[place]] == time {
        let row = leaving[place]
        risk += weights[row] * exp(sums[row])
        if isEvent[row] { events += weights[row] }
        place += 1
      }
      guard events > 0 else { continue }
      while entry < entering.count, entries[entering[entry]] >= time {
        risk -= weights[entering[entry]] * exp(sums[entering[entry]])
        entry += 1
      }
      times.append(time)
      steps.append(events / risk)
    }
    var hazard = 0.0
    let rising = steps.reversed()
      .map { step in
        hazard += step
        return hazard
      }
    return (times.reversed(), rising)
  }

  /// The share of pairs in the right order; nil without pairs, or with late entries.
  ///
  /// A pair counts if one left while the other stayed longer. It is in the right order if the
  /// one with the higher predictor left first; ties of predictors count half.
  ///
  /// - Complexity: O(`n log n`).
  func concordance(at point: [Double]) -> Double? {
    guard entering.isEmpty else { return nil }
    let predictors = predictors(point)
    let order = Array(Set(leaving.map { predictors[$0] })).sorted()
    var ranks: [Double: Int] = [:]
    for (rank, value) in order.enumerated() { ranks[value] = rank + 1 }
    var tree = [Double](repeating: 0, count: order.count + 1)
    func below(_ rank: Int) -> Double {
      var (sum, place) = (0.0, rank)
      while place > 0 {
        sum += tree[place]
        place &= place - 1
      }
      return sum
    }
    func add(_ weight: Double, _ rank: Int) {
      var place = rank
      while place < tree.count {
        tree[place] += weight
        place += place & -place
      }
    }
    var (pairs, good, present, place) = (0.0, 0.0, 0.0, 0)
    while place < leaving.count {
      let time = durations[leaving[place]]
      let group = leaving[place...].prefix { durations[$0] == time }
      // Those seen last at a time stayed longer than those who left at it.
      for isLoss in [false, true] {
        for row in group where isLoss && isEvent[row] {
          let rank = ranks[predictors[row]] ?? 0
          let (lower, upTo) = (below(rank - 1), below(rank))
          good += weights[row] * (lower + (upTo - lower) / 2)
          pairs += weights[row] * present
        }
        for row in group where isEvent[row] == isLoss {
          add(weights[row], ranks[predictors[row]] ?? 0)
          present += weights[row]
        }
      }
      place += group.count
    }
    return pairs > 0 ? good / pairs : nil
  }
}
