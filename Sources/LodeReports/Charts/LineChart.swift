public import LodeRuntime

/// Lines over time or over a number, with bands of uncertainty.
public struct LineChart: Sendable, Hashable, ChartDrawing {
  /// The places on the horizontal axis, ascending.
  public enum Horizontal: Sendable, Hashable {
    /// Days.
    case dates([CivilDate])
    /// Numbers in a style, with the title of the axis.
    case numbers([Double], title: String, NumberStyle)

    /// The number of places.
    var count: Int {
      switch self {
      case .dates(let dates): dates.count
      case .numbers(let numbers, _, _): numbers.count
      }
    }
  }

  /// How a line is drawn; each style differs in more than its colour.
  public enum Style: Sendable, Hashable, CaseIterable {
    /// A strong line in the colour of the text, for what really happened.
    case actual
    /// Dashes in blue, for a forecast.
    case forecast
    /// Dots in grey, for last year or another base.
    case reference
    /// A thin line in orange.
    case second
    /// Long dashes in green.
    case third

    /// The class of the style sheet.
    var name: String {
      switch self {
      case .actual: "l-actual"
      case .forecast: "l-forecast"
      case .reference: "l-reference"
      case .second: "l-second"
      case .third: "l-third"
      }
    }
  }

  /// One line.
  public struct Series: Sendable, Hashable {
    /// The name in the legend.
    public var name: String
    /// One value a place; nil leaves a gap.
    public var values: [Double?]
    /// How it is drawn.
    public var style: Style

    /// A line.
    public init(_ name: String, _ values: [Double?], style: Style = .actual) {
      self.name = name
      self.values = values
      self.style = style
    }
  }

  /// A band between two lines, for example the 80 percent interval of a forecast.
  public struct Band: Sendable, Hashable {
    /// The name in the legend.
    public var name: String
    /// The lower ends; nil where there is no band.
    public var low: [Double?]
    /// The upper ends.
    public var high: [Double?]

    /// A band.
    public init(_ name: String, low: [Double?], high: [Double?]) {
      self.name = name
      self.low = low
      self.high = high
    }
  }

  /// A named place, drawn as a vertical rule.
  public struct Event: Sendable, Hashable {
    /// The index of the place.
    public var index: Int
    /// The words beside the rule.
    public var name: String

    /// An event.
    public init(at index: Int, _ name: String) {
      self.index = index
      self.name = name
    }
  }

  /// The places.
  public var horizontal: Horizontal
  /// The lines, drawn in this order.
  public var series: [Series]
  /// Bands, the widest first.
  public var bands: [Band]
  /// Vertical rules.
  public var events: [Event]
  /// What the vertical axis shows.
  public var valueTitle: String
  /// How values are written.
  public var valueStyle: NumberStyle
  /// Whether the vertical axis begins at zero.
  public var startsAtZero: Bool

  /// A line chart.
  ///
  /// - Precondition: every line and band has one value a place.
  public init(
    _ horizontal: Horizontal,
    series: [Series],
    bands: [Band] = [],
    events: [Event] = [],
    valueTitle: String = "",
    valueStyle: NumberStyle = .integer,
    startsAtZero: Bool = true
  ) {
    let count = horizontal.count
    for line in series {
      precondition(line.values.count == count, "\(line.values.count) values for \(count) places")
    }
    for band in bands {
      precondition(
        band.low.count == count && band.high.count == count,
        "a band of \(band.low.count) and \(band.high.count) values for \(count) places"
      )
    }
    self.horizontal = horizontal
    self.series = series
    self.bands = bands
    self.events = events
    self.valueTitle = valueTitle
    self.valueStyle = valueStyle
    self.startsAtZero = startsAtZero
  }

  /// The numbers, one row a place.
  var dataTable: ReportTable {
    var columns = [ReportColumn(horizontalTitle)]
    columns += series.map { ReportColumn($0.name, isNumber: true) }
    for band in bands {
      columns.append(ReportColumn(band.name + ", low", isNumber: true))
      columns.append(ReportColumn(band.name + ", high", isNumber: true))
    }
    let rows = (0..<horizontal.count)
      .map { index in
        [label(index)] + series.map { valueStyle.text($0.values[index]) }
          + bands.flatMap { [valueStyle.text($0.low[index]), valueStyle.text($0.high[index])] }
      }
    return ReportTable(columns: columns, rows: rows)
  }

  func draw(width: Double, id: String) -> SVGCanvas {
    let names = series.map(\.name) + bands.map(\.name)
    let legendHeight = SVGCanvas.legendHeight(names, width: width - 8)
    let ticks = valueTicks
    let gutter =
      (ticks.values.map { TextSize.width(valueStyle.axisText($0, step: ticks.step)) }.max() ?? 0)
      + 12
    let top = legendHeight + (axisTitle.isEmpty ? 12 : 30)
    let height = top + (width > 600 ? 250 : 210) + (horizontalName.isEmpty ? 30 : 46)
    var canvas = SVGCanvas(width: width, height: height)
    let area = PlotArea(
      left: gutter,
      top: top,
      right: width - 14,
      bottom: height - (horizontalName.isEmpty ? 30 : 46)
    )
    drawLegend(&canvas, width: width)
    canvas.leftAxis(ticks, valueStyle, in: area)
    canvas.axisTitles(x: horizontalName, y: axisTitle, in: area)
    drawHorizontal(&canvas, area)
    for (index, band) in bands.enumerated() { draw(band, index, &canvas, area, ticks) }
    drawEvents(&canvas, area)
    for line in series {
      let points = line.values.indices.map { index -> (x: Double, y: Double)? in
        guard let value = line.values[index], value.isFinite else { return nil }
        return (x(index, area), area.y(value, ticks.low, ticks.high))
      }
      canvas.path(points, class: "l " + line.style.name)
      drawLonelyPoints(points, line.style, &canvas)
    }
    return canvas
  }
}

