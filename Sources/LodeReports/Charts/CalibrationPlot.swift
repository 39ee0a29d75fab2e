/// Whether predicted probabilities come true: "we said 30 percent, 28 percent left".
public struct CalibrationPlot: Sendable, Hashable, ChartDrawing {
  /// A group of predictions of about the same probability.
  public struct Bin: Sendable, Hashable {
    /// The mean predicted probability.
    public var predicted: Double
    /// The share for whom it came true.
    public var observed: Double
    /// People in the group.
    public var count: Int
    /// An interval around `observed`, for example Wilson's.
    public var interval: ClosedRange<Double>?

    /// A group.
    public init(
      predicted: Double,
      observed: Double,
      count: Int,
      interval: ClosedRange<Double>? = nil
    ) {
      self.predicted = predicted
      self.observed = observed
      self.count = count
      self.interval = interval
    }
  }

  /// The groups, by rising prediction.
  public var bins: [Bin]

  /// A calibration plot.
  public init(bins: [Bin]) {
    self.bins = bins
  }

  var dataTable: ReportTable {
    ReportTable(
      columns: ["Predicted", "Observed", "Low", "High", "People"]
        .map {
          ReportColumn($0, isNumber: true)
        },
      rows: bins.map { bin in
        let style = NumberStyle.percent(places: 1)
        return [
          style.text(bin.predicted), style.text(bin.observed),
          style.text(bin.interval?.lowerBound), style.text(bin.interval?.upperBound),
          ReportNumber.integer(bin.count),
        ]
      }
    )
  }

  func draw(width: Double, id: String) -> SVGCanvas {
    let left = 48.0
    let area = PlotArea(
      left: left,
      top: 26,
      right: left + min(width - 66, 480),
      bottom: 26 + 310
    )
    let strip = 54.0
    let height = area.bottom + 48 + strip + 20
    var canvas = SVGCanvas(width: width, height: height)
    let all = bins.flatMap { bin -> [Double] in
      [bin.predicted, bin.observed, bin.interval?.upperBound ?? 0]
    }
    let ticks = AxisTicks(low: 0, high: min(1, max(0.05, all.filter(\.isFinite).max() ?? 1)))
    let style = NumberStyle.percent(places: 0)
    canvas.leftAxis(ticks, style, in: area)
    canvas.bottomAxis(ticks, style, in: area)
    canvas.text("Observed share", x: 4, y: 14, class: "t m")
    canvas.text(
      "Predicted probability",
      x: area.right,
      y: area.bottom + 36,
      anchor: .end,
      class: "t m"
    )
    canvas.line(x1: area.left, y1: area.bottom, x2: area.right, y2: area.top, class: "ideal")
    let most = Double(max(1, bins.map(\.count).max() ?? 1))
    for bin in bins {
      let x = area.x(bin.predicted, 0, ticks.high)
      if let interval = bin.interval {
        canvas.whisker(
          from: (x, area.y(max(0, interval.lowerBound), 0, ticks.high)),
          to: (x, area.y(min(ticks.high, interval.upperBound), 0, ticks.high))
        )
      }
    }
    canvas.path(
      bins.map {
        (area.x($0.predicted, 0, ticks.high), area.y($0.observed, 0, ticks.high))
      },
      class: "l thin"
    )
    for bin in bins {
      canvas.circle(
        x: area.x(bin.predicted, 0, ticks.high),
        y: area.y(bin.observed, 0, ticks.high),
        radius: 3 + 4 * (Double(bin.count) / most).squareRoot(),
        class: "d f0"
      )
    }
    canvas.text(
      "ideal",
      x: area.right - 6,
      y: area.top + 24,
      anchor: .end,
      class: "t m halo"
    )
    drawCounts(&canvas, area, top: area.bottom + 48, height: strip, ticks: ticks, most: most)
    if width > 600 { drawNotes(&canvas, x: area.right + 48, y: area.top + 16) }
    return canvas
  }

  /// How many people stand behind each point.
  private func drawCounts(
    _ canvas: inout SVGCanvas,
    _ area: PlotArea,
    top: Double,
    height: Double,
    ticks: AxisTicks,
    most: Double
  ) {
    let base = top + height
    canvas.line(x1: area.left, y1: base, x2: area.right, y2: base, class: "axis")
    canvas.text("People per group", x: area.left, y: base + 16, class: "t m")
    var lastEnd = -Double.infinity
    for bin in bins {
      let x = area.x(bin.predicted, 0, ticks.high)
      let tall = Double(bin.count) / most * (height - 16)
      canvas.rectangle(
        x: x - 6,
        y: base - tall,
        width: 12,
        height: tall,
        class: "bar f5",
        radius: 1
      )
      let label = ReportNumber.integer(bin.count)
      let half = TextSize.width(label, size: 11) / 2
      guard x - half > lastEnd + 3 else { continue }
      canvas.text(label, x: x, y: base - tall - 4, anchor: .middle, class: "t v small")
      lastEnd = x + half
    }
  }

  /// The three largest groups in words, where there is room.
  private func drawNotes(_ canvas: inout SVGCanvas, x: Double, y: Double) {
    let style = NumberStyle.percent(places: 0)
    canvas.text("We said \u{2192} it happened", x: x, y: y, class: "t b")
    let step = max(1, (bins.count + 9) / 10)
    let shown = bins.indices.filter { $0 % step == 0 }
    for (row, index) in shown.enumerated() {
      let bin = bins[index]
      canvas.text(
        "\(style.text(bin.predicted)) \u{2192} \(style.text(bin.observed))"
          + "  of \(ReportNumber.integer(bin.count)) people",
        x: x,
        y: y + 22 * Double(row + 1),
        class: "t v"
      )
    }
  }
}
