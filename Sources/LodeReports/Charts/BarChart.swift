/// Bars, grouped when there is more than one series.
public struct BarChart: Sendable, Hashable, ChartDrawing {
  /// The direction of the bars.
  public enum Direction: Sendable, Hashable {
    /// From left to right: for many or long names.
    case horizontal
    /// From the bottom up: for few short names or an order in time.
    case vertical
  }

  /// One set of bars.
  public struct Series: Sendable, Hashable {
    /// The name in the legend.
    public var name: String
    /// One value a category; nil draws no bar.
    public var values: [Double?]
    /// Ends of an interval around each value, drawn as a whisker.
    public var intervals: [ClosedRange<Double>?]

    /// A set of bars.
    public init(
      _ name: String,
      _ values: [Double?],
      intervals: [ClosedRange<Double>?] = []
    ) {
      self.name = name
      self.values = values
      self.intervals = intervals
    }
  }

  /// The direction.
  public var direction: Direction
  /// The names of the bars.
  public var categories: [String]
  /// One to four sets of bars.
  public var series: [Series]
  /// What the value axis shows.
  public var valueTitle: String
  /// How values are written.
  public var valueStyle: NumberStyle

  /// A bar chart.
  ///
  /// - Precondition: one to four series, one value a category each.
  public init(
    _ direction: Direction = .horizontal,
    categories: [String],
    series: [Series],
    valueTitle: String = "",
    valueStyle: NumberStyle = .integer
  ) {
    precondition((1...4).contains(series.count), "\(series.count) series of bars; 1 to 4 fit")
    for bars in series {
      precondition(
        bars.values.count == categories.count
          && (bars.intervals.isEmpty || bars.intervals.count == categories.count),
        "\(bars.values.count) bars for \(categories.count) categories"
      )
    }
    self.direction = direction
    self.categories = categories
    self.series = series
    self.valueTitle = valueTitle
    self.valueStyle = valueStyle
  }

  /// The numbers, one row a category.
  var dataTable: ReportTable {
    var columns = [ReportColumn("Category")]
    for bars in series {
      columns.append(ReportColumn(bars.name, isNumber: true))
      if !bars.intervals.isEmpty {
        columns.append(ReportColumn("\(bars.name), low", isNumber: true))
        columns.append(ReportColumn("\(bars.name), high", isNumber: true))
      }
    }
    let rows = categories.indices.map { index in
      var row = [categories[index]]
      for bars in series {
        row.append(valueStyle.text(bars.values[index]))
        if !bars.intervals.isEmpty {
          row.append(valueStyle.text(bars.intervals[index]?.lowerBound))
          row.append(valueStyle.text(bars.intervals[index]?.upperBound))
        }
      }
      return row
    }
    return ReportTable(columns: columns, rows: rows)
  }

  func draw(width: Double, id: String) -> SVGCanvas {
    switch direction {
    case .horizontal: drawHorizontal(width: width, id: id)
    case .vertical: drawVertical(width: width, id: id)
    }
  }
}

extension BarChart {
  private var ticks: AxisTicks {
    let values = series.flatMap { $0.values.compactMap { $0 } }
    let ends = series.flatMap { $0.intervals.compactMap { $0 } }
      .flatMap { [$0.lowerBound, $0.upperBound] }
    let all = (values + ends).filter(\.isFinite)
    return AxisTicks(low: min(0, all.min() ?? 0), high: max(0, all.max() ?? 1))
  }

  private var axisTitle: String {
    guard let unit = valueStyle.axisUnit else { return valueTitle }
    return valueTitle.isEmpty ? unit : valueTitle + " (\(unit))"
  }

