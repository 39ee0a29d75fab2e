internal import Glibc
internal import LodeColumns
internal import LodeFormats
public import LodeRuntime

extension Warehouse {
  /// Makes the files of a staged write the next version of their table, all of them or none.
  ///
  /// Content that the table already has makes no new version. Other writers may commit in between:
  /// if they touched what this write replaces, it is refused and both runs are named.
  ///
  /// Commits carry no `txn` action: files are named by their content (appended ones by content and
  /// run), so a run that is repeated finds its own files in the table and makes no second version.
  /// A `txn` would only say the same once more, and say it of a period whose input has changed too.
  ///
  /// - Throws: a diagnostic of category `temporary` for a conflict or a full disk, `failure` for
  ///   other columns than the table has or a folder that cannot be written.
  public func commit(_ staged: StagedWrite) throws(Diagnostic) -> TableVersion {
    let log = log(of: staged.name)
    for file in staged.files
    where FileTree.byteCount(file.file.absolutePath) != file.file.byteCount {
      throw Diagnostic(
        .temporary,
        at: file.file.absolutePath,
        "the staged file is gone; another run has removed it.",
        fix: "run again."
      )
    }
    while true {
      let latest = try log.latestVersion()
      var state: DeltaState?
      var present: TableSnapshot?
      if let latest {
        let replayed = try log.replay(upTo: latest)
        state = replayed
        present = try snapshot(of: log, replayed)
      }
      let next = try snapshot(after: staged, present)
      if let present, present.contentHash == next.contentHash,
        present.files.map(\.path) == next.files.map(\.path)
      {
        return version(present, isUnchanged: true)
      }
      let changesColumns = present.map { $0.schema != next.schema } ?? false
      try requireNoConflict(staged, log, latest, changesColumns: changesColumns)
      let lines = commitLines(staged, next.schema, present, state)
      if try publish(lines, log, version: next.version) {
        return version(next, isUnchanged: false)
      }
    }
  }

  private func version(_ snapshot: TableSnapshot, isUnchanged: Bool) -> TableVersion {
    TableVersion(
      name: snapshot.name,
      version: snapshot.version,
      isUnchanged: isUnchanged,
      rowCount: snapshot.rowCount,
      contentHash: snapshot.contentHash
    )
  }

  /// A table as a staged write will leave it: readable before it is committed.
  ///
  /// - Parameters:
  ///   - staged: the write.
  ///   - present: the table that it changes, perhaps itself a preview; nil for a new table.
  /// - Returns: the snapshot that the commit will make, its version counted from `present`.
  /// - Throws: a diagnostic if the columns are not those of the table.
  public func preview(
    of staged: StagedWrite,
    onto present: TableSnapshot?
  ) throws(Diagnostic) -> TableSnapshot {
    try snapshot(after: staged, present)
  }

  /// The table as the staged write will leave it.
  private func snapshot(
    after staged: StagedWrite,
    _ present: TableSnapshot?
  ) throws(Diagnostic) -> TableSnapshot {
    var kept: [DataFile] = []
    var schema = staged.schema
    if let present, staged.replaces != .everything {
      guard present.partitionColumn == staged.partitionColumn else {
        throw Diagnostic(
          .failure,
          at: "table \(staged.name)",
          "the new rows are kept apart by \(staged.partitionColumn ?? "nothing"), those of the "
            + "table by \(present.partitionColumn ?? "nothing").",
          fix: "write the whole table again."
        )
      }
      schema = try SchemaEvolution.columns(of: staged.name, present.schema, adding: staged.schema)
      let staysPaths = Set(staged.files.map(\.file.path))
      kept = present.files.filter { file in
        !staged.replaces.covers(file.partition) && !staysPaths.contains(file.path)
      }
    }
    return TableSnapshot(
      name: staged.name,
      version: (present?.version ?? -1) + 1,
      schema: schema,
      partitionColumn: staged.partitionColumn,
      files: kept + staged.files.map(\.file)
    )
  }

