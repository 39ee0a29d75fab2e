public import LodeColumns

/// A column of a report table.
public struct ReportColumn: Sendable, Hashable {
  /// The heading.
  public var title: String
  /// Whether the cells are numbers, written to the right with digits of one width.
  public var isNumber: Bool

  /// A column.
  public init(_ title: String, isNumber: Bool = false) {
    self.title = title
    self.isNumber = isNumber
  }
}

/// A table of text; the first column names the rows.
public struct ReportTable: Sendable, Hashable {
  /// What the table shows; empty for none.
  public var caption: String
  /// The columns.
  public var columns: [ReportColumn]
  /// The cells, one list a row.
  public var rows: [[String]]

  /// A table.
  ///
  /// - Precondition: one cell a column in every row.
  public init(caption: String = "", columns: [ReportColumn], rows: [[String]]) {
    precondition(
      rows.allSatisfy { $0.count == columns.count },
      "rows of \(Set(rows.map(\.count)).sorted()) cells for \(columns.count) columns"
    )
    self.caption = caption
    self.columns = columns
    self.rows = rows
  }

  /// The first rows of a columnar table; personal columns are masked.
  ///
  /// - Parameters:
  ///   - table: any table.
  ///   - caption: what it shows.
  ///   - titles: headings by column name; other names are shown with spaces for underscores.
  ///   - styles: how numbers are written, by column name; other numbers as they are stored.
  ///   - rowLimit: rows shown at most; the caption says so when there are more.
  public init(
    _ table: Table,
    caption: String = "",
    titles: [String: String] = [:],
    styles: [String: NumberStyle] = [:],
    rowLimit: Int = 50
  ) {
    let fields = table.schema.fields
    columns = fields.map { field in
      ReportColumn(
        titles[field.name] ?? Self.heading(field.name),
        isNumber: Self.isNumber(field.type)
      )
    }
    let shown = min(rowLimit, table.rowCount)
    rows = (0..<shown)
      .map { row in
        fields.indices.map { index in
          let cell = table.columns[index][row]
          if fields[index].isPersonal, cell != .missing { return "\u{2022}\u{2022}\u{2022}" }
          if let style = styles[fields[index].name] { return style.text(cell.number) }
          return cell == .missing ? "\u{2013}" : cell.description
        }
      }
    let rest =
      shown < table.rowCount
      ? "first \(ReportNumber.integer(shown)) of \(ReportNumber.integer(table.rowCount)) rows" : ""
    self.caption = [caption, rest].filter { !$0.isEmpty }.joined(separator: ", ")
  }

  var markup: String {
    var text = "<div class=\"scroll\" tabindex=\"0\" role=\"region\" aria-label=\""
    text += "\(escapedHTML(caption.isEmpty ? "Table" : caption))\"><table>"
    if !caption.isEmpty { text += "<caption>\(escapedHTML(caption))</caption>" }
    text += "<thead><tr>"
    for column in columns {
      text += "<th scope=\"col\"\(column.isNumber ? " class=\"n\"" : "")>"
      text += "\(escapedHTML(column.title))</th>"
    }
    text += "</tr></thead>\n<tbody>"
    let isWide = columns.indices.map { index in
      !columns[index].isNumber && rows.contains { $0[index].count > 48 }
    }
    let areNamesShort = rows.allSatisfy { ($0.first?.count ?? 0) <= 24 }
    for row in rows {
      text += "<tr>"
      for (index, cell) in row.enumerated() {
        let isKept = index == 0 && areNamesShort
        let name =
          columns[index].isNumber
          ? " class=\"n\"" : isKept ? " class=\"k\"" : isWide[index] ? " class=\"w\"" : ""
        text +=
          index == 0
          ? "<th scope=\"row\"\(name)>\(escapedHTML(cell))</th>"
          : "<td\(name)>\(escapedHTML(cell))</td>"
      }
      text += "</tr>\n"
    }
    return text + "</tbody></table></div>\n"
  }

  private static func heading(_ name: String) -> String {
    let words = String(name.map { $0 == "_" ? " " : $0 })
    return words.prefix(1).uppercased() + words.dropFirst()
  }

  private static func isNumber(_ type: ColumnType) -> Bool {
    switch type {
    case .text, .boolean, .date, .timestamp: false
    default: true
    }
  }
}