  /// Patterns of the second and the fourth set, so that sets differ without colour.
  private func patterns(_ id: String) -> String {
    guard series.count > 1 else { return "" }
    let kinds = [(1, "M-2 2L2 -2M0 8L8 0M6 10L10 6"), (3, "M0 4H8")]
    return "<defs>"
      + kinds.filter { $0.0 < series.count }
      .map { index, path in
        "<pattern id=\"\(id)-p\(index)\" width=\"8\" height=\"8\""
          + " patternUnits=\"userSpaceOnUse\"><rect width=\"8\" height=\"8\" class=\"f\(index)\"/>"
          + "<path d=\"\(path)\" class=\"hatch\"/></pattern>"
      }
      .joined() + "</defs>"
  }

  private func fill(_ index: Int, _ id: String) -> String? {
    index == 1 || index == 3 ? "url(#\(id)-p\(index))" : nil
  }

  private func barClass(_ index: Int) -> String {
    index == 1 || index == 3 ? "bar" : "bar f\(index)"
  }

  private func drawLegend(_ canvas: inout SVGCanvas, _ id: String) -> Double {
    guard series.count > 1 else { return 0 }
    var entries: [(name: String, sample: (inout SVGCanvas, Double, Double) -> Void)] = []
    for (index, bars) in series.enumerated() {
      let name = barClass(index)
      let fill = fill(index, id)
      entries.append(
        (
          bars.name,
          { canvas, x, y in
            canvas.rectangle(
              x: x,
              y: y - 6,
              width: 24,
              height: 12,
              class: name,
              radius: 2,
              fill: fill
            )
          }
        )
      )
    }
    return canvas.legend(entries, x: 4, y: 10, width: canvas.width - 8)
  }

  private func drawHorizontal(width: Double, id: String) -> SVGCanvas {
    let thickness = series.count == 1 ? 20.0 : 15.0
    let group = thickness * Double(series.count) + (series.count == 1 ? 10 : 14)
    let legendHeight =
      series.count > 1 ? SVGCanvas.legendHeight(series.map(\.name), width: width - 8) : 0
    let top = legendHeight + 8
    let bottomRoom = axisTitle.isEmpty ? 28.0 : 46.0
    let height = top + group * Double(categories.count) + bottomRoom
    var canvas = SVGCanvas(width: width, height: height)
    canvas.raw(patterns(id))
    _ = drawLegend(&canvas, id)
    let widest = categories.map { TextSize.width($0) }.max() ?? 0
    let left = min(widest, width * 0.36) + 14
    let ticks = ticks
    let area = PlotArea(
      left: left,
      top: top,
      right: width - labelRoom(ticks, room: width - left),
      bottom: height - bottomRoom
    )
    canvas.bottomAxis(ticks, valueStyle, in: area)
    canvas.axisTitles(x: axisTitle, y: "", in: area)
    let zero = area.x(0, ticks.low, ticks.high)
    for (category, name) in categories.enumerated() {
      let start = top + group * Double(category) + (group - thickness * Double(series.count)) / 2
      let middle = start + thickness * Double(series.count) / 2
      canvas.text(
        TextSize.cut(name, to: left - 12),
        x: left - 10,
        y: middle + 4,
        anchor: .end
      )
      for (index, bars) in series.enumerated() {
        guard let value = bars.values[category], value.isFinite else { continue }
        let end = area.x(value, ticks.low, ticks.high)
        let y = start + thickness * Double(index)
        canvas.rectangle(
          x: min(zero, end),
          y: y + 1,
          width: abs(end - zero),
          height: thickness - 2,
          class: barClass(index),
          radius: 2,
          fill: fill(index, id)
        )
        var labelX = value < 0 ? zero : end
        if !bars.intervals.isEmpty, let interval = bars.intervals[category] {
          let low = area.x(interval.lowerBound, ticks.low, ticks.high)
          let high = area.x(interval.upperBound, ticks.low, ticks.high)
          canvas.whisker(
            from: (low, y + thickness / 2),
            to: (high, y + thickness / 2),
            hasCaps: true
          )
          labelX = max(labelX, high)
        }
        canvas.text(
          valueStyle.text(value),
          x: labelX + 6,
          y: y + thickness / 2 + 4,
          class: "t v halo"
        )
      }
    }
    return canvas
  }

