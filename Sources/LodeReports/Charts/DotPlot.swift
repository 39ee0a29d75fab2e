/// Values around a reference, for example traits that a segment has more or less often than all.
public struct DotPlot: Sendable, Hashable, ChartDrawing {
  /// One row of the plot.
  public struct Row: Sendable, Hashable {
    /// What is measured.
    public var name: String
    /// The value.
    public var measure: Double
    /// An interval around the value.
    public var interval: ClosedRange<Double>?

    /// A row.
    public init(_ name: String, _ measure: Double, interval: ClosedRange<Double>? = nil) {
      self.name = name
      self.measure = measure
      self.interval = interval
    }
  }

  /// The rows from top to bottom.
  public var rows: [Row]
  /// The value of no difference, 1 for an index.
  public var reference: Double
  /// The name of the reference.
  public var referenceName: String
  /// What is measured.
  public var valueTitle: String
  /// How values are written.
  public var valueStyle: NumberStyle

  /// A dot plot.
  public init(
    rows: [Row],
    reference: Double = 1,
    referenceName: String = "all customers",
    valueTitle: String = "Index",
    valueStyle: NumberStyle = .factor(places: 1)
  ) {
    self.rows = rows
    self.reference = reference
    self.referenceName = referenceName
    self.valueTitle = valueTitle
    self.valueStyle = valueStyle
  }

  var dataTable: ReportTable {
    let hasIntervals = rows.contains { $0.interval != nil }
    var columns = [ReportColumn("Trait"), ReportColumn(valueTitle, isNumber: true)]
    if hasIntervals {
      columns += [ReportColumn("Low", isNumber: true), ReportColumn("High", isNumber: true)]
    }
    columns.append(ReportColumn("Against \(referenceName)"))
    return ReportTable(
      columns: columns,
      rows: rows.map { row in
        var cells = [row.name, valueStyle.text(row.measure)]
        if hasIntervals {
          cells += [
            valueStyle.text(row.interval?.lowerBound), valueStyle.text(row.interval?.upperBound),
          ]
        }
        return cells + [row.measure >= reference ? "above" : "below"]
      }
    )
  }

  func draw(width: Double, id: String) -> SVGCanvas {
    let pitch = 26.0
    let top = 48.0
    let left = min(width * 0.4, (rows.map { TextSize.width($0.name) }.max() ?? 0) + 16)
    let height = top + pitch * Double(rows.count) + 48
    var canvas = SVGCanvas(width: width, height: height)
    let area = PlotArea(
      left: left,
      top: top,
      right: width - 56,
      bottom: top + pitch * Double(rows.count)
    )
    let ends = rows.flatMap {
      [$0.measure, $0.interval?.lowerBound ?? $0.measure, $0.interval?.upperBound ?? $0.measure]
    }
    let all = (ends + [reference]).filter(\.isFinite)
    let ticks = AxisTicks(low: min(all.min() ?? 0, reference), high: all.max() ?? 1)
    canvas.bottomAxis(ticks, valueStyle, in: area)
    canvas.axisTitles(x: valueTitle, y: "", in: area)
    drawKey(&canvas, width: width)
    let middle = area.x(reference, ticks.low, ticks.high)
    canvas.line(x1: middle, y1: area.top - 4, x2: middle, y2: area.bottom, class: "axis strong")
    let half = TextSize.width(referenceName) / 2
    canvas.text(
      referenceName,
      x: min(max(middle, left + half), width - half),
      y: area.top - 10,
      anchor: .middle,
      class: "t m"
    )
    for (index, row) in rows.enumerated() where row.measure.isFinite {
      let y = area.top + pitch * (Double(index) + 0.5)
      let x = area.x(row.measure, ticks.low, ticks.high)
      let isAbove = row.measure >= reference
      canvas.text(TextSize.cut(row.name, to: left - 14), x: left - 10, y: y + 4, anchor: .end)
      canvas.line(
        x1: middle,
        y1: y,
        x2: x,
        y2: y,
        class: isAbove ? "stem above" : "stem below"
      )
      var ends = (low: x, high: x)
      if let interval = row.interval {
        ends.low = area.x(interval.lowerBound, ticks.low, ticks.high)
        ends.high = area.x(interval.upperBound, ticks.low, ticks.high)
        canvas.whisker(from: (ends.low, y), to: (ends.high, y))
      }
      canvas.mark(isAbove ? 0 : 3, x: x, y: y, size: 6, class: isAbove ? "d f0" : "d f1")
      drawLabel(row, &canvas, ends: ends, middle: middle, y: y, left: area.left)
    }
    return canvas
  }

  /// Writes the value outside of the mark, on the side away from the reference where there is room.
  private func drawLabel(
    _ row: Row,
    _ canvas: inout SVGCanvas,
    ends: (low: Double, high: Double),
    middle: Double,
    y: Double,
    left: Double
  ) {
    let text = valueStyle.text(row.measure)
    let isLeft = row.measure < reference && ends.low - TextSize.width(text) - 12 > left
    canvas.text(
      text,
      x: isLeft ? ends.low - 10 : max(ends.high, middle) + 11,
      y: y + 4,
      anchor: isLeft ? .end : .start,
      class: "t v halo"
    )
  }

  private func drawKey(_ canvas: inout SVGCanvas, width: Double) {
    canvas.legend(
      [
        ("above \(referenceName)", { $0.mark(0, x: $1 + 12, y: $2, size: 6, class: "d f0") }),
        ("below", { $0.mark(3, x: $1 + 12, y: $2, size: 6, class: "d f1") }),
      ],
      x: 4,
      y: 10,
      width: width - 8
    )
  }
}
