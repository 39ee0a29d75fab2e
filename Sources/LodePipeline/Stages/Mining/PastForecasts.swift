internal import LodeColumns
internal import LodeMining
internal import LodeRuntime

/// What the forecast said of each of the last weeks when the week began, and what happened.
///
/// Every week is forecast from the weeks before it alone, as the run of that Monday did.
struct PastForecasts {
  /// One week of one series.
  struct Row {
    let series: String
    let week: CivilDate
    let said: Forecast.Step
    let happened: Double

    /// The 80 % interval.
    var interval: Forecast.Interval? { said.intervals.first { $0.level == 0.8 } }

    /// Whether what happened lies in it.
    var isInside: Bool {
      interval.map { $0.lower <= happened && happened <= $0.upper } ?? false
    }
  }

  /// Series by series, the oldest week first.
  let rows: [Row]

  /// The weeks looked back at.
  private static let weekCount = 8
  /// The weeks before them that a forecast needs.
  private static let leastHistory = 16

  /// What was said of the last weeks of some series.
  ///
  /// - Throws: an error of the forecast.
  init(_ series: [(name: String, values: [Double])], weeks: [CivilDate]) throws {
    let count = max(0, min(Self.weekCount, weeks.count - Self.leastHistory))
    let forecaster = SeriesForecaster(horizon: 1, isNonNegative: true, maximumOriginCount: 12)
    let places = series.indices.flatMap { one in
      ((weeks.count - count)..<weeks.count).map { (series: one, week: $0) }
    }
    rows = try Parallel.map(places.count) { index in
      let (one, week) = places[index]
      let forecast = try forecaster.forecast(
        Array(series[one].values[..<week]),
        comparesHoldout: false
      )
      return Row(
        series: series[one].name,
        week: weeks[week],
        said: forecast.steps[0],
        happened: series[one].values[week]
      )
    }
  }

  /// Columns `series week_from said low80 high80 happened inside80`.
  func table() -> Table {
    func bound(_ side: KeyPath<Forecast.Interval, Double>) -> Column {
      var builder = ColumnBuilder(.double)
      for row in rows { builder.append(double: row.interval?[keyPath: side]) }
      return builder.build()
    }
    return Table([
      "series": Column(texts: rows.map(\.series)),
      "week_from": Column(.date, integers: rows.map { Int64($0.week.daysSinceEpoch) }),
      "said": Column(doubles: rows.map(\.said.mean)), "low80": bound(\.lower),
      "high80": bound(\.upper), "happened": Column(doubles: rows.map(\.happened)),
      "inside80": Column(type: .boolean, storage: .booleans(rows.map(\.isInside))),
    ])
  }

  /// A line a week for the log, and one with how often the interval held.
  func lines(currency: String) -> [String] {
    guard !rows.isEmpty else { return [] }
    let names = rows.reduce(into: [String]()) { names, row in
      if names.last != row.series { names.append(row.series) }
    }
    let weeks = rows.filter { $0.series == names[0] }.map(\.week)
    var lines = weeks.map { week in
      let words = rows.filter { $0.week == week }
        .map { row in
          let unit = row.series == "revenue" ? " \(currency)" : ""
          let band =
            row.interval
            .map { " (\($0.lower.rounded(toPlaces: 0)) to \($0.upper.rounded(toPlaces: 0)))" } ?? ""
          return "\(row.series) said \(row.said.mean.rounded(toPlaces: 0))\(band), happened "
            + "\(row.happened.rounded(toPlaces: 0))\(unit)\(row.isInside ? "" : " – outside")"
        }
      return "week of \(week): \(words.joined(separator: "; "))"
    }
    let inside = names.map { name in
      let own = rows.filter { $0.series == name }
      return "\(name) \(own.count { $0.isInside }) of \(own.count)"
    }
    lines.append("80 % intervals held what happened: \(inside.joined(separator: ", "))")
    return lines
  }
}
