internal import Glibc
internal import LodeNumerics
internal import LodeRuntime

/// What ``BetaGeometric/forecast(_:within:level:)`` sums up for all customers with the same
/// frequency and age: whether they are alive is a factor before it.
struct PurchaseSeries: Sendable {
  /// The chance of more than 0, 1, 2 … purchases of one who is alive now, until it is below the
  /// tail of the interval.
  private(set) var chances: [Double] = []
  /// The expected number of purchases of one who is alive now.
  private(set) var mean = 0.0
  /// The expected square of it.
  private(set) var meanSquare = 0.0

  /// The series of a frequency and an age; nil where it is too long, or its start too small for a
  /// double.
  ///
  /// - Parameters:
  ///   - model: the model.
  ///   - summary: frequency and age.
  ///   - time: the time ahead.
  ///   - tail: the share of customers beyond the upper end of the interval.
  init?(_ model: BetaGeometric, _ summary: PurchaseSummary, within time: Double, tail: Double) {
    let x = Double(summary.frequency)
    let (shape, rate) = (model.r + x, model.alpha + summary.age)
    let stays = model.b + x + (model.variant == .modified ? 1 : 0)
    let ratio = time / (rate + time)
    let logMass = -shape * log1p(max(0, time) / rate)
    guard logMass > -600 else { return nil }
    var mass = exp(logMass)
    var more = -expm1(logMass)
    var (stay, n) = (1.0, 1.0)
    // Terms fall at least as fast as those of a geometric series.
    let small = 1e-13 * (1 - ratio)
    var isOpen = true
    while more > 1e-14 {
      guard n < 4096 else { return nil }
      let chance = stay * more
      let part = (2 * n - 1) * chance
      if isOpen { chances.append(chance) }
      mean += chance
      meanSquare += part
      isOpen = isOpen && chance > tail
      if !isOpen, part < small * meanSquare { break }
      mass *= (shape + n - 1) / n * ratio
      more -= mass
      stay *= (stays + n - 1) / (model.a + stays + n - 1)
      n += 1
    }
  }
}

/// The different pairs of a frequency and an age among groups: what those alive do depends on no
/// more.
struct FrequencyAgePairs: Sendable {
  /// A group of each pair, in order of first occurrence.
  let firsts: [Int]
  /// The place of each group's pair among them.
  let places: [Int32]

  /// The pairs of groups; nil where ages are too many to look them up in a table.
  init?(_ groups: PurchaseGroups) {
    let ages = groups.ages.values.count
    let (size, overflows) = ages.multipliedReportingOverflow(by: groups.frequencyCounts.count)
    guard !overflows, size <= max(1 << 16, 16 * groups.summaries.count) else { return nil }
    var table = [Int32](repeating: -1, count: size)
    var (places, firsts) = ([Int32](), [Int]())
    places.reserveCapacity(groups.summaries.count)
    for (group, summary) in groups.summaries.enumerated() {
      let cell = summary.frequency * ages + Int(groups.ages.places[group])
      if table[cell] < 0 {
        table[cell] = Int32(truncatingIfNeeded: firsts.count)
        firsts.append(group)
      }
      places.append(table[cell])
    }
    (self.firsts, self.places) = (firsts, places)
  }
}

/// The series of all pairs of a frequency and an age among groups.
struct PurchaseSeriesTable: Sendable {
  private let model: BetaGeometric
  private let groups: PurchaseGroups
  private let time: Double
  private let level: Double
  /// What one pair of a frequency and an age has; the mean is NaN where the long way is needed.
  private struct Entry: Sendable {
    var mean: Double
    var meanSquare: Double
    /// Where its chances begin among those of all.
    var start: Int32
    var count: Int32
  }

  private let entries: [Entry]
  /// The chances of all pairs, one after the other.
  private let chances: [Double]
  /// The place of each group's pair among them.
  private let places: [Int32]

  /// Works out the series of groups; nil where ages are too many to look them up in a table.
  init?(_ model: BetaGeometric, _ groups: PurchaseGroups, within time: Double, level: Double) {
    guard let pairs = FrequencyAgePairs(groups) else { return nil }
    (self.model, self.groups, self.time, self.level) = (model, groups, time, level)
    places = pairs.places
    let starts = pairs.firsts
    let series =
      Parallel.map(rows: starts.count, chunkSize: 256) { rows in
        rows.map { row in
          PurchaseSeries(
            model,
            groups.summaries[starts[row]],
            within: time,
            tail: (1 - level) / 2
          )
        }
      }
      .flatMap(\.self)
    var (entries, chances) = ([Entry](), [Double]())
    entries.reserveCapacity(series.count)
    for one in series {
      entries.append(
        Entry(
          mean: one?.mean ?? .nan,
          meanSquare: one?.meanSquare ?? .nan,
          start: Int32(truncatingIfNeeded: chances.count),
          count: Int32(truncatingIfNeeded: one?.chances.count ?? 0)
        )
      )
      if let one { chances += one.chances }
      guard chances.count < Int(Int32.max) else { return nil }
    }
    (self.entries, self.chances) = (entries, chances)
  }

