internal import LodeColumns
internal import LodeFormats
internal import LodeRuntime
internal import LodeWarehouse

/// Finds the inputs of stages in the warehouse and among the source files.
struct StageInputsReader {
  let file: PipelineFile
  let warehouse: Warehouse
  let asOf: CivilDate
  let seed: UInt64
  /// The pinned version of each table.
  var versions: [String: Int]
  /// Tables that this run has made but not yet published.
  var overlay: [String: TableSnapshot] = [:]

  /// The present snapshot of a table: made by this run, or the pinned version, nil if there is
  /// none.
  func snapshot(_ table: String) throws -> TableSnapshot? {
    if let made = overlay[table] { return made }
    guard let version = versions[table] else { return nil }
    return try warehouse.snapshot(of: table, version: version)
  }

  /// A table that other pipelines change too: as this run has made it, or as it was published last.
  func publishedSnapshot(_ table: String) throws -> TableSnapshot? {
    if let made = overlay[table] { return made }
    guard let version = try warehouse.publishedVersion(of: table) else { return nil }
    return try warehouse.snapshot(of: table, version: version)
  }

  /// The source files of a stage; a file is read when its content is needed.
  ///
  /// - Throws: a diagnostic if a pattern finds nothing or a file cannot be read.
  func sources(_ entry: PipelineFile.StageEntry) throws -> [SourceBytes] {
    var sources: [SourceBytes] = []
    for request in entry.stage.sources {
      switch request {
      case .files(let pattern): sources += try files(pattern, entry)
      case .command(let arguments, let watermark):
        sources.append(try output(of: arguments, watermark, entry))
      }
    }
    return sources
  }

  private func files(
    _ pattern: String,
    _ entry: PipelineFile.StageEntry
  ) throws -> [SourceBytes] {
    let paths = FileBytes.matching(file.resolved(pattern))
    guard !paths.isEmpty else {
      throw Diagnostic(
        .temporary,
        at: entry.place,
        "stage \"\(entry.name)\" finds no file for \"\(pattern)\".",
        fix: "put the files there, or correct the pattern in \"from\"."
      )
    }
    return try paths.map { try SourceBytes(file: $0) }
  }

  /// The output of a program, with the watermark bound as a part of its arguments.
  private func output(
    of arguments: [String],
    _ watermark: SourceRequest.Watermark?,
    _ entry: PipelineFile.StageEntry
  ) throws -> SourceBytes {
    var bound = arguments
    if let watermark {
      var value = watermark.start
      if let column = try snapshot(watermark.table)?.table(columns: [watermark.column]).columns
        .first,
        let last = column.largestCell
      {
        value = last.description
      }
      bound = arguments.map { $0.replacing("{watermark}", with: value) }
    }
    let bytes = try CommandSource.output(of: bound, at: entry.place)
    return SourceBytes(bytes, name: "output of \(arguments.first ?? "")")
  }

  /// What decides the outputs of a stage now.
  func fingerprint(
    _ entry: PipelineFile.StageEntry,
    sources: [SourceBytes],
    tables names: [String]
  ) throws -> StageFingerprint {
    let type = type(of: entry.stage)
    var tables: [String: String] = [:]
    for name in names { tables[name] = try snapshot(name)?.contentHash ?? "absent" }
    var files: [String: String] = [:]
    for source in sources { files[source.name] = try source.sha256() }
    return StageFingerprint(
      method: "\(type.operation.rawValue) \(type.method) v\(type.version)",
      configuration: entry.configuration,
      asOf: entry.stage.usesAsOf ? asOf.description : "",
      seed: String(seed),
      tables: tables,
      files: files
    )
  }

  /// The input tables, rows at or after the as-of date removed for every stage behind `clean`.
  func inputs(_ entry: PipelineFile.StageEntry, tables names: [String]) throws -> StageInputs {
    let operation = type(of: entry.stage).operation
    let seesEverything = operation == .extract || operation == .clean
    var sources: [String: StageInputs.Source] = [:]
    for name in names {
      guard let snapshot = try snapshot(name) else { continue }
      let time = seesEverything ? nil : TableCatalog.eventTimeColumns[name]
      if let time { try requireTime(time, snapshot, entry) }
      sources[name] = source(snapshot, eventTime: time)
    }
    return StageInputs(sources: sources)
  }

  private func source(
    _ snapshot: TableSnapshot,
    eventTime: String?
  ) -> StageInputs.Source {
    let areShards = snapshot.partitionColumn == "shard"
    return StageInputs.Source(
      schema: snapshot.schema,
      shards: snapshot.files.map { areShards ? $0.partition.flatMap { Int($0) } : nil }
    ) { [self] (part: Int, columns: [String]?) throws(Diagnostic) -> Table in
      guard let time = eventTime else { return try snapshot.rows(ofFile: part, columns: columns) }
      var read = columns
      if let columns, !columns.contains(time) { read = columns + [time] }
      let rows = try beforeAsOf(try snapshot.rows(ofFile: part, columns: read), time)
      guard let columns else { return rows }
      return try rows.selecting(columns)
    }
  }

  private func requireTime(
    _ name: String,
    _ snapshot: TableSnapshot,
    _ entry: PipelineFile.StageEntry
  ) throws(Diagnostic) {
    let type = try Table(emptyWith: snapshot.schema).requiredColumn(name).type
    guard type == .date || type == .timestamp else {
      throw Diagnostic(
        .usage,
        at: "stage \(entry.name)",
        "the column \"\(name)\" of the table \(snapshot.name) is of type \(type), where date or "
          + "timestamp is needed.",
        fix: "declare it in the extract stage, types: { \"\(name)\": \"timestamp\" }."
      )
    }
  }

  private func beforeAsOf(_ table: Table, _ name: String) throws(Diagnostic) -> Table {
    let column = try table.requiredColumn(name)
    let limit =
      column.type == .date
      ? Int64(asOf.daysSinceEpoch) : Timestamp(asOf).microseconds
    let times = column.integers
    if times.allSatisfy({ $0 < limit }) { return table }
    return table.filtered(times.map { $0 < limit })
  }
}
