internal import LodeColumns
internal import LodeFormats
internal import LodeRuntime
internal import LodeWarehouse

/// Everything that a run made, on disk but invisible, until the run publishes all of it at once.
///
/// Later stages of the run read earlier ones through the overlay of snapshots. A run that fails
/// discards all and leaves the warehouse and the exports as they were.
struct RunTransaction {
  private let warehouse: Warehouse
  private let exportsRoot: String
  private let runID: String
  private let pipelineName: String
  private var staged: [StagedWrite] = []
  private var files: [AtomicFile.Prepared] = []
  private var states: [(path: String, state: StageState)] = []
  /// The tables as they will be after the run, by name.
  private(set) var overlay: [String: TableSnapshot] = [:]

  init(_ warehouse: Warehouse, exportsRoot: String, runID: String, pipelineName: String) {
    self.warehouse = warehouse
    self.exportsRoot = exportsRoot
    self.runID = runID
    self.pipelineName = pipelineName
  }

  /// Brings the outputs of a stage to disk.
  ///
  /// - Parameters:
  ///   - output: what the stage made.
  ///   - spool: the rows that the stage has brought to disk already.
  ///   - entry: the stage.
  ///   - present: the quarantine table as it is published and as this run has changed it; nil if
  ///     there is none.
  /// - Returns: the content hash of each table, and path, SHA-256 and rows of each file.
  /// - Throws: a diagnostic; the caller discards the transaction then.
  mutating func add(
    _ output: StageOutput,
    _ spool: RowSpool,
    of entry: PipelineFile.StageEntry,
    quarantine present: TableSnapshot?
  ) throws -> (
    hashes: [String: String], files: [(path: String, sha256: String, rows: Int?)]
  ) {
    var hashes: [String: String] = [:]
    for table in output.tables {
      let write =
        try spool.finished(table.name) ?? warehouse.stage(try write(table, of: entry))
      staged.append(write)
      let preview = try warehouse.preview(of: write, onto: nil)
      overlay[table.name] = preview
      hashes[table.name] = preview.contentHash
    }
    if let quarantine = output.quarantine {
      let write = try warehouse.stage(write(quarantine, of: entry))
      staged.append(write)
      overlay[write.name] = try warehouse.preview(of: write, onto: present)
    }
    var published: [(path: String, sha256: String, rows: Int?)] = []
    for file in output.files {
      try Self.requireInside(file.path, entry)
      let path = "\(exportsRoot)/\(file.path)"
      files.append(try AtomicFile.prepare(file.bytes, for: path, mode: 0o640))
      published.append((file.path, SHA256.hexDigest(of: file.bytes), file.rowCount))
    }
    return (hashes, published)
  }

  /// Remembers what a stage did, to be written when the run has published.
  mutating func add(_ state: StageState, at path: String) {
    states.append((path, state))
  }

  /// Publishes: commits, then files, then the tag that readers go by, then the states of stages.
  ///
  /// - Parameter versions: the pinned version of each table, updated.
  /// - Throws: a diagnostic; readers by the tag see the old tables then.
  func publish(_ versions: inout [String: Int]) throws {
    var own: [String: Int] = [:]
    for write in staged {
      let version = try warehouse.commit(write, keeping: .published(own: own[write.name]))
      own[version.name] = version.version
      versions[version.name] = version.version
    }
    for file in files { try file.publish() }
    if !staged.isEmpty { try warehouse.setTag(pipelineName, versions) }
    for (path, state) in states { try AtomicFile.write(Array(state.json.utf8), to: path) }
  }

  /// Removes everything that is not published.
  func discard() {
    for write in staged { warehouse.discard(write) }
    for file in files { file.discard() }
  }

  private func write(
    _ table: OutputTable,
    of entry: PipelineFile.StageEntry
  ) throws -> TableWrite {
    let parts: [TableWrite.Part]
    if let column = table.shardColumn {
      parts =
        try table.rows
        .sharded(by: column, into: warehouse.shardCount, sortedBy: table.order)
        .enumerated().filter { $0.element.rowCount > 0 }
        .map { shard, rows in TableWrite.Part(partition: String(shard), rows: rows) }
    } else {
      let sorted = table.order.isEmpty ? table.rows : try table.rows.sorted(by: table.order)
      parts = [TableWrite.Part(rows: sorted)]
    }
    return write(
      table.name,
      table.rows.schema,
      of: entry,
      partitionColumn: table.shardColumn == nil ? nil : "shard",
      parts: parts
    )
  }

  /// A write of a stage's table in place of everything that is there.
  private func write(
    _ name: String,
    _ schema: Schema,
    of entry: PipelineFile.StageEntry,
    partitionColumn: String? = nil,
    parts: [TableWrite.Part] = []
  ) -> TableWrite {
    TableWrite(
      name: name,
      schema: schema,
      partitionColumn: partitionColumn,
      parts: parts,
      replaces: .everything,
      operation: "lode \(type(of: entry.stage).operation.rawValue) \(entry.name)",
      runID: runID,
      info: ["pipeline": pipelineName, "stage": entry.name]
    )
  }

  /// A spool for the tables of a stage.
  func spool(of entry: PipelineFile.StageEntry) -> RowSpool {
    RowSpool(warehouse) { [self] name, schema, partitionColumn in
      write(name, schema, of: entry, partitionColumn: partitionColumn)
    }
  }

  private func write(
    _ quarantine: QuarantineRows,
    of entry: PipelineFile.StageEntry
  ) -> TableWrite {
    let rows = quarantine.table()
    return TableWrite(
      name: PipelineRunner.quarantineTable,
      schema: rows.schema,
      partitionColumn: "stage",
      parts: rows.rowCount == 0 ? [] : [TableWrite.Part(partition: entry.name, rows: rows)],
      replaces: .partitions([entry.name]),
      operation: "lode quarantine \(entry.name)",
      runID: runID,
      info: ["pipeline": pipelineName, "stage": entry.name]
    )
  }

  private static func requireInside(
    _ path: String,
    _ entry: PipelineFile.StageEntry
  ) throws(Diagnostic) {
    let parts = path.split(separator: "/", omittingEmptySubsequences: false)
    guard parts.allSatisfy({ !$0.isEmpty && $0 != "." && $0 != ".." }) else {
      throw Diagnostic(
        .failure,
        at: "stage \(entry.name)",
        "the file path \"\(path)\" leaves the exports folder.",
        fix: "name the file without .. and without a leading slash."
      )
    }
  }
}
