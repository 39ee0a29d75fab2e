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
