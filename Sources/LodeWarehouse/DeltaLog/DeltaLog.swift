internal import FoundationEssentials
internal import LodeFormats
internal import LodeRuntime

/// The commits of one table, in the folder `_delta_log`.
struct DeltaLog {
  /// The table's name, for messages.
  let table: String
  /// The folder of the table.
  let folder: String

  /// The folder of the commits.
  var logFolder: String { folder + "/_delta_log" }

  /// The path of the commit that made a version.
  func path(ofVersion version: Int) -> String {
    let digits = String(version)
    return logFolder + "/" + String(repeating: "0", count: max(0, 20 - digits.count)) + digits
      + ".json"
  }

  /// The latest version; nil if there is no commit.
  ///
  /// - Throws: a diagnostic if a version is missing below the latest.
  func latestVersion() throws(Diagnostic) -> Int? {
    var versions: [Int] = []
    for name in FileTree.names(in: logFolder) where name.hasSuffix(".json") {
      let digits = name.dropLast(5)
      if digits.count == 20, let version = Int(digits) { versions.append(version) }
    }
    guard let latest = versions.max() else { return nil }
    guard latest == versions.count - 1 else {
      if let checkpoint = checkpointVersion(), versions.min() ?? 0 > 0 {
        throw Diagnostic(
          .failure,
          at: logFolder,
          "the table's log begins with version \(versions.min() ?? 0) and a checkpoint of another "
            + "program (version \(checkpoint)), which lode cannot read.",
          fix: "restore the earlier commits from a copy, or copy the table with that program into "
            + "a new table, whose log begins with version 0."
        )
      }
      throw Diagnostic(
        .failure,
        at: logFolder,
        "the table's log has \(versions.count) commits, but the latest is version \(latest).",
        fix: "restore the missing commits from a copy of the folder."
      )
    }
    return latest
  }

  /// The latest version with a checkpoint, as other programs write them; nil if there is none.
  ///
  /// While all commits are there, a checkpoint says nothing that they do not say.
  private func checkpointVersion() -> Int? {
    FileTree.names(in: logFolder)
      .compactMap { name in name.contains(".checkpoint.") ? Int(name.prefix(20)) : nil }
      .max()
  }

  /// The lines of the commit that made a version.
  ///
  /// - Throws: a diagnostic with the path and line of what cannot be read.
  func lines(ofVersion version: Int) throws(Diagnostic) -> [DeltaLine] {
    let path = path(ofVersion: version)
    let bytes = try FileTree.contents(of: path)
    guard !bytes.isEmpty, CommitSeal.isIntact(bytes) else {
      throw Diagnostic(
        .failure,
        at: path,
        bytes.isEmpty
          ? "this commit of the table's log is empty."
          : "this commit of the table's log is damaged: its SHA-256 differs.",
        fix: "restore the file from a copy."
      )
    }
    let decoder = JSONDecoder()
    var lines: [DeltaLine] = []
    for (number, line) in bytes.split(separator: UInt8(ascii: "\n")).enumerated() {
      do {
        lines.append(try decoder.decode(DeltaLine.self, from: Data(line)))
      } catch {
        throw Diagnostic(
          .failure,
          at: "\(path):\(number + 1)",
          "this line of the table's log cannot be read.",
          fix: "restore the file from a copy."
        )
      }
    }
    return lines
  }

  /// The table as the commits up to a version leave it.
  ///
  /// - Throws: a diagnostic for commits that cannot be read or need a newer reader.
  func replay(upTo version: Int) throws(Diagnostic) -> DeltaState {
    var state = DeltaState(version: version)
    for earlier in 0...version {
      for line in try lines(ofVersion: earlier) { try state.apply(line, table: table) }
    }
    return state
  }
}

/// A table as its log describes it at one version.
struct DeltaState {
  /// The version.
  let version: Int
  /// The latest metadata.
  var metadata: DeltaMetadata?
  /// The files by their path.
  var files: [String: DeltaAdd] = [:]
  /// The time of the latest commit in milliseconds since 1970.
  var timestamp = 0

  init(version: Int) {
    self.version = version
  }

  /// Applies one line of a commit.
  mutating func apply(_ line: DeltaLine, table: String) throws(Diagnostic) {
    if let required = line.protocol, required.minReaderVersion > 1 {
      throw Diagnostic(
        .failure,
        at: "table \(table)",
        "the table needs a Delta reader of version \(required.minReaderVersion); lode has 1.",
        fix: "write the table again without the newer feature."
      )
    }
    if let metadata = line.metaData { self.metadata = metadata }
    if let add = line.add { files[add.path] = add }
    if let remove = line.remove { files[remove.path] = nil }
    if let time = line.commitInfo?.timestamp { timestamp = max(timestamp, time) }
  }
}
