internal import LodeNumerics

/// How far people come from a first visit to a loyal customer, by the source that brought them.
///
/// - Input: for each person the source and the day of each step reached, nil where it was not.
/// - Output: for each source and step how many reached it, the share of those of the step before
///   with its 90 % interval, the median days between the two, and what a person there cost.
/// - Determinism: sources in byte order.
public struct AcquisitionFunnel: Sendable, Hashable {
  /// A person's way.
  public struct Person: Sendable, Hashable {
    /// Where the person came from.
    public let source: String
    /// The day of each step, counted from any day; nil where the step was not reached.
    public let days: [Int?]
    /// What the person has been worth, in units of the currency.
    public let value: Double

    /// A person.
    public init(source: String, days: [Int?], value: Double = 0) {
      self.source = source
      self.days = days
      self.value = value
    }
  }

  /// One step of one source.
  public struct Row: Sendable, Hashable {
    /// The source.
    public let source: String
    /// The step.
    public let step: String
    /// The people who reached the step, or a later one.
    public let people: Int
    /// The share of those of the step before; nil for the first step, or without people before.
    public let conversion: Double?
    /// Its 90 % interval.
    public let interval: ClosedRange<Double>?
    /// The median days from the step before, of people with both days.
    public let medianDays: Double?
    /// What was spent on the source for each of these people; nil without people or costs.
    public let costPerPerson: Double?
    /// What these people have been worth on average, less that cost.
    public let valuePerPerson: Double?
  }

  /// The names of the steps, in order.
  public let steps: [String]
  /// Step by step, source after source.
  public let rows: [Row]

  /// The funnel of some people.
  ///
  /// - Parameters:
  ///   - people: the people, each with a day for every step.
  ///   - steps: the names of the steps, in order.
  ///   - costs: what was spent on each source, in units of the currency.
  /// - Precondition: every person has as many days as there are steps.
  public init(_ people: [Person], steps: [String], costs: [String: Double] = [:]) {
    var bySource: [String: [Person]] = [:]
    for person in people {
      precondition(person.days.count == steps.count, "\(person.days.count) of \(steps.count) steps")
      bySource[person.source, default: []].append(person)
    }
    self.steps = steps
    let sources = bySource.keys.sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) }
    rows = sources.flatMap { source in
      Self.rows(of: bySource[source] ?? [], source, steps, cost: costs[source])
    }
  }

  private static func rows(
    of people: [Person],
    _ source: String,
    _ steps: [String],
    cost: Double?
  ) -> [Row] {
    var before: Int?
    return steps.indices.map { step in
      // Who is at a later step has passed this one, seen or not.
      let here = people.filter { $0.days[step...].contains { $0 != nil } }
      let gaps: [Double] =
        step == 0
        ? []
        : here.compactMap { person in
          guard let end = person.days[step], let start = person.days[step - 1] else { return nil }
          return Double(end - start)
        }
      let conversion = before.flatMap { $0 > 0 ? Double(here.count) / Double($0) : nil }
      let interval = before.flatMap {
        $0 > 0 ? Distributions.jeffreysInterval(here.count, of: $0) : nil
      }
      let costEach = here.isEmpty ? nil : cost.map { $0 / Double(here.count) }
      let worth = here.isEmpty ? nil : here.reduce(0) { $0 + $1.value } / Double(here.count)
      before = here.count
      return Row(
        source: source,
        step: steps[step],
        people: here.count,
        conversion: conversion,
        interval: interval,
        medianDays: gaps.isEmpty ? nil : Reductions.median(gaps),
        costPerPerson: costEach,
        valuePerPerson: worth.map { $0 - (costEach ?? 0) }
      )
    }
  }
}