  private func drawVertical(width: Double, id: String) -> SVGCanvas {
    let ticks = ticks
    let gutter =
      (ticks.values.map { TextSize.width(valueStyle.axisText($0, step: ticks.step)) }.max() ?? 0)
      + 12
    let legendHeight =
      series.count > 1 ? SVGCanvas.legendHeight(series.map(\.name), width: width - 8) : 0
    let top = legendHeight + (axisTitle.isEmpty ? 18 : 36)
    let height = top + 200 + 30
    var canvas = SVGCanvas(width: width, height: height)
    canvas.raw(patterns(id))
    _ = drawLegend(&canvas, id)
    let area = PlotArea(left: gutter, top: top, right: width - 8, bottom: height - 30)
    canvas.leftAxis(ticks, valueStyle, in: area)
    if !axisTitle.isEmpty { canvas.text(axisTitle, x: area.left, y: top - 16, class: "t m") }
    let group = area.width / Double(max(1, categories.count))
    let thickness = min(56, group * 0.76 / Double(series.count))
    let zero = area.y(0, ticks.low, ticks.high)
    let every = labelInterval(room: group)
    for (category, name) in categories.enumerated() {
      let middle = area.left + group * (Double(category) + 0.5)
      if category % every == 0 {
        let label = TextSize.cut(name, to: group * Double(every) - 4)
        let half = TextSize.width(label) / 2
        canvas.text(
          label,
          x: min(max(middle, half), width - half),
          y: area.bottom + 20,
          anchor: .middle
        )
      }
      for (index, bars) in series.enumerated() {
        guard let value = bars.values[category], value.isFinite else { continue }
        let x = middle - thickness * Double(series.count) / 2 + thickness * Double(index)
        let end = area.y(value, ticks.low, ticks.high)
        canvas.rectangle(
          x: x + 1,
          y: min(zero, end),
          width: thickness - 2,
          height: abs(end - zero),
          class: barClass(index),
          radius: 2,
          fill: fill(index, id)
        )
        var labelY = min(zero, end)
        if !bars.intervals.isEmpty, let interval = bars.intervals[category] {
          let low = area.y(interval.lowerBound, ticks.low, ticks.high)
          let high = area.y(interval.upperBound, ticks.low, ticks.high)
          canvas.whisker(
            from: (x + thickness / 2, low),
            to: (x + thickness / 2, high),
            hasCaps: true
          )
          labelY = min(labelY, high)
        }
        let label = valueStyle.axisText(value, step: max(abs(value) / 20, ticks.step / 10))
        if TextSize.width(label) <= thickness + 10 {
          canvas.text(
            label,
            x: x + thickness / 2,
            y: labelY - 5,
            anchor: .middle,
            class: "t v halo"
          )
        }
      }
    }
    return canvas
  }

  /// The room to the right of the plot that keeps every label inside the drawing.
  private func labelRoom(_ ticks: AxisTicks, room: Double) -> Double {
    // Half of the label of the last tick stands beyond the plot.
    let last = ticks.values.last.map { valueStyle.axisText($0, step: ticks.step) } ?? ""
    var needed = max(14, TextSize.width(last) / 2 + 4)
    for bars in series {
      for (category, value) in bars.values.enumerated() {
        guard let value, value.isFinite else { continue }
        let upper = bars.intervals.isEmpty ? nil : bars.intervals[category]?.upperBound
        let end = max(value, 0, upper ?? value)
        let share = (end - ticks.low) / (ticks.high - ticks.low)
        let label = TextSize.width(valueStyle.text(value)) + 10
        if share > 0 { needed = max(needed, (share * room + label - room) / share) }
      }
    }
    return min(needed, room * 0.5)
  }

  private func labelInterval(room: Double) -> Int {
    let widest = categories.map { TextSize.width($0) }.max() ?? 0
    guard widest + 6 > room, categories.count > 6 else { return 1 }
    return max(1, Int(((min(widest, 90) + 6) / room).rounded(.up)))
  }
}