  /// Refuses a write if a commit since its start touched what it replaces.
  private func requireNoConflict(
    _ staged: StagedWrite,
    _ log: DeltaLog,
    _ latest: Int?,
    changesColumns: Bool
  ) throws(Diagnostic) {
    guard let latest, latest > staged.base ?? -1 else { return }
    for version in ((staged.base ?? -1) + 1)...latest {
      let lines = try log.lines(ofVersion: version)
      let isFirst = version == 0 && staged.replaces != .everything
      let touches = lines.contains { line in
        if (line.metaData != nil || changesColumns && line.add != nil) && !isFirst { return true }
        guard let column = staged.partitionColumn else {
          return (line.add != nil || line.remove != nil) && staged.replaces != .nothing
        }
        if let add = line.add {
          return staged.replaces.covers(add.partitionValues[column] ?? nil)
        }
        if let remove = line.remove {
          return staged.replaces.covers(remove.partitionValues?[column] ?? nil)
        }
        return false
      }
      guard touches else { continue }
      let info = lines.lazy.compactMap(\.commitInfo).first
      let other = info?.lode?.run.map { "run \($0)" } ?? "another program"
      throw Diagnostic(
        .temporary,
        at: "table \(staged.name)",
        "run \(staged.runID) cannot publish: \(other) has changed the same rows in version "
          + "\(version) since it started.",
        fix: "run \(staged.runID) again; it will start from version \(latest)."
      )
    }
  }

  private func commitLines(
    _ staged: StagedWrite,
    _ schema: Schema,
    _ present: TableSnapshot?,
    _ state: DeltaState?
  ) -> [String] {
    let timestamp = max((state?.timestamp ?? 0) + 1, Self.millisecondsSinceEpoch())
    var lines = [commitInfo(staged, timestamp: timestamp)]
    if present == nil {
      lines.append(
        JSONText.object([
          (
            "protocol",
            JSONText.object([("minReaderVersion", "1"), ("minWriterVersion", "2")])
          )
        ])
      )
    }
    if present?.schema != schema || present?.partitionColumn != staged.partitionColumn {
      lines.append(metadata(staged, schema, state?.metadata, timestamp: timestamp))
    }
    let stagedPaths = Set(staged.files.map(\.file.path))
    for file in present?.files ?? [] {
      guard staged.replaces.covers(file.partition), !stagedPaths.contains(file.path) else {
        continue
      }
      lines.append(
        JSONText.object([
          (
            "remove",
            JSONText.object([
              ("path", JSONText.quoted(file.path)),
              ("deletionTimestamp", String(timestamp)),
              ("dataChange", "true"),
              ("extendedFileMetadata", "true"),
              ("partitionValues", partitionValues(file, present?.partitionColumn)),
              ("size", String(file.byteCount)),
            ])
          )
        ])
      )
    }
    let presentPaths = Set((present?.files ?? []).map(\.path))
    for file in staged.files where !presentPaths.contains(file.file.path) {
      lines.append(add(file, staged.partitionColumn, timestamp: timestamp))
    }
    return lines
  }

  private func commitInfo(_ staged: StagedWrite, timestamp: Int) -> String {
    let partitionBy = JSONText.array(staged.partitionColumn.map { [JSONText.quoted($0)] } ?? [])
    return JSONText.object([
      (
        "commitInfo",
        JSONText.object([
          ("timestamp", String(timestamp)),
          ("operation", JSONText.quoted(staged.operation)),
          (
            "operationParameters",
            JSONText.object([
              ("mode", JSONText.quoted(staged.replaces == .nothing ? "Append" : "Overwrite")),
              ("partitionBy", JSONText.quoted(partitionBy)),
            ])
          ),
          ("engineInfo", JSONText.quoted("lode/0.1.0")),
          (
            "lode",
            JSONText.object([
              ("run", JSONText.quoted(staged.runID)), ("info", JSONText.map(staged.info)),
            ])
          ),
        ])
      )
    ])
  }

