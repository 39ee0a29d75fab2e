internal import LodeFormats
public import LodeRuntime

extension Warehouse {
  /// Finds the data files that no kept version needs.
  ///
  /// Kept are the newest and the newest published version of each table, every version that a tag
  /// names, and every version that was the newest at some time within the last days. A file is
  /// removed only if its name is one that lode gives and it was written before the safety window;
  /// so the files of a run that is still working stay.
  ///
  /// - Parameters:
  ///   - days: how many days back versions stay readable.
  ///   - safetyDays: how old a file must be.
  ///   - now: the present time.
  /// - Returns: what to remove.
  /// - Throws: a diagnostic for a log or tags that cannot be read; then nothing may be removed.
  public func vacuumPlan(
    keepingDays days: Int,
    safetyDays: Int = 7,
    now: Timestamp
  ) throws(Diagnostic) -> VacuumPlan {
    precondition(days >= 0 && safetyDays >= 0, "\(days) days, \(safetyDays) days of safety")
    let tags = try readTags()
    let cutoff = now.microseconds - Int64(days) * Timestamp.microsecondsPerDay
    let newest = now.microseconds - Int64(safetyDays) * Timestamp.microsecondsPerDay
    var removals: [VacuumPlan.Removal] = []
    var keptVersions: [String: [Int]] = [:]
    for name in FileTree.names(in: root + "/tables") {
      var needed: Set<String> = []
      var referenced: Set<String> = []
      let log = log(of: name)
      if try log.latestVersion() != nil {
        var tagged = Set(tags.values.compactMap { $0[name] })
        if let published = try publishedVersion(of: name) { tagged.insert(published) }
        let kept = try self.keptVersions(of: name, tagged: tagged, cutoff: cutoff)
        keptVersions[name] = kept.sorted()
        try walk(name) { version, lines, state in
          for line in lines { if let add = line.add { referenced.insert(add.path) } }
          if kept.contains(version) { needed.formUnion(state.files.keys) }
        }
      }
      for path in dataFilePaths(in: log.folder) where !needed.contains(path) {
        let absolutePath = log.folder + "/" + path
        guard let written = FileTree.modificationTime(absolutePath), Int64(written) * 1000 < newest
        else { continue }
        removals.append(
          VacuumPlan.Removal(
            table: name,
            path: path,
            absolutePath: absolutePath,
            byteCount: FileTree.byteCount(absolutePath) ?? 0,
            reason: referenced.contains(path) ? "earlier version" : "unfinished run"
          )
        )
      }
    }
    return VacuumPlan(removals: removals, keptVersions: keptVersions)
  }

  /// Removes the files of a plan and keeps a record of it as a run.
  ///
  /// The record is on disk before the first file is removed. To be called by the holder of the
  /// warehouse's lock, so that no run takes up a file that is being removed.
  ///
  /// - Parameters:
  ///   - plan: what to remove.
  ///   - runID: the id of the record; it begins with `vacuum-`.
  /// - Throws: a diagnostic if the record cannot be written; then nothing was removed.
  public func vacuum(_ plan: VacuumPlan, runID: String) throws(Diagnostic) {
    precondition(runID.hasPrefix("vacuum-"), "the record of a vacuum is named \(runID)")
    let removed = plan.removals.map { removal in
      JSONText.object([
        ("table", JSONText.quoted(removal.table)), ("path", JSONText.quoted(removal.path)),
        ("bytes", String(removal.byteCount)), ("reason", JSONText.quoted(removal.reason)),
      ])
    }
    let kept = plan.keptVersions.keys.sorted()
      .map { name in
        (key: name, json: JSONText.array((plan.keptVersions[name] ?? []).map { String($0) }))
      }
    let record = JSONText.object([
      ("run", JSONText.quoted(runID)), ("operation", JSONText.quoted("vacuum")),
      ("kept", JSONText.object(kept)),
      ("removed", JSONText.array(removed)),
    ])
    try writeRun(id: runID, json: record + "\n")
    for removal in plan.removals { files.remove(removal.absolutePath) }
  }

  private func keptVersions(
    of name: String,
    tagged: Set<Int>,
    cutoff: Int64
  ) throws(Diagnostic) -> Set<Int> {
    let commits = try history(of: name)
    var kept = tagged
    for (index, commit) in commits.enumerated() {
      let isNewest = index == commits.count - 1
      let end = isNewest ? Int64.max : commits[index + 1].time.microseconds
      if end > cutoff { kept.insert(commit.version) }
    }
    return kept
  }

  /// The files of a table's folder that have a name as lode gives it.
  private func dataFilePaths(in folder: String) -> [String] {
    var paths: [String] = []
    for name in FileTree.names(in: folder) {
      if Self.isDataFileName(name) {
        paths.append(name)
      } else if name.contains("="), FileTree.isFolder(folder + "/" + name) {
        paths += FileTree.names(in: folder + "/" + name).filter(Self.isDataFileName)
          .map { name + "/" + $0 }
      }
    }
    return paths
  }

  /// Whether a name is `part-`, at least five digits, `-`, 16 digits of base 16, `.parquet`.
  static func isDataFileName(_ name: String) -> Bool {
    guard name.hasPrefix("part-"), name.hasSuffix(".parquet") else { return false }
    let parts = name.dropFirst(5).dropLast(8)
      .split(
        separator: "-",
        omittingEmptySubsequences: false
      )
    return parts.count == 2 && parts[0].utf8.count >= 5 && parts[1].utf8.count == 16
      && parts[0].utf8.allSatisfy { (0x30...0x39).contains($0) }
      && parts[1].utf8.allSatisfy { (0x30...0x39).contains($0) || (0x61...0x66).contains($0) }
  }
}
