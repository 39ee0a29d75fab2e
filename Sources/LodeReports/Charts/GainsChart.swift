/// How much of all response the best part of a list holds (cumulative gains).
public struct GainsChart: Sendable, Hashable, ChartDrawing {
  /// A place on the curve.
  public struct Point: Sendable, Hashable {
    /// The share of customers contacted, best first, 0 to 1.
    public var contacted: Double
    /// The share of all responders among them, 0 to 1.
    public var reached: Double

    /// A place on the curve.
    public init(contacted: Double, reached: Double) {
      self.contacted = contacted
      self.reached = reached
    }
  }

  /// The curve, by rising share contacted.
  public var points: [Point]
  /// The curve of a simple rule to compare with, possibly empty.
  public var baseline: [Point]
  /// The name of the simple rule.
  public var baselineName: String
  /// The share contacted at which the finding is read off.
  public var marked: Double?
  /// What is contacted, for the axis.
  public var contactedTitle: String
  /// What is reached, for the axis.
  public var reachedTitle: String

  /// A gains chart.
  public init(
    points: [Point],
    baseline: [Point] = [],
    baselineName: String = "Simple rule",
    marked: Double? = nil,
    contactedTitle: String = "Share of customers contacted, best first",
    reachedTitle: String = "Share of responders reached"
  ) {
    self.points = points
    self.baseline = baseline
    self.baselineName = baselineName
    self.marked = marked
    self.contactedTitle = contactedTitle
    self.reachedTitle = reachedTitle
  }

  var dataTable: ReportTable {
    let style = NumberStyle.percent(places: 1)
    var columns = [contactedTitle, reachedTitle, "Lift"]
    if !baseline.isEmpty { columns.append(baselineName) }
    return ReportTable(
      columns: columns.map { ReportColumn($0, isNumber: true) },
      rows: points.map { point in
        let lift = point.contacted > 0 ? point.reached / point.contacted : .nan
        var row = [
          style.text(point.contacted), style.text(point.reached),
          NumberStyle.factor(places: 2).text(lift),
        ]
        if !baseline.isEmpty { row.append(style.text(Self.height(baseline, point.contacted))) }
        return row
      }
    )
  }

  func draw(width: Double, id: String) -> SVGCanvas {
    let names = ["Model"] + (baseline.isEmpty ? [] : [baselineName]) + ["No model"]
    let top = SVGCanvas.legendHeight(names, width: width - 8) + 30
    let side = min(width - 70, width > 600 ? 560 : 400)
    let area = PlotArea(left: 52, top: top, right: 52 + side, bottom: top + min(side, 300))
    var canvas = SVGCanvas(width: width, height: area.bottom + 48)
    let ticks = AxisTicks(low: 0, high: 1)
    let style = NumberStyle.percent(places: 0)
    var entries: [(name: String, sample: (inout SVGCanvas, Double, Double) -> Void)] = []
    let classes = ["l l-solid"] + (baseline.isEmpty ? [] : ["l l-second"]) + ["ideal"]
    for (name, style) in zip(names, classes) {
      entries.append(
        (name, { $0.line(x1: $1, y1: $2, x2: $1 + 24, y2: $2, class: style) })
      )
    }
    canvas.legend(entries, x: 4, y: 10, width: width - 8)
    canvas.leftAxis(ticks, style, in: area)
    canvas.bottomAxis(ticks, style, in: area)
    canvas.axisTitles(x: contactedTitle, y: reachedTitle, in: area)
    canvas.line(x1: area.left, y1: area.bottom, x2: area.right, y2: area.top, class: "ideal")
    let place = { (point: Point) -> (x: Double, y: Double)? in
      (area.x(point.contacted, 0, 1), area.y(point.reached, 0, 1))
    }
    if !baseline.isEmpty { canvas.path(baseline.map(place), class: "l l-second") }
    canvas.path(points.map(place), class: "l l-solid")
    if let marked { drawMark(at: marked, &canvas, area) }
    return canvas
  }

  private func drawMark(at contacted: Double, _ canvas: inout SVGCanvas, _ area: PlotArea) {
    guard contacted > 0, let reached = Self.height(points, contacted) else { return }
    let x = area.x(contacted, 0, 1)
    let y = area.y(reached, 0, 1)
    canvas.line(x1: x, y1: area.bottom, x2: x, y2: y, class: "event")
    canvas.line(x1: area.left, y1: y, x2: x, y2: y, class: "event")
    canvas.circle(x: x, y: y, radius: 5, class: "d f0")
    let style = NumberStyle.percent(places: 0)
    let lift = NumberStyle.factor(places: 1).text(reached / contacted)
    canvas.text(
      "\(style.text(contacted)) contacted: \(style.text(reached)) reached (lift \(lift))",
      x: area.right - 8,
      y: area.bottom - 14,
      anchor: .end,
      class: "t b halo"
    )
  }

  /// The height of a curve between its points.
  static func height(_ points: [Point], _ contacted: Double) -> Double? {
    var previous = Point(contacted: 0, reached: 0)
    for point in points {
      if point.contacted >= contacted {
        let run = point.contacted - previous.contacted
        guard run > 0 else { return point.reached }
        let share = (contacted - previous.contacted) / run
        return previous.reached + share * (point.reached - previous.reached)
      }
      previous = point
    }
    return points.isEmpty ? nil : previous.reached
  }
}
