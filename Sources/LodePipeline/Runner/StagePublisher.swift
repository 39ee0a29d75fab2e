internal import LodeColumns
internal import LodeFormats
internal import LodeRuntime
internal import LodeWarehouse

/// Publishes what a stage made: all data files first, then the commits, then the tag.
struct StagePublisher {
  let warehouse: Warehouse
  let exportsRoot: String
  let entry: PipelineFile.StageEntry
  let runID: String
  let pipelineName: String

  /// Publishes tables and files.
  ///
  /// Readers go by the tag of the pipeline, which is written last, so they see all tables of the
  /// stage or none.
  ///
  /// - Parameters:
  ///   - output: what the stage made.
  ///   - report: gets versions, rows and checksums.
  ///   - versions: the pinned versions, updated.
  /// - Returns: the content hash of each table that only this stage writes.
  /// - Throws: a diagnostic; nothing that a reader sees has changed then.
  func publish(
    _ output: StageOutput,
    into report: inout StageReport,
    versions: inout [String: Int]
  ) throws -> [String: String] {
    var staged: [StagedWrite] = []
    var hashes: [String: String] = [:]
    do {
      for table in output.tables { staged.append(try warehouse.stage(try write(table))) }
      if let quarantine = output.quarantine {
        staged.append(try warehouse.stage(write(quarantine)))
      }
    } catch {
      for write in staged { warehouse.discard(write) }
      throw error
    }
    try publishFiles(output.files, into: &report)
    for write in staged {
      let version = try warehouse.commit(write)
      versions[version.name] = version.version
    }
    if !staged.isEmpty { try warehouse.setTag(pipelineName, versions) }
    for table in output.tables {
      guard let version = versions[table.name],
        let snapshot = try warehouse.snapshot(of: table.name, version: version)
      else { continue }
      hashes[table.name] = snapshot.contentHash
      report.outputs.append((table.name, version, snapshot.rowCount))
    }
    return hashes
  }

  private func write(_ table: OutputTable) throws -> TableWrite {
    let sorted = table.order.isEmpty ? table.rows : try table.rows.sorted(by: table.order)
    var parts = [TableWrite.Part(rows: sorted)]
    if let column = table.shardColumn {
      let shards = try sorted.requiredColumn(column).shards(count: warehouse.shardCount)
      var rowsOfShard = [[Int]](repeating: [], count: warehouse.shardCount)
      for (row, shard) in shards.enumerated() { rowsOfShard[shard].append(row) }
      parts = rowsOfShard.enumerated().filter { !$0.element.isEmpty }
        .map { shard, rows in
          TableWrite.Part(partition: String(shard), rows: sorted.gathering(rows))
        }
    }
    return TableWrite(
      name: table.name,
      schema: sorted.schema,
      partitionColumn: table.shardColumn == nil ? nil : "shard",
      parts: parts,
      replaces: .everything,
      operation: "lode \(type(of: entry.stage).operation.rawValue) \(entry.name)",
      runID: runID,
      info: ["pipeline": pipelineName, "stage": entry.name]
    )
  }

  private func write(_ quarantine: QuarantineRows) -> TableWrite {
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

  private func publishFiles(_ files: [OutputFile], into report: inout StageReport) throws {
    for file in files {
      let parts = file.path.split(separator: "/", omittingEmptySubsequences: false)
      guard parts.allSatisfy({ !$0.isEmpty && $0 != "." && $0 != ".." }) else {
        throw Diagnostic(
          .failure,
          at: "stage \(entry.name)",
          "the file path \"\(file.path)\" leaves the exports folder.",
          fix: "name the file without .. and without a leading slash."
        )
      }
    }
    for file in files {
      try AtomicFile.write(file.bytes, to: "\(exportsRoot)/\(file.path)", mode: 0o640)
      let digest = SHA256.hexDigest(of: file.bytes)
      report.files.append((file.path, digest, file.rowCount))
    }
  }
}
