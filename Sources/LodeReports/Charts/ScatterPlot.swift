/// Points of up to six groups, told apart by shape and colour.
public struct ScatterPlot: Sendable, Hashable, ChartDrawing {
  /// One group of points.
  public struct Group: Sendable, Hashable {
    /// The name in the legend.
    public var name: String
    /// Horizontal places.
    public var x: [Double]
    /// Vertical places.
    public var y: [Double]

    /// A group of points.
    ///
    /// - Precondition: as many horizontal as vertical places.
    public init(_ name: String, x: [Double], y: [Double]) {
      precondition(x.count == y.count, "\(x.count) horizontal and \(y.count) vertical places")
      self.name = name
      self.x = x
      self.y = y
    }
  }

  /// At most this many points are drawn; of more, every n-th one.
  public static let pointLimit = 1500

  /// One to six groups.
  public var groups: [Group]
  /// What the horizontal axis shows.
  public var xTitle: String
  /// What the vertical axis shows.
  public var yTitle: String
  /// How horizontal values are written.
  public var xStyle: NumberStyle
  /// How vertical values are written.
  public var yStyle: NumberStyle

  /// A scatter plot.
  ///
  /// - Precondition: one to six groups.
  public init(
    groups: [Group],
    xTitle: String,
    yTitle: String,
    xStyle: NumberStyle = .decimal(places: 1),
    yStyle: NumberStyle = .decimal(places: 1)
  ) {
    precondition((1...6).contains(groups.count), "\(groups.count) groups of points; 1 to 6 fit")
    self.groups = groups
    self.xTitle = xTitle
    self.yTitle = yTitle
    self.xStyle = xStyle
    self.yStyle = yStyle
  }

  /// The size and the means of each group; single points would not fit a page.
  var dataTable: ReportTable {
    ReportTable(
      columns: [
        ReportColumn("Group"), ReportColumn("Points", isNumber: true),
        ReportColumn("Mean of \(xTitle)", isNumber: true),
        ReportColumn("Mean of \(yTitle)", isNumber: true),
      ],
      rows: groups.map { group in
        [
          group.name, ReportNumber.integer(group.x.count), xStyle.text(Self.mean(group.x)),
          yStyle.text(Self.mean(group.y)),
        ]
      }
    )
  }

  func draw(width: Double, id: String) -> SVGCanvas {
    let legend = SVGCanvas.legendHeight(groups.map(\.name), width: width - 8)
    let horizontal = Self.ticks(groups.flatMap(\.x))
    let vertical = Self.ticks(groups.flatMap(\.y))
    let gutter =
      (vertical.values.map { TextSize.width(yStyle.axisText($0, step: vertical.step)) }.max() ?? 0)
      + 12
    let top = legend + 30
    let height = top + 270 + 46
    var canvas = SVGCanvas(width: width, height: height)
    let area = PlotArea(left: gutter, top: top, right: width - 14, bottom: height - 46)
    var entries: [(name: String, sample: (inout SVGCanvas, Double, Double) -> Void)] = []
    for (index, group) in groups.enumerated() {
      entries.append(
        (group.name, { $0.mark(index, x: $1 + 12, y: $2, size: 5, class: "d f\(index)") })
      )
    }
    canvas.legend(entries, x: 4, y: 10, width: width - 8)
    canvas.leftAxis(vertical, yStyle, in: area)
    canvas.bottomAxis(horizontal, xStyle, in: area)
    canvas.axisTitles(x: xTitle, y: yTitle, in: area)
    let total = groups.reduce(0) { $0 + $1.x.count }
    let every = max(1, (total + Self.pointLimit - 1) / Self.pointLimit)
    for (index, group) in groups.enumerated() {
      for point in stride(from: 0, to: group.x.count, by: every)
      where group.x[point].isFinite && group.y[point].isFinite {
        canvas.mark(
          index,
          x: area.x(group.x[point], horizontal.low, horizontal.high),
          y: area.y(group.y[point], vertical.low, vertical.high),
          size: 3.4,
          class: "d p f\(index)"
        )
      }
    }
    return canvas
  }

  private static func ticks(_ values: [Double]) -> AxisTicks {
    let finite = values.filter(\.isFinite)
    return AxisTicks(low: finite.min() ?? 0, high: finite.max() ?? 1)
  }

  private static func mean(_ values: [Double]) -> Double? {
    let finite = values.filter(\.isFinite)
    return finite.isEmpty ? nil : finite.reduce(0, +) / Double(finite.count)
  }
}
