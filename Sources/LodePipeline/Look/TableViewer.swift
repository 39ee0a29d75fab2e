internal import LodeColumns
internal import LodeFormats
public import LodeRuntime
internal import LodeWarehouse

/// Shows what a warehouse holds.
public struct TableViewer {
  private let warehouse: Warehouse

  /// A viewer of the warehouse in a folder that must be there.
  ///
  /// - Throws: a diagnostic if there is no warehouse.
  public init(root: String) throws(Diagnostic) {
    guard FileBytes.exists("\(root)/lode.json") else {
      throw Diagnostic(
        .usage,
        at: root,
        "there is no warehouse here.",
        fix: "name its folder with --warehouse, or run a pipeline first."
      )
    }
    warehouse = try Warehouse(opening: root, shardCount: 8)
  }

  /// The tables with their newest version, rows and files, as CSV.
  ///
  /// - Throws: a diagnostic if a table cannot be read.
  public func list() throws -> String {
    var rows: [(String, TableSnapshot)] = []
    for name in try warehouse.tableNames() {
      if let snapshot = try warehouse.snapshot(of: name) { rows.append((name, snapshot)) }
    }
    let table = Table([
      "table": Column(texts: rows.map(\.0)),
      "version": Column(integers: rows.map { Int64($0.1.version) }),
      "rows": Column(integers: rows.map { Int64($0.1.rowCount) }),
      "columns": Column(integers: rows.map { Int64($0.1.schema.fields.count) }),
      "files": Column(integers: rows.map { Int64($0.1.files.count) }),
    ])
    return String(decoding: CSVWriter().bytes(table), as: UTF8.self)
  }

  /// The first rows of a table that meet a condition, as CSV.
  ///
  /// - Parameters:
  ///   - name: the table.
  ///   - condition: an expression, nil for all rows.
  ///   - limit: the most rows to show.
  /// - Returns: the text.
  /// - Throws: a diagnostic for an unknown table or a wrong condition.
  public func show(_ name: String, where condition: String?, limit: Int) throws -> String {
    let names = try warehouse.tableNames()
    guard names.contains(name), let snapshot = try warehouse.snapshot(of: name) else {
      throw Diagnostic(
        .usage,
        "there is no table \"\(name)\"\(Suggestion.ending(for: name, in: names))",
        fix: "lode ls lists the tables."
      )
    }
    var rows = try snapshot.table()
    if let condition {
      rows = rows.filtered(try Expression(parsing: condition).rows(of: rows))
    }
    if rows.rowCount > limit { rows = rows.gathering(Array(0..<limit)) }
    return String(decoding: CSVWriter().bytes(rows), as: UTF8.self)
  }
}