  /// The forecast of every group.
  func forecasts() -> [PurchaseForecast] {
    let (ages, recencies) = (
      groups.ages.shifted(by: model.alpha), groups.recencies.shifted(by: model.alpha)
    )
    let odds = groups.frequencyCounts.indices.map { model.logOddsOfFrequency($0) }
    let parts = Parallel.map(rows: groups.summaries.count, chunkSize: 8192) { rows in
      let chances = self.chances.span
      return rows.map { group in
        let summary = groups.summaries[group]
        let entry = entries[Int(places[group])]
        guard !entry.mean.isNaN else {
          return model.forecast(summary, within: time, level: level)
        }
        let own = chances.extracting(Int(entry.start)..<Int(entry.start + entry.count))
        guard let odds = odds[summary.frequency] else {
          return forecast(entry, own, alive: 1)
        }
        let gap =
          ages[Int(groups.ages.places[group])].logarithm
          - recencies[Int(groups.recencies.places[group])].logarithm
        let logOdds = odds + (model.r + Double(summary.frequency)) * gap
        return forecast(entry, own, alive: 1 / (1 + exp(logOdds)))
      }
    }
    var forecasts: [PurchaseForecast] = []
    forecasts.reserveCapacity(groups.summaries.count)
    for part in parts { forecasts += part }
    return forecasts
  }

  /// The sums of ``ExpectedPurchases`` without a forecast of every group.
  func sums(_ weights: [Double]) -> ExpectedPurchases {
    let (ages, recencies) = (
      groups.ages.shifted(by: model.alpha), groups.recencies.shifted(by: model.alpha)
    )
    let odds = groups.frequencyCounts.indices.map { model.logOddsOfFrequency($0) }
    let parts = Parallel.map(rows: groups.summaries.count, chunkSize: 8192) { rows in
      let chances = self.chances.span
      var sums = ExpectedPurchases()
      for group in rows {
        let frequency = groups.summaries[group].frequency
        let entry = entries[Int(places[group])]
        guard !entry.mean.isNaN else {
          let long = model.forecast(groups.summaries[group], within: time, level: level)
          sums.add(groups.counts[group], weights[group], long.mean, long.chanceToBuy)
          continue
        }
        var alive = 1.0
        if let odds = odds[frequency] {
          let gap =
            ages[Int(groups.ages.places[group])].logarithm
            - recencies[Int(groups.recencies.places[group])].logarithm
          alive = 1 / (1 + exp(odds + (model.r + Double(frequency)) * gap))
        }
        let chance = entry.count > 0 ? chances[Int(entry.start)] : 0
        sums.add(groups.counts[group], weights[group], alive * entry.mean, alive * chance)
      }
      return sums
    }
    return parts.reduce(into: ExpectedPurchases()) { $0.add($1) }
  }

  /// The forecast of one who is alive with a probability.
  private func forecast(
    _ entry: Entry,
    _ chances: Span<Double>,
    alive: Double
  ) -> PurchaseForecast {
    var walk = QuantileWalk(level: level)
    for n in chances.indices where !walk.isDone {
      walk.pass(n, chanceOfMore: alive * chances[n])
    }
    walk.pass(chances.count, chanceOfMore: 0)
    return PurchaseForecast(
      probabilityAlive: alive,
      chanceToBuy: chances.isEmpty ? 0 : alive * chances[0],
      mean: alive * entry.mean,
      meanSquare: alive * entry.meanSquare,
      lower: walk.lower,
      upper: walk.upper
    )
  }
}

/// What all customers are expected to do, as far as parameters move it.
struct ExpectedPurchases: Sendable {
  /// The purchases.
  private(set) var purchases = 0.0
  /// The customers with a purchase.
  private(set) var buyers = 0.0
  /// The value of the purchases at given values of one.
  private(set) var revenue = 0.0

  /// Adds a group.
  ///
  /// - Parameters:
  ///   - count: its customers.
  ///   - value: the value of one purchase, summed over them.
  ///   - mean: the expected purchases of one.
  ///   - chance: the chance of one to buy.
  @inline(__always)
  mutating func add(_ count: Double, _ value: Double, _ mean: Double, _ chance: Double) {
    purchases += count * mean
    buyers += count * chance
    revenue += value * mean
  }

  /// Adds other sums.
  mutating func add(_ other: ExpectedPurchases) {
    purchases += other.purchases
    buyers += other.buyers
    revenue += other.revenue
  }
}

extension PurchaseGroups {
  /// What all groups are expected to do.
  ///
  /// - Parameters:
  ///   - model: the model.
  ///   - time: the time ahead.
  ///   - weights: the value of one purchase, summed over the customers of each group.
  /// - Returns: the sums.
  func expectedPurchases(
    _ model: LifetimeModel,
    within time: Double,
    weights: [Double]
  ) -> ExpectedPurchases {
    var sums = ExpectedPurchases()
    // No level: what is asked for needs no quantiles.
    switch model {
    case .covariates(let model):
      var start = 0
      for cell in cells {
        let end = start + cell.groups.summaries.count
        let own = model.model(of: cell.covariates)
        let part = Array(weights[start..<end])
        sums.add(cell.groups.expectedPurchases(own, within: time, weights: part))
        start = end
      }
      return sums
    case .betaGeometric(let own):
      if let table = PurchaseSeriesTable(own, self, within: time, level: 0) {
        return table.sums(weights)
      }
    case .pareto: break
    }
    for (group, forecast) in forecasts(model, within: time, level: 0).enumerated() {
      sums.add(counts[group], weights[group], forecast.mean, forecast.chanceToBuy)
    }
    return sums
  }
}