extension LineChart {
  private var axisTitle: String {
    guard let unit = valueStyle.axisUnit else { return valueTitle }
    return valueTitle.isEmpty ? unit : valueTitle + " (\(unit))"
  }

  private var horizontalName: String {
    if case .numbers(_, let title, _) = horizontal { return title }
    return ""
  }

  private var horizontalTitle: String { horizontalName.isEmpty ? "Date" : horizontalName }

  private var valueTicks: AxisTicks {
    let all =
      series.flatMap(\.values) + bands.flatMap { $0.low + $0.high }
    let finite = all.compactMap { $0 }.filter(\.isFinite)
    let low = finite.min() ?? 0
    let high = finite.max() ?? 1
    return AxisTicks(
      low: startsAtZero ? min(0, low) : low,
      high: startsAtZero ? max(0, high) : high
    )
  }

  private func label(_ index: Int) -> String {
    switch horizontal {
    case .dates(let dates): dates[index].description
    case .numbers(let numbers, _, let style): style.text(numbers[index])
    }
  }

  private func place(_ index: Int) -> Double {
    switch horizontal {
    case .dates(let dates): Double(dates[index].daysSinceEpoch)
    case .numbers(let numbers, _, _): numbers[index]
    }
  }

  private func x(_ index: Int, _ area: PlotArea) -> Double {
    let count = horizontal.count
    return area.x(place(index), place(0), place(count - 1))
  }

  private func drawHorizontal(_ canvas: inout SVGCanvas, _ area: PlotArea) {
    switch horizontal {
    case .numbers(let numbers, _, let style):
      guard let first = numbers.first, let last = numbers.last else { return }
      let ticks = AxisTicks(low: first, high: last)
      for tick in ticks.values where tick >= first && tick <= last {
        let x = area.x(tick, first, last)
        canvas.line(x1: x, y1: area.bottom, x2: x, y2: area.bottom + 5, class: "axis")
        canvas.text(
          style.axisText(tick, step: ticks.step),
          x: x,
          y: area.bottom + 20,
          anchor: .middle,
          class: "t m"
        )
      }
    case .dates(let dates):
      guard let first = dates.first, let last = dates.last else { return }
      let ticks = DateTicks(from: first, to: last, count: Int(area.width / 78))
      for tick in ticks.values {
        let x = area.x(
          Double(tick.date.daysSinceEpoch),
          Double(first.daysSinceEpoch),
          Double(last.daysSinceEpoch)
        )
        canvas.line(x1: x, y1: area.bottom, x2: x, y2: area.bottom + 5, class: "axis")
        let half = TextSize.width(tick.label) / 2
        let center = min(max(x, area.left + half - 10), area.right + 12 - half)
        canvas.text(tick.label, x: center, y: area.bottom + 20, anchor: .middle, class: "t m")
      }
    }
  }

  private func draw(
    _ band: Band,
    _ index: Int,
    _ canvas: inout SVGCanvas,
    _ area: PlotArea,
    _ ticks: AxisTicks
  ) {
    var upper: [(x: Double, y: Double)] = []
    var lower: [(x: Double, y: Double)] = []
    for place in band.low.indices {
      guard let low = band.low[place], let high = band.high[place] else { continue }
      upper.append((x(place, area), area.y(high, ticks.low, ticks.high)))
      lower.append((x(place, area), area.y(low, ticks.low, ticks.high)))
    }
    canvas.area(upper + lower.reversed(), class: Self.bandClass(index, of: bands.count))
  }

  private static func bandClass(_ index: Int, of count: Int) -> String {
    index == count - 1 && count > 1 ? "band inner" : "band"
  }

  private func drawEvents(_ canvas: inout SVGCanvas, _ area: PlotArea) {
    for (number, event) in events.enumerated() where (0..<horizontal.count).contains(event.index) {
      let x = x(event.index, area)
      canvas.line(x1: x, y1: area.top, x2: x, y2: area.bottom, class: "event")
      let needed = TextSize.width(event.name) + 8
      let isRight = x + needed > area.right
      canvas.text(
        event.name,
        x: isRight ? x - 6 : x + 6,
        y: area.top + 12 + 16 * Double(number % 3),
        anchor: isRight ? .end : .start,
        class: "t m halo"
      )
    }
  }

  /// Points without a neighbour would be invisible as a line.
  private func drawLonelyPoints(
    _ points: [(x: Double, y: Double)?],
    _ style: Style,
    _ canvas: inout SVGCanvas
  ) {
    for (index, point) in points.enumerated() {
      guard let point else { continue }
      let hasLeft = index > 0 && points[index - 1] != nil
      let hasRight = index + 1 < points.count && points[index + 1] != nil
      if !hasLeft && !hasRight {
        canvas.circle(x: point.x, y: point.y, radius: 3, class: "d " + style.name)
      }
    }
  }

  private func drawLegend(_ canvas: inout SVGCanvas, width: Double) {
    var entries: [(name: String, sample: (inout SVGCanvas, Double, Double) -> Void)] = []
    for line in series {
      entries.append(
        (
          line.name,
          { canvas, x, y in
            canvas.line(x1: x, y1: y, x2: x + 24, y2: y, class: "l " + line.style.name)
          }
        )
      )
    }
    for (index, band) in bands.enumerated() {
      let name = Self.bandClass(index, of: bands.count)
      entries.append(
        (
          band.name,
          { canvas, x, y in
            canvas.rectangle(x: x, y: y - 6, width: 24, height: 12, class: name)
          }
        )
      )
    }
    canvas.legend(entries, x: 4, y: 10, width: width - 8)
  }
}
