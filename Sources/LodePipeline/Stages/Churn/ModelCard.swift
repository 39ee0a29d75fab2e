internal import LodeColumns
internal import LodeFormats
internal import LodeReports
internal import LodeRuntime

/// What a model is, what it was made of, how well it did and where it must not be used.
///
/// It is written as JSON for programs and as one HTML page for people.
struct ModelCard: Sendable {
  /// A table with a caption and its key in the JSON file.
  struct Section: Sendable {
    let key: String
    let caption: String
    let table: Table
  }

  let title: String
  /// Facts in order: key, words for people, value.
  var facts: [(key: String, words: String, value: String)] = []
  var sections: [Section] = []
  var limits: [String] = []

  mutating func add(_ key: String, _ words: String, _ value: String) {
    facts.append((key, words, value))
  }

  /// The files of the card below a folder of the exports.
  func files(in folder: String) -> [OutputFile] {
    [
      OutputFile(path: "\(folder)/model_card.json", bytes: Array((json + "\n").utf8)),
      OutputFile(path: "\(folder)/model_card.html", bytes: Array(page.render().utf8)),
    ]
  }

  /// The card as one JSON object.
  var json: String {
    JSONText.object(
      [(key: "title", json: JSONText.quoted(title))]
        + facts.map { (key: $0.key, json: JSONText.quoted($0.value)) }
        + sections.map { (key: $0.key, json: Self.rows($0.table)) }
        + [(key: "limits", json: JSONText.array(limits.map { JSONText.quoted($0) }))]
    )
  }

  private static func rows(_ table: Table) -> String {
    JSONText.array(
      (0..<table.rowCount)
        .map { row in
          JSONText.object(
            zip(table.schema.names, table.columns)
              .map { name, column in (key: name, json: value(column[row])) }
          )
        }
    )
  }

  private static func value(_ cell: Cell) -> String {
    switch cell {
    case .missing: "null"
    case .boolean(let flag): flag ? "true" : "false"
    case .integer(let number): String(number)
    case .double(let number): number.isFinite ? JSONText.number(number) : "null"
    case .decimal, .text, .date, .timestamp: JSONText.quoted(cell.description)
    }
  }

  /// The card as a page.
  private var page: HTMLReport {
    let tables = sections.map { section in
      ReportBlock.table(
        ReportTable(
          caption: section.caption,
          columns: section.table.schema.fields.map {
            ReportColumn($0.name.replacing("_", with: " "), isNumber: $0.type != .text)
          },
          rows: (0..<section.table.rowCount)
            .map { row in section.table.columns.map { Self.shown($0[row]) } }
        )
      )
    }
    let table = ReportTable(
      caption: "The model",
      columns: [ReportColumn("What"), ReportColumn("Answer")],
      rows: facts.map { [$0.words, $0.value] }
    )
    return HTMLReport(
      title: title,
      subtitle: facts.first?.value ?? "",
      sections: [
        ReportSection(id: "model", title: "The model", lead: "", blocks: [.table(table)]),
        ReportSection(id: "test", title: "Its test and its parts", lead: "", blocks: tables),
        ReportSection(
          id: "limits",
          title: "Limits",
          lead: "",
          blocks: limits.map { .callout(ReportCallout(.note, $0)) }
        ),
      ],
      footer: "Made by Lode \(LodeVersion.current). Same tables and settings, same card."
    )
  }

  /// A cell for people: four digits that count.
  private static func shown(_ cell: Cell) -> String {
    guard case .double(let number) = cell else { return cell.description }
    guard number.isFinite else { return "" }
    if abs(number) >= 1000 { return number.rounded(toPlaces: 0) }
    return number.rounded(toPlaces: abs(number) >= 10 ? 2 : 4)
  }
}