  private func metadata(
    _ staged: StagedWrite,
    _ schema: Schema,
    _ present: DeltaMetadata?,
    timestamp: Int
  ) -> String {
    let columns = staged.partitionColumn.map { [JSONText.quoted($0)] } ?? []
    return JSONText.object([
      (
        "metaData",
        JSONText.object([
          ("id", JSONText.quoted(present?.id ?? Self.identifier(staged, timestamp: timestamp))),
          ("name", JSONText.quoted(staged.name)),
          (
            "format",
            JSONText.object([
              ("provider", JSONText.quoted("parquet")), ("options", JSONText.object([])),
            ])
          ),
          (
            "schemaString",
            JSONText.quoted(
              DeltaSchemaText.encode(schema, partitionColumn: staged.partitionColumn)
            )
          ),
          ("partitionColumns", JSONText.array(columns)),
          ("configuration", JSONText.object([])),
          ("createdTime", String(present?.createdTime ?? timestamp)),
        ])
      )
    ])
  }

  private func add(
    _ staged: StagedFile,
    _ partitionColumn: String?,
    timestamp: Int
  ) -> String {
    JSONText.object([
      (
        "add",
        JSONText.object([
          ("path", JSONText.quoted(staged.file.path)),
          ("partitionValues", partitionValues(staged.file, partitionColumn)),
          ("size", String(staged.file.byteCount)),
          ("modificationTime", String(timestamp)),
          ("dataChange", "true"),
          ("stats", JSONText.quoted(staged.statistics)),
          (
            "tags",
            JSONText.object([
              ("lode.sha256", JSONText.quoted(staged.file.sha256 ?? "")),
              ("lode.sums", JSONText.quoted(staged.sums)),
            ])
          ),
        ])
      )
    ])
  }

  private func partitionValues(_ file: DataFile, _ column: String?) -> String {
    guard let column, let partition = file.partition else { return JSONText.object([]) }
    return JSONText.object([(column, JSONText.quoted(partition))])
  }

  /// Puts a commit under its number.
  ///
  /// - Returns: false if another writer took the number first.
  private func publish(
    _ lines: [String],
    _ log: DeltaLog,
    version: Int
  ) throws(Diagnostic) -> Bool {
    let text = lines.map { $0 + "\n" }.joined()
    let temporary = root + "/tmp/" + TemporaryNames.next()
    try files.write(Array(text.utf8), toNew: temporary)
    defer { files.remove(temporary) }
    guard try files.link(temporary, toNew: log.path(ofVersion: version)) else { return false }
    do throws(Diagnostic) {
      try files.synchronizeFolder(log.logFolder)
    } catch {
      // The version has its name already: say so, and never that nothing was published.
      throw Diagnostic(
        error.category,
        at: log.path(ofVersion: version),
        "version \(version) is published, but the disk does not confirm it: \(error.message)",
        fix: "check the disk, then run again; a version that survived will be found unchanged."
      )
    }
    return true
  }

  /// The table's identifier in the form of a UUID, of its first commit.
  private static func identifier(_ staged: StagedWrite, timestamp: Int) -> String {
    let digest = SHA256.hexDigest(of: "\(staged.name)\n\(staged.runID)\n\(timestamp)")
    let digits = Array(digest)
    return [0..<8, 8..<12, 12..<16, 16..<20, 20..<32].map { String(digits[$0]) }
      .joined(separator: "-")
  }

  private static func millisecondsSinceEpoch() -> Int {
    var time = timespec()
    // SAFETY: `time` is a whole structure for the call to fill.
    _ = unsafe clock_gettime(CLOCK_REALTIME, &time)
    return time.tv_sec * 1000 + time.tv_nsec / 1_000_000
  }
}

extension TableWrite.Replacement {
  /// Whether rows of a partition are taken the place of.
  func covers(_ partition: String?) -> Bool {
    switch self {
    case .everything: true
    case .nothing: false
    case .partitions(let names): partition.map { names.contains($0) } ?? false
    }
  }
}
