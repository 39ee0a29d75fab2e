/// A table of numbers whose cells are shaded, for example a tier migration matrix.
public struct HeatTable: Sendable, Hashable, ChartDrawing {
  /// What the rows are.
  public var rowTitle: String
  /// What the columns are.
  public var columnTitle: String
  /// The names of the rows.
  public var rows: [String]
  /// The names of the columns.
  public var columns: [String]
  /// One list a row; nil stays blank.
  public var values: [[Double?]]
  /// How values are written.
  public var valueStyle: NumberStyle
  /// Whether the cells of the diagonal get a frame ("stayed where they were").
  public var marksDiagonal: Bool
  /// Counts above 0 and below this one are written as `<5` and shaded alike; 0 shows every value.
  public var leastShown: Int

  /// A heat table.
  ///
  /// - Precondition: one list of values a row, one value a column.
  public init(
    rowTitle: String,
    columnTitle: String,
    rows: [String],
    columns: [String],
    values: [[Double?]],
    valueStyle: NumberStyle = .integer,
    marksDiagonal: Bool = false,
    leastShown: Int = 0
  ) {
    precondition(
      values.count == rows.count && values.allSatisfy { $0.count == columns.count },
      "values of a heat table with \(rows.count) rows and \(columns.count) columns"
    )
    self.rowTitle = rowTitle
    self.columnTitle = columnTitle
    self.rows = rows
    self.columns = columns
    self.values = values
    self.valueStyle = valueStyle
    self.marksDiagonal = marksDiagonal
    self.leastShown = leastShown
  }

  var dataTable: ReportTable {
    ReportTable(
      columns: [ReportColumn("\(rowTitle) / \(columnTitle)")]
        + columns.map { ReportColumn($0, isNumber: true) },
      rows: rows.indices.map { row in [rows[row]] + values[row].map { $0.map(text) ?? "\u{2013}" } }
    )
  }

  func draw(width: Double, id: String) -> SVGCanvas {
    let left = min(width * 0.3, (rows.map { TextSize.width($0) }.max() ?? 0) + 16)
    let top = 46.0
    let cellHeight = 34.0
    let cell = min(120, (width - left - 8) / Double(max(1, columns.count)))
    let height = top + cellHeight * Double(rows.count) + 8
    var canvas = SVGCanvas(width: width, height: height)
    canvas.text(TextSize.cut(rowTitle + " \u{2193}", to: left), x: 0, y: top - 10, class: "t m")
    canvas.text(columnTitle + " \u{2192}", x: left, y: 14, class: "t m")
    for (index, name) in columns.enumerated() {
      canvas.text(
        TextSize.cut(name, to: cell - 4),
        x: left + cell * (Double(index) + 0.5),
        y: top - 10,
        anchor: .middle
      )
    }
    let finite = values.flatMap { $0 }.compactMap { $0 }.filter(\.isFinite)
    let low = min(0, finite.min() ?? 0)
    let high = finite.max() ?? 1
    let isNarrow =
      (finite.map { TextSize.width(valueStyle.text($0)) }.max() ?? 0) > cell - 6
    for (row, name) in rows.enumerated() {
      let y = top + cellHeight * Double(row)
      canvas.text(TextSize.cut(name, to: left - 14), x: left - 10, y: y + 21, anchor: .end)
      for column in columns.indices {
        let value = values[row][column]
        let x = left + cell * Double(column)
        let shade = value.map { self.shade($0, low, high) } ?? 0
        canvas.rectangle(
          x: x + 1,
          y: y + 1,
          width: cell - 2,
          height: cellHeight - 2,
          class: "h\(shade)",
          radius: 3
        )
        if marksDiagonal, row == column {
          canvas.rectangle(
            x: x + 2.5,
            y: y + 2.5,
            width: cell - 5,
            height: cellHeight - 5,
            class: "frame g\(shade)",
            radius: 2
          )
        }
        guard let value else { continue }
        let text =
          isNarrow && !isVeiled(value)
          ? valueStyle.axisText(value, step: max(abs(value) / 10, 0.01)) : self.text(value)
        canvas.text(
          text,
          x: x + cell / 2,
          y: y + 21,
          anchor: .middle,
          class: "t v g\(shade)"
        )
      }
    }
    return canvas
  }

  /// Whether a value is too small to be shown.
  private func isVeiled(_ value: Double) -> Bool { value > 0 && value < Double(leastShown) }

  private func text(_ value: Double) -> String {
    isVeiled(value) ? "<\(leastShown)" : valueStyle.text(value)
  }

  /// One of seven shades, 0 to 6, by the square root so that small values still differ.
  private func shade(_ value: Double, _ low: Double, _ high: Double) -> Int {
    guard value.isFinite, high > low else { return 0 }
    let shown = isVeiled(value) ? Double(leastShown) : value
    let share = max(0, (shown - low) / (high - low)).squareRoot()
    return min(6, Int(share * 6.999))
  }
}
