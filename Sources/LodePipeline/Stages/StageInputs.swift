public import LodeColumns
public import LodeRuntime

/// The input tables of a stage, rows at or after the as-of date already removed.
///
/// Rows are read when they are asked for, so a stage that works shard by shard, or on few columns,
/// holds no more than that.
public struct StageInputs: Sendable {
  /// One input: its columns, and its parts, read when asked for.
  struct Source: Sendable {
    /// All columns.
    let schema: Schema
    /// The shard of each part, in order; nil in a table without shards.
    let shards: [Int?]
    /// The rows of a part: the named columns in that order, or all.
    let read: @Sendable (_ part: Int, _ columns: [String]?) throws(Diagnostic) -> Table
  }

  /// The column that decides the shard of a row, in every table that has shards.
  static let shardedColumn = "customer_id"

  private let sources: [String: Source]

  /// The inputs by name.
  init(sources: [String: Source]) {
    self.sources = sources
  }

  /// The inputs by name, each as its parts in order, in memory.
  public init(_ tables: [String: [Table]]) {
    sources = tables.mapValues { parts in
      Source(
        schema: parts[0].schema,
        shards: Array(repeating: nil, count: parts.count)
      ) { (part: Int, columns: [String]?) throws(Diagnostic) -> Table in
        guard let columns else { return parts[part] }
        return try parts[part].selecting(columns)
      }
    }
  }

  /// The names of the tables that are there.
  public var names: [String] { sources.keys.sorted() }

  /// All rows of a table.
  ///
  /// - Parameters:
  ///   - name: the table.
  ///   - columns: the columns in the wanted order; nil for all.
  /// - Returns: the rows, part after part.
  /// - Throws: a diagnostic if the table is not among the inputs or a file cannot be read.
  public func table(_ name: String, columns: [String]? = nil) throws(Diagnostic) -> Table {
    let source = try source(name)
    return try rows(of: source, parts: Array(source.shards.indices), columns)
  }

  /// All rows of a table, nil if it is not among the inputs.
  ///
  /// - Parameters:
  ///   - name: the table.
  ///   - columns: the columns in the wanted order; nil for all.
  /// - Returns: the rows, part after part.
  /// - Throws: a diagnostic if a file cannot be read.
  public func optionalTable(
    _ name: String,
    columns: [String]? = nil
  ) throws(Diagnostic) -> Table? {
    sources[name] == nil ? nil : try table(name, columns: columns)
  }

  /// The shards of a table that have rows, rising; a single nil for a table without shards.
  ///
  /// - Throws: a diagnostic if the table is not among the inputs.
  func shards(of name: String) throws(Diagnostic) -> [Int?] {
    let shards = try source(name).shards
    let numbers = Set(shards.compactMap(\.self))
    return numbers.count > 0 && !shards.contains(nil) ? numbers.sorted() : [nil]
  }

  /// The rows of one shard of a table; all rows for nil.
  ///
  /// - Throws: a diagnostic if the table is not among the inputs or a file cannot be read.
  func table(
    _ name: String,
    shard: Int?,
    columns: [String]? = nil
  ) throws(Diagnostic) -> Table {
    guard let shard else { return try table(name, columns: columns) }
    let source = try source(name)
    return try rows(
      of: source,
      parts: source.shards.indices.filter { source.shards[$0] == shard },
      columns
    )
  }

  /// The number of parts of a table.
  ///
  /// - Throws: a diagnostic if the table is not among the inputs.
  func partCount(of name: String) throws(Diagnostic) -> Int { try source(name).shards.count }

  /// The rows of one part of a table: the named columns in that order, or all.
  ///
  /// - Throws: a diagnostic if the table is not among the inputs or a file cannot be read.
  func part(
    _ part: Int,
    of name: String,
    columns: [String]? = nil
  ) throws(Diagnostic) -> Table {
    try source(name).read(part, columns)
  }

  /// The shard of each part of a table, in order; nil in a table without shards.
  ///
  /// - Throws: a diagnostic if the table is not among the inputs.
  func partShards(of name: String) throws(Diagnostic) -> [Int?] { try source(name).shards }

  private func source(_ name: String) throws(Diagnostic) -> Source {
    guard let source = sources[name] else {
      throw Diagnostic(.failure, "the table \"\(name)\" is not among the inputs of this stage.")
    }
    return source
  }

  private func rows(
    of source: Source,
    parts: [Int],
    _ columns: [String]?
  ) throws(Diagnostic) -> Table {
    let tables = try Parallel.map(parts.count) { (index: Int) throws(Diagnostic) -> Table in
      try source.read(parts[index], columns)
    }
    if !tables.isEmpty {
      let shards = Set(parts.compactMap { source.shards[$0] })
      return Table.concatenating(
        tables,
        apart: shards.count == tables.count ? [Self.shardedColumn] : []
      )
    }
    let empty = Table(emptyWith: source.schema)
    guard let columns else { return empty }
    return try empty.selecting(columns)
  }
}
