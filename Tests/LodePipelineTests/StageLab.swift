import LodeColumns
import LodeFormats
import LodeRuntime
import Testing

@testable import LodePipeline

/// Runs single stages on tables made by hand.
enum StageLab {
  /// The stage that a text in the form of a pipeline file declares.
  static func stage(_ text: String) throws -> any Stage {
    let reader = try ConfigurationReader(
      JSON5Parser.parse(text, file: "p.json5"),
      file: "p.json5",
      subject: "stage \"s\""
    )
    let type = try StageRegistry.stageType(reader)
    let stage = try type.init(reader)
    try reader.finish()
    return stage
  }

  static func context(_ asOf: String, sources: [SourceBytes] = []) throws -> StageContext {
    StageContext(
      stageName: "s",
      asOf: try #require(CivilDate(asOf)),
      seed: 7,
      currency: "EUR",
      pipelineName: "lab",
      sources: sources
    )
  }

  static func run(
    _ text: String,
    _ tables: [String: Table],
    asOf: String = "2026-07-01"
  ) throws -> StageOutput {
    try stage(text).run(StageInputs(tables.mapValues { [$0] }), in: context(asOf))
  }

  /// The table of the given name in an output.
  static func table(_ name: String, _ output: StageOutput) throws -> Table {
    try #require(output.tables.first { $0.name == name }).rows
  }

  /// The rows of a table as texts; `-` for a missing cell.
  static func cells(_ table: Table, _ names: [String]? = nil) throws -> [String] {
    let shown = try table.selecting(names ?? table.schema.names)
    return (0..<shown.rowCount)
      .map { row in
        shown.columns.map { $0.isMissing(row) ? "-" : $0[row].description }.joined(separator: " ")
      }
  }

  /// A table read from delimited text with the types that its cells have.
  static func csv(_ text: String, types: [String: ColumnType] = [:]) throws -> Table {
    var reader = CSVReader()
    reader.types = types
    let document = try reader.read(SourceBytes(Array(text.utf8), name: "lab.csv"))
    #expect(document.rejects.isEmpty)
    let count = document.table.rowCount
    return document.table
      .setting(
        Field("_file", .text),
        Column(texts: Array(repeating: "lab.csv", count: count))
      )
      .setting(Field("_line", .integer), Column(integers: document.lines.map { Int64($0) }))
  }

  /// The full text of the diagnostic that a body throws.
  static func message(_ body: () throws -> Void) -> String? {
    do {
      try body()
      return nil
    } catch {
      return (error as? Diagnostic)?.description ?? String(describing: error)
    }
  }
}
