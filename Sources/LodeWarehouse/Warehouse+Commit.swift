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
    try commit(staged, keeping: .latest)
  }

  /// The same, with a say in which rows a write keeps that does not replace all.
  ///
  /// - Parameters:
  ///   - staged: the write.
  ///   - basis: where the rows come from that are not replaced.
  /// - Returns: the version.
  /// - Throws: as ``commit(_:)``.
  public func commit(
    _ staged: StagedWrite,
    keeping basis: CommitBasis
  ) throws(Diagnostic) -> TableVersion {
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
    for file in staged.files { try file.settling.wait() }
    while true {
      let latest = try log.latestVersion()
      var state: DeltaState?
      var present: TableSnapshot?
      if let latest {
        let replayed = try log.replay(upTo: latest)
        state = replayed
        present = try snapshot(of: log, replayed)
      }
      let kept = try keptState(basis, log, latest, state)
      let next = try snapshot(
        after: staged,
        kept.map { (kept) throws(Diagnostic) in try snapshot(of: log, kept) },
        version: (latest ?? -1) + 1
      )
      if let present, present.contentHash == next.contentHash,
        present.files.map(\.path) == next.files.map(\.path)
      {
        // Who made this version may have been killed before it was sure to stay.
        try files.synchronizeFolder(log.logFolder)
        return version(present, isUnchanged: true)
      }
      let changesColumns = present.map { $0.schema != next.schema } ?? false
      try requireNoConflict(staged, log, latest, changesColumns: changesColumns)
      let lines = commitLines(staged, next, present, state, restorable: kept?.files ?? [:])
      if try publish(lines, log, version: next.version) {
        return version(next, isUnchanged: false)
      }
    }
  }

  /// The state of the table whose rows a write keeps; nil for none.
  private func keptState(
    _ basis: CommitBasis,
    _ log: DeltaLog,
    _ latest: Int?,
    _ state: DeltaState?
  ) throws(Diagnostic) -> DeltaState? {
    guard case .published(let own) = basis, let latest else { return state }
    let version = max(try publishedVersion(of: log.table) ?? -1, own ?? -1)
    if version >= latest { return state }
    return version < 0 ? nil : try log.replay(upTo: version)
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
    try snapshot(after: staged, present, version: (present?.version ?? -1) + 1)
  }

  /// The table as the staged write will leave it.
  private func snapshot(
    after staged: StagedWrite,
    _ present: TableSnapshot?,
    version: Int
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
      version: version,
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

  static func millisecondsSinceEpoch() -> Int {
    var time = timespec()
    // SAFETY: `time` is a whole structure for the call to fill.
    _ = unsafe clock_gettime(CLOCK_REALTIME, &time)
    return time.tv_sec * 1000 + time.tv_nsec / 1_000_000
  }
}

/// Which rows a write keeps that does not replace all of a table.
public enum CommitBasis: Sendable, Hashable {
  /// Those of the latest version.
  case latest
  /// Those of the newest published version; what runs committed later that were killed before they
  /// published is taken back. For the holder of the warehouse's lock, since a living run looks the
  /// same. `own`: the version that the same run has committed already; nil for none.
  case published(own: Int?)
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
