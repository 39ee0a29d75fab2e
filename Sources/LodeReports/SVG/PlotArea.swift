/// The rectangle of a chart between its axes, with scales.
struct PlotArea {
  let left: Double
  let top: Double
  let right: Double
  let bottom: Double

  var width: Double { right - left }
  var height: Double { bottom - top }

  /// The x of a value between two ends of the axis.
  func x(_ value: Double, _ low: Double, _ high: Double) -> Double {
    high > low ? left + (value - low) / (high - low) * width : left + width / 2
  }

  /// The y of a value; high values are on top.
  func y(_ value: Double, _ low: Double, _ high: Double) -> Double {
    high > low ? bottom - (value - low) / (high - low) * height : bottom - height / 2
  }
}

extension SVGCanvas {
  /// Grid lines and labels of a value axis on the left.
  mutating func leftAxis(_ ticks: AxisTicks, _ style: NumberStyle, in area: PlotArea) {
    for tick in ticks.values {
      let y = area.y(tick, ticks.low, ticks.high)
      let isBase = tick == 0 || (tick == ticks.low && ticks.low > 0)
      line(x1: area.left, y1: y, x2: area.right, y2: y, class: isBase ? "axis" : "grid")
      text(
        style.axisText(tick, step: ticks.step),
        x: area.left - 8,
        y: y + 4,
        anchor: .end,
        class: "t m"
      )
    }
  }

  /// Grid lines and labels of a value axis at the bottom.
  mutating func bottomAxis(_ ticks: AxisTicks, _ style: NumberStyle, in area: PlotArea) {
    let room = area.width / Double(max(1, ticks.values.count - 1))
    let widest = ticks.values.map { TextSize.width(style.axisText($0, step: ticks.step)) }.max()
    let every = max(1, Int(((widest ?? 0) + 10) / room) + 1)
    for (index, tick) in ticks.values.enumerated() {
      let x = area.x(tick, ticks.low, ticks.high)
      let isBase = tick == 0 || (tick == ticks.low && ticks.low > 0)
      line(x1: x, y1: area.top, x2: x, y2: area.bottom, class: isBase ? "axis" : "grid")
      guard index % every == 0 else { continue }
      text(
        style.axisText(tick, step: ticks.step),
        x: x,
        y: area.bottom + 18,
        anchor: .middle,
        class: "t m"
      )
    }
  }

  /// A row of legend entries, wrapped to the width; returns the height used.
  ///
  /// - Parameters:
  ///   - entries: the names and what draws the sample of each at (x, y).
  ///   - x: the left end.
  ///   - y: the middle of the first row.
  ///   - width: the room.
  /// - Returns: the height of all rows in pixels.
  @discardableResult
  mutating func legend(
    _ entries: [(name: String, sample: (inout SVGCanvas, Double, Double) -> Void)],
    x: Double,
    y: Double,
    width: Double
  ) -> Double {
    var place = x
    var row = y
    for entry in entries {
      let needed = 30 + TextSize.width(entry.name) + 18
      if place > x, place + needed > x + width {
        place = x
        row += 20
      }
      entry.sample(&self, place, row)
      text(entry.name, x: place + 30, y: row + 4)
      place += needed
    }
    return entries.isEmpty ? 0 : row - y + 20
  }

  /// The height that a legend of these names needs.
  static func legendHeight(_ names: [String], width: Double) -> Double {
    var canvas = SVGCanvas(width: width, height: 0)
    return canvas.legend(names.map { ($0, { _, _, _ in }) }, x: 0, y: 0, width: width)
  }

  /// The titles of the axes: the vertical one above the plot, the horizontal one below.
  mutating func axisTitles(x titleX: String, y titleY: String, in area: PlotArea) {
    if !titleY.isEmpty { text(titleY, x: area.left, y: area.top - 10, class: "t m") }
    if !titleX.isEmpty {
      text(titleX, x: area.right, y: area.bottom + 36, anchor: .end, class: "t m")
    }
  }
}
