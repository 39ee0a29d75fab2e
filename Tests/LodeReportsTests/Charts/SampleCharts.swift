import LodeRuntime

@testable import LodeReports

/// One chart of every kind; contract tests run over all of them.
enum SampleCharts {
  /// Charts with numbers, odd values and hostile names.
  static let all: [Chart] = kinds.flatMap { kind in
    [Chart.Size.full, .half]
      .map {
        Chart(
          title: "A <b>title</b> & \"more\"",
          finding: "It's what <script> finds",
          size: $0,
          kind
        )
      }
  }

  /// Charts without any data.
  static let empty: [Chart.Kind] = [
    .line(LineChart(.dates([]), series: [])),
    .line(LineChart(.numbers([], title: "x", .integer), series: [.init("a", [])])),
    .bars(BarChart(categories: [], series: [.init("a", [])])),
    .bars(BarChart(.vertical, categories: [], series: [.init("a", [])])),
    .bars(BarChart(categories: ["a"], series: [.init("a", [.nan])])),
    .heat(HeatTable(rowTitle: "r", columnTitle: "c", rows: [], columns: [], values: [])),
    .calibration(CalibrationPlot(bins: [])),
    .gains(GainsChart(points: [], marked: 0.1)),
    .dots(DotPlot(rows: [])),
    .waterfall(WaterfallChart(steps: [])),
    .scatter(ScatterPlot(groups: [.init("g", x: [], y: [])], xTitle: "x", yTitle: "y")),
  ]

  private static let days = (0..<40).map { CivilDate(daysSinceEpoch: 20_000 + 7 * $0) }

  private static let kinds: [Chart.Kind] = [
    .line(
      LineChart(
        .dates(days),
        series: [
          .init("Actual <1>", (0..<40).map { $0 < 30 ? Double(1000 + $0 * 7) : nil }),
          .init("Forecast", (0..<40).map { $0 >= 29 ? 1200 : nil }, style: .forecast),
        ],
        bands: [
          .init(
            "95%",
            low: (0..<40).map { $0 < 30 ? nil : 900 },
            high: .init(repeating: 1500, count: 40)
          ),
          .init(
            "80%",
            low: (0..<40).map { $0 < 30 ? nil : 1000 },
            high: .init(repeating: 1400, count: 40)
          ),
        ],
        events: [.init(at: 29, "Start & more"), .init(at: 39, "End")],
        valueTitle: "Sales",
        valueStyle: .money(currency: "EUR", places: 0)
      )
    ),
    .line(
      LineChart(
        .numbers([0, 1, 2, 5], title: "Weeks", .integer),
        series: [.init("Alive", [1, nil, 0.5, .nan], style: .third)],
        valueStyle: .percent(places: 0)
      )
    ),
    .bars(
      BarChart(
        categories: ["One", "A name that is far too long for the room that it has here", "Three"],
        series: [.init("Uplift", [0.1, -0.2, nil], intervals: [0...0.2, -0.3...(-0.1), nil])],
        valueTitle: "Orders",
        valueStyle: .percent(places: 1)
      )
    ),
    .bars(
      BarChart(
        .vertical,
        categories: (1...12).map { "Month \($0)" },
        series: ["a", "b", "c", "d"].map { .init($0, (1...12).map { Double($0) * 1000 }) }
      )
    ),
    .heat(
      HeatTable(
        rowTitle: "Then",
        columnTitle: "Now",
        rows: ["Gold", "Lead"],
        columns: ["Gold", "Lead"],
        values: [[10, 2], [nil, 30_000]],
        marksDiagonal: true
      )
    ),
    .calibration(
      CalibrationPlot(bins: [
        .init(predicted: 0.1, observed: 0.12, count: 100, interval: 0.05...0.2),
        .init(predicted: 0.4, observed: 0.35, count: 20),
      ])
    ),
    .gains(
      GainsChart(
        points: [.init(contacted: 0.1, reached: 0.3), .init(contacted: 1, reached: 1)],
        baseline: [.init(contacted: 1, reached: 1)],
        marked: 0.1
      )
    ),
    .dots(DotPlot(rows: [.init("Garden", 2.5, interval: 2...3), .init("Phone", 0.4)])),
    .waterfall(
      WaterfallChart(steps: [
        .init("Matched", remaining: 1000), .init("No consent", remaining: 700),
        .init("Left", remaining: 700, isTotal: true),
      ])
    ),
    .scatter(
      ScatterPlot(
        groups: (0..<6).map { .init("Group \($0)", x: [Double($0), 2], y: [1, .nan]) },
        xTitle: "Recency",
        yTitle: "Spend"
      )
    ),
  ]
}
