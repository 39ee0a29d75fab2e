internal import FoundationEssentials
internal import LodeFormats
public import LodeRuntime

/// One version of a table as its history shows it.
public struct TableCommit: Sendable, Hashable {
  /// The version.
  public let version: Int
  /// When it was made, later than the version before it.
  public let time: Timestamp
  /// What made it, for example `lode clean sales`.
  public let operation: String
  /// The run of lode that made it; nil for other programs.
  public let runID: String?
  /// The pipeline of that run; nil for other programs and for users of the library.
  public let pipeline: String?
  /// The rows of the whole table at this version; nil if a writer did not count them.
  public let rowCount: Int?
  /// The data files of the whole table at this version.
  public let fileCount: Int
}

extension Warehouse {
  /// All versions of a table, the oldest first.
  ///
  /// - Throws: a diagnostic for an unknown table or a log that cannot be read.
  public func history(of name: String) throws(Diagnostic) -> [TableCommit] {
    var commits: [TableCommit] = []
    try walk(name) { version, lines, state in
      let info = lines.lazy.compactMap(\.commitInfo).first
      let counts = state.files.values.map { Self.rowCount($0) }
      commits.append(
        TableCommit(
          version: version,
          time: Self.monotone(info?.timestamp, after: commits.last?.time),
          operation: info?.operation ?? "unknown",
          runID: info?.lode?.run,
          pipeline: info?.lode?.info?["pipeline"],
          rowCount: counts.contains(nil) ? nil : counts.reduce(0) { $0 + ($1 ?? 0) },
          fileCount: state.files.count
        )
      )
    }
    return commits
  }

  /// The number of the version that a reference means.
  ///
  /// - Throws: a diagnostic for a table, version, time or tag that does not exist.
  public func version(of reference: TableReference) throws(Diagnostic) -> Int {
    let name = reference.name
    let latest = try requiredLatestVersion(of: name)
    switch reference.moment {
    case .published:
      guard let version = try publishedVersion(of: name) else { throw try unknown(name) }
      return version
    case .version(let version):
      guard version <= latest else {
        throw Diagnostic(
          .usage,
          at: "table \(name)",
          "there is no version \(version); the latest is \(latest).",
          fix: "name a version from 0 to \(latest)."
        )
      }
      return version
    case .before(let time):
      let commits = try history(of: name)
      guard let commit = commits.last(where: { $0.time < time }) else {
        throw Diagnostic(
          .usage,
          at: "table \(name)",
          "there was no version yet at that time; the first is of "
            + "\(commits.first.map { $0.time.description } ?? "no time").",
          fix: "name a later time, or a version; lode history \(name) lists them."
        )
      }
      return commit.version
    case .tag(let tag):
      let tags = try readTags()
      guard let version = tags[tag]?[name] else {
        let known = tags.keys.filter { tags[$0]?[name] != nil }
          .sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) }
        throw Diagnostic(
          .usage,
          at: "table \(name)",
          "no tag \"\(tag)\" names a version of this table"
            + "\(Suggestion.ending(for: tag, in: known))",
          fix: known.isEmpty
            ? "no tag names this table; lode tag set makes one."
            : "name one of the tags \(known.joined(separator: ", "))."
        )
      }
      return version
    }
  }

  /// A table as a reference means it.
  ///
  /// - Throws: a diagnostic for a table, version, time or tag that does not exist, or a log that
  ///   cannot be read.
  public func snapshot(at reference: TableReference) throws(Diagnostic) -> TableSnapshot {
    let version = try version(of: reference)
    guard let snapshot = try snapshot(of: reference.name, version: version) else {
      throw try unknown(reference.name)
    }
    return snapshot
  }

  /// The newest version of a table that whoever made it has published; nil if there is none.
  ///
  /// A run of a pipeline commits its tables one after the other and then moves the pipeline's tag,
  /// in one step for all tables. A version of a pipeline counts only once the tag has reached it:
  /// readers see all of a run or nothing of it, even while it is being published or when it was
  /// killed. Versions that other programs made count at once.
  ///
  /// - Throws: a diagnostic for a log or tags that cannot be read.
  public func publishedVersion(of name: String) throws(Diagnostic) -> Int? {
    // The tags first: what is tagged while the log is read was committed before.
    let tags = try readTags()
    let log = log(of: name)
    guard let latest = try log.latestVersion() else { return nil }
    for version in stride(from: latest, through: 0, by: -1) {
      let info = try log.lines(ofVersion: version).lazy.compactMap(\.commitInfo).first
      guard let pipeline = info?.lode?.info?["pipeline"] else { return version }
      if let tagged = tags[pipeline]?[name], tagged >= version { return version }
    }
    return nil
  }

  /// The names of the tables that have a published version, ordered by their bytes.
  ///
  /// - Throws: a diagnostic if a log or the tags cannot be read.
  public func publishedTableNames() throws(Diagnostic) -> [String] {
    var names: [String] = []
    for name in try tableNames() where try publishedVersion(of: name) != nil { names.append(name) }
    return names
  }

  /// Visits the versions of a table from the first, each with its lines and the state it leaves.
  func walk(
    _ name: String,
    _ visit: (Int, [DeltaLine], DeltaState) throws(Diagnostic) -> Void
  ) throws(Diagnostic) {
    let latest = try requiredLatestVersion(of: name)
    let log = log(of: name)
    var state = DeltaState(version: latest)
    for version in 0...latest {
      let lines = try log.lines(ofVersion: version)
      for line in lines { try state.apply(line, table: name) }
      try visit(version, lines, state)
    }
  }

  private func requiredLatestVersion(of name: String) throws(Diagnostic) -> Int {
    try TableName.require(name)
    guard let latest = try log(of: name).latestVersion() else { throw try unknown(name) }
    return latest
  }

  private func unknown(_ name: String) throws(Diagnostic) -> Diagnostic {
    let names = try publishedTableNames()
    return Diagnostic(
      .usage,
      "there is no table \"\(name)\"\(Suggestion.ending(for: name, in: names))",
      fix: "lode ls lists the tables."
    )
  }

  /// A commit's time, moved behind that of the commit before it where clocks went back.
  static func monotone(_ milliseconds: Int?, after previous: Timestamp?) -> Timestamp {
    let earliest = previous.map { $0.microseconds + 1000 } ?? 0
    return Timestamp(microseconds: max(Int64(milliseconds ?? 0) * 1000, earliest))
  }

  private static func rowCount(_ add: DeltaAdd) -> Int? {
    add.stats.flatMap {
      try? JSONDecoder().decode(DeltaFileStatistics.self, from: Data($0.utf8)).numRecords
    }
  }
}
