/// A chart with its title and its finding; the finding is what a screen reader reads.
public struct Chart: Sendable, Hashable {
  /// How much room a chart takes; two half charts in a row stand side by side.
  public enum Size: Sendable, Hashable {
    /// The whole width, 960 pixels.
    case full
    /// Half of the width, 468 pixels.
    case half
  }

  /// What is drawn.
  public enum Kind: Sendable, Hashable {
    /// Lines over time or over a number, with bands.
    case line(LineChart)
    /// Bars, one or several a category.
    case bars(BarChart)
    /// A shaded table.
    case heat(HeatTable)
    /// Predicted against observed shares.
    case calibration(CalibrationPlot)
    /// What the best part of a list holds.
    case gains(GainsChart)
    /// Values around a reference.
    case dots(DotPlot)
    /// People lost from step to step.
    case waterfall(WaterfallChart)
    /// Points of several groups.
    case scatter(ScatterPlot)
  }

  /// What the chart shows.
  public var title: String
  /// What the reader should see in it, one sentence.
  public var finding: String
  /// The room.
  public var size: Size
  /// The drawing.
  public var kind: Kind

  /// A chart.
  public init(title: String, finding: String, size: Size = .full, _ kind: Kind) {
    self.title = title
    self.finding = finding
    self.size = size
    self.kind = kind
  }

  /// The numbers of the chart as a table, shown under it.
  public var dataTable: ReportTable { drawing.dataTable }

  /// The chart as an inline `svg` element.
  ///
  /// - Parameter id: a name unique in the page, for the ids of title and description.
  /// - Returns: markup without any reference to the outside.
  public func svg(id: String) -> String {
    let canvas = drawing.draw(width: size == .full ? 960 : 468, id: id)
    let size = "\(Int(canvas.width)) \(Int(canvas.height.rounded(.up)))"
    return "<svg viewBox=\"0 0 \(size)\" role=\"img\" aria-labelledby=\"\(id)-t \(id)-d\">"
      + "<title id=\"\(id)-t\">\(escapedHTML(title))</title>"
      + "<desc id=\"\(id)-d\">\(escapedHTML(finding))</desc>\(canvas.body)</svg>"
  }

  private var drawing: any ChartDrawing {
    switch kind {
    case .line(let chart): chart
    case .bars(let chart): chart
    case .heat(let chart): chart
    case .calibration(let chart): chart
    case .gains(let chart): chart
    case .dots(let chart): chart
    case .waterfall(let chart): chart
    case .scatter(let chart): chart
    }
  }
}

/// What every kind of chart can do.
protocol ChartDrawing {
  /// The drawing for a width in pixels.
  func draw(width: Double, id: String) -> SVGCanvas
  /// The numbers behind it.
  var dataTable: ReportTable { get }
}
