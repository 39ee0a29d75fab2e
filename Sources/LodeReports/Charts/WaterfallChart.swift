/// How a number of people shrinks from step to step, for example from matched to exported.
public struct WaterfallChart: Sendable, Hashable, ChartDrawing {
  /// One step.
  public struct Step: Sendable, Hashable {
    /// What happened, or who is left.
    public var name: String
    /// People who are left after the step.
    public var remaining: Int
    /// Whether the step is a total rather than a loss; the first step always is one.
    public var isTotal: Bool

    /// A step.
    public init(_ name: String, remaining: Int, isTotal: Bool = false) {
      self.name = name
      self.remaining = remaining
      self.isTotal = isTotal
    }
  }

  /// The steps; the first one is the start.
  public var steps: [Step]
  /// What is counted.
  public var unit: String

  /// A waterfall.
  public init(steps: [Step], unit: String = "people") {
    self.steps = steps
    self.unit = unit
  }

  var dataTable: ReportTable {
    ReportTable(
      columns: [
        ReportColumn("Step"), ReportColumn("Change", isNumber: true),
        ReportColumn("Left (\(unit))", isNumber: true),
        ReportColumn("Share of the start", isNumber: true),
      ],
      rows: steps.indices.map { index in
        let step = steps[index]
        let change = index == 0 ? 0 : step.remaining - steps[index - 1].remaining
        return [
          step.name,
          index == 0 || change == 0
            ? "\u{2013}" : NumberStyle.signed(places: 0).text(Double(change)),
          ReportNumber.integer(step.remaining),
          ReportNumber.percent(share(step.remaining)),
        ]
      }
    )
  }

  func draw(width: Double, id: String) -> SVGCanvas {
    let row = 32.0
    let left = min(width * 0.36, (steps.map { TextSize.width($0.name, size: 13) }.max() ?? 0) + 16)
    let room = width > 600 ? 190.0 : 120
    let area = PlotArea(
      left: left,
      top: 6,
      right: width - room,
      bottom: 6 + row * Double(steps.count)
    )
    var canvas = SVGCanvas(width: width, height: area.bottom + 8)
    let most = Double(max(1, steps.map(\.remaining).max() ?? 1))
    canvas.line(x1: left, y1: area.top, x2: left, y2: area.bottom, class: "axis")
    for (index, step) in steps.enumerated() {
      let y = area.top + row * Double(index)
      let before = index == 0 ? 0 : steps[index - 1].remaining
      let isTotal = index == 0 || step.isTotal
      let from = isTotal ? 0 : Double(min(before, step.remaining))
      let to = isTotal ? Double(step.remaining) : Double(max(before, step.remaining))
      let x = area.x(from, 0, most)
      let end = area.x(to, 0, most)
      canvas.text(
        TextSize.cut(step.name, to: left - 14, size: isTotal ? 13 : 12),
        x: left - 10,
        y: y + row / 2 + 4,
        anchor: .end,
        class: isTotal ? "t b" : "t"
      )
      canvas.rectangle(
        x: x,
        y: y + 5,
        width: max(1.5, end - x),
        height: row - 10,
        class: isTotal ? "bar f0" : "bar loss",
        radius: 2
      )
      if index + 1 < steps.count {
        let joint = area.x(Double(step.remaining), 0, most)
        canvas.line(
          x1: joint,
          y1: y + row - 5,
          x2: joint,
          y2: y + row + 5,
          class: "joint"
        )
      }
      canvas.text(
        label(index, isTotal: isTotal, isWide: width > 600),
        x: end + 8,
        y: y + row / 2 + 4,
        class: isTotal ? "t v b" : "t v"
      )
    }
    return canvas
  }

  private func label(_ index: Int, isTotal: Bool, isWide: Bool) -> String {
    let step = steps[index]
    let start = ReportNumber.integer(step.remaining)
    if isTotal {
      return index == 0 || !isWide
        ? "\(start) \(unit)" : "\(start) (\(ReportNumber.percent(share(step.remaining))))"
    }
    let change = step.remaining - steps[index - 1].remaining
    let text = NumberStyle.signed(places: 0).text(Double(change))
    return isWide ? "\(text) (\(start) left)" : text
  }

  private func share(_ count: Int) -> Double {
    guard let start = steps.first?.remaining, start > 0 else { return 0 }
    return Double(count) / Double(start)
  }
}
