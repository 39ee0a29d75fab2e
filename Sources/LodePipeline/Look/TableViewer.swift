internal import FoundationEssentials
internal import LodeColumns
internal import LodeFormats
public import LodeRuntime
internal import LodeWarehouse

/// Shows what a warehouse holds, each answer as CSV.
///
/// A table is named as `orders`, `orders@3`, `orders@2026-01-05` or `orders@weekly-churn`. Without
/// a version, the newest one that its pipeline has published is meant.
public struct TableViewer {
  let warehouse: Warehouse
  let root: String

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
    self.root = root
    warehouse = try Warehouse(opening: root, shardCount: 8)
  }

  /// The tables with their newest published version, rows, columns, files and the tags that name
  /// this version.
  ///
  /// - Throws: a diagnostic if a table cannot be read.
  public func list() throws -> String {
    var rows: [TableSnapshot] = []
    for name in try warehouse.tableNames() {
      guard let version = try warehouse.publishedVersion(of: name),
        let snapshot = try warehouse.snapshot(of: name, version: version)
      else { continue }
      rows.append(snapshot)
    }
    let tags = try tags()
    return Self.csv(
      Table([
        "table": Column(texts: rows.map(\.name)),
        "version": Column(integers: rows.map { Int64($0.version) }),
        "rows": Column(integers: rows.map { Int64($0.rowCount) }),
        "columns": Column(integers: rows.map { Int64($0.schema.fields.count) }),
        "files": Column(integers: rows.map { Int64($0.files.count) }),
        "tags": Column(texts: rows.map { Self.names(of: tags, $0.name, $0.version) }),
      ])
    )
  }

  /// The first rows of a table that meet a condition.
  ///
  /// - Parameters:
  ///   - name: the table, perhaps with a version.
  ///   - condition: an expression, nil for all rows.
  ///   - limit: the most rows to show.
  /// - Returns: the text.
  /// - Throws: a diagnostic for an unknown table or a wrong condition.
  public func show(_ name: String, where condition: String?, limit: Int) throws -> String {
    var rows = try snapshot(name).table()
    if let condition {
      rows = rows.filtered(try Expression(parsing: condition).rows(of: rows))
    }
    if rows.rowCount > limit { rows = rows.gathering(Array(0..<limit)) }
    return Self.csv(rows)
  }

  /// The columns of a table: name, type, whether they are personal.
  ///
  /// - Throws: a diagnostic for an unknown table.
  public func schema(_ name: String) throws -> String {
    let snapshot = try snapshot(name)
    var fields = snapshot.schema.fields.map { field in
      (field.name, field.type.description, field.isPersonal ? "yes" : "no")
    }
    if let column = snapshot.partitionColumn {
      fields.append((column, "folder of the files", "no"))
    }
    return Self.csv(
      Table([
        "column": Column(texts: fields.map(\.0)), "type": Column(texts: fields.map(\.1)),
        "personal": Column(texts: fields.map(\.2)),
      ])
    )
  }

  /// The absolute paths of a table's data files, one a line.
  ///
  /// - Throws: a diagnostic for an unknown table.
  public func files(_ name: String) throws -> String {
    paths(of: try snapshot(name)).map { $0 + "\n" }.joined()
  }

  /// A statement for DuckDB that reads a table's data files.
  ///
  /// - Throws: a diagnostic for an unknown table, or for one without files.
  public func selectStatement(_ name: String) throws -> String {
    let snapshot = try snapshot(name)
    let paths = paths(of: snapshot)
    guard !paths.isEmpty else {
      throw Diagnostic(
        .usage,
        at: "table \(snapshot.name)",
        "version \(snapshot.version) has no rows and so no files to select from.",
        fix: "name another version; lode history \(snapshot.name) lists them."
      )
    }
    let list = paths.map { "'" + $0.replacing("'", with: "''") + "'" }.joined(separator: ", ")
    let partitions = snapshot.partitionColumn == nil ? "false" : "true"
    return "SELECT * FROM read_parquet([\(list)], hive_partitioning = \(partitions), "
      + "union_by_name = true);\n"
  }

  /// The versions of a table, the newest first.
  ///
  /// - Throws: a diagnostic for an unknown table.
  public func history(_ name: String) throws -> String {
    let reference = try TableReference(name)
    let commits = try warehouse.history(of: reference.name).reversed()
    let tags = try tags()
    return Self.csv(
      Table([
        "version": Column(integers: commits.map { Int64($0.version) }),
        "time": Column(texts: commits.map(\.time.description)),
        "operation": Column(texts: commits.map(\.operation)),
        "run": Column(texts: commits.map(\.runID)),
        "rows": Column(texts: commits.map { $0.rowCount.map(String.init) }),
        "files": Column(integers: commits.map { Int64($0.fileCount) }),
        "tags": Column(texts: commits.map { Self.names(of: tags, reference.name, $0.version) }),
      ])
    )
  }

  /// The table as a user names it.
  func snapshot(_ name: String) throws(Diagnostic) -> TableSnapshot {
    try warehouse.snapshot(at: try TableReference(name))
  }

  /// All tags with the versions they name.
  func tags() throws(Diagnostic) -> [(name: String, versions: [String: Int])] {
    var tags: [(name: String, versions: [String: Int])] = []
    for name in try warehouse.tagNames() {
      tags.append((name, try warehouse.readTag(name) ?? [:]))
    }
    return tags
  }

  static func csv(_ table: Table) -> String {
    String(decoding: CSVWriter().bytes(table), as: UTF8.self)
  }

  private func paths(of snapshot: TableSnapshot) -> [String] {
    let current = FileManager.default.currentDirectoryPath
    return snapshot.files.map { file in
      file.absolutePath.hasPrefix("/") ? file.absolutePath : current + "/" + file.absolutePath
    }
  }

  private static func names(
    of tags: [(name: String, versions: [String: Int])],
    _ table: String,
    _ version: Int
  ) -> String? {
    let names = tags.filter { $0.versions[table] == version }.map(\.name)
    return names.isEmpty ? nil : names.joined(separator: " ")
  }
}
