internal import FoundationEssentials
internal import LodeFormats
public import LodeRuntime

/// A folder of tables that are read while they are written.
///
/// Every table is a Delta Lake table: Parquet files and a log of commits, which DuckDB, Polars,
/// pandas and Spark read. A version is complete and never changes, or it is not there at all.
///
/// - Source: Delta Transaction Log Protocol, reader version 1, writer version 2.
public struct Warehouse: Sendable {
  /// The folder.
  public let root: String
  /// The number of shards that the facts of this warehouse are split into; it never changes.
  public let shardCount: Int

  let files: DurableFiles
  /// The most bytes of a data file, about; tests set it.
  package var fileByteLimit = FileSizing.standardByteLimit

  private struct Settings: Decodable {
    var formatVersion: Int
    var shardCount: Int
  }

  /// Opens a warehouse, which is created if there is none.
  ///
  /// - Parameters:
  ///   - root: the folder.
  ///   - shardCount: the number of shards of a new warehouse; an existing one keeps its own.
  /// - Throws: a diagnostic if the folder cannot be made or holds a newer format.
  public init(opening root: String, shardCount: Int) throws(Diagnostic) {
    try self.init(opening: root, shardCount: shardCount, files: .standard())
  }

  /// Opens a warehouse in which only so many bytes can be written, as on a disk nearly full.
  ///
  /// For tests; the environment variable `LODE_TEST_DISK_LIMIT` does the same for a whole process.
  ///
  /// - Parameters:
  ///   - root: the folder.
  ///   - shardCount: the number of shards of a new warehouse.
  ///   - byteBudget: the number of bytes until the disk is full.
  /// - Throws: a diagnostic if the folder cannot be made or holds a newer format.
  package init(opening root: String, shardCount: Int, byteBudget: Int) throws(Diagnostic) {
    try self.init(
      opening: root,
      shardCount: shardCount,
      files: DurableFiles(budget: ByteBudget(byteBudget))
    )
  }

  private init(
    opening root: String,
    shardCount: Int,
    files: DurableFiles
  ) throws(Diagnostic) {
    precondition(shardCount > 0, "\(shardCount) shards")
    self.root = root
    self.files = files
    let path = root + "/lode.json"
    if FileTree.exists(path) {
      self.shardCount = try Self.settings(path).shardCount
      return
    }
    for folder in ["tables", "runs", "tmp"] { try files.makeFolder(root + "/" + folder) }
    let settings = JSONText.object([
      ("formatVersion", "1"), ("shardCount", String(shardCount)),
    ])
    let temporary = root + "/tmp/" + TemporaryNames.next()
    try files.write(Array((settings + "\n").utf8), toNew: temporary)
    defer { files.remove(temporary) }
    _ = try files.link(temporary, toNew: path)
    try files.synchronizeFolder(root)
    // Another process may have been first; its settings hold.
    self.shardCount = try Self.settings(path).shardCount
  }

  private static func settings(_ path: String) throws(Diagnostic) -> Settings {
    let bytes = try FileTree.contents(of: path)
    guard let settings = try? JSONDecoder().decode(Settings.self, from: Data(bytes)),
      settings.shardCount > 0
    else {
      throw Diagnostic(
        .failure,
        at: path,
        "the settings of the warehouse cannot be read.",
        fix: "restore the file from a copy, or name another warehouse folder."
      )
    }
    guard settings.formatVersion == 1 else {
      throw Diagnostic(
        .failure,
        at: path,
        "the warehouse has format \(settings.formatVersion); this lode knows format 1.",
        fix: "use the lode that wrote it, or a newer one."
      )
    }
    return settings
  }

  /// The names of the tables that have a version, ordered by their bytes.
  ///
  /// - Throws: a diagnostic if a table's log has a gap.
  public func tableNames() throws(Diagnostic) -> [String] {
    var names: [String] = []
    for name in FileTree.names(in: root + "/tables") where try log(of: name).latestVersion() != nil
    {
      names.append(name)
    }
    return names
  }

  /// A table at a version.
  ///
  /// - Parameters:
  ///   - name: the table's name.
  ///   - version: the version; nil for the latest.
  /// - Returns: the snapshot; nil if there is no such table.
  /// - Throws: a diagnostic for a version that does not exist or a log that cannot be read.
  public func snapshot(
    of name: String,
    version: Int? = nil
  ) throws(Diagnostic) -> TableSnapshot? {
    try TableName.require(name)
    let log = log(of: name)
    guard let latest = try log.latestVersion() else { return nil }
    let wanted = version ?? latest
    guard (0...latest).contains(wanted) else {
      throw Diagnostic(
        .usage,
        at: "table \(name)",
        "there is no version \(wanted); the latest is \(latest).",
        fix: "name a version from 0 to \(latest)."
      )
    }
    return try snapshot(of: log, try log.replay(upTo: wanted))
  }

  /// Removes unfinished files of processes that have ended, and the folders of tables that have
  /// neither a version nor a file.
  ///
  /// To be called by the holder of the warehouse's lock: a table that is being staged looks the
  /// same for a moment.
  ///
  /// - Throws: a diagnostic if the warehouse cannot be read.
  public func sweepLitter() throws(Diagnostic) {
    let folder = root + "/tmp"
    for name in FileTree.names(in: folder) where TemporaryNames.isLitter(name) {
      files.remove(folder + "/" + name)
    }
    for name in FileTree.names(in: root + "/tables") where try log(of: name).latestVersion() == nil
    {
      let table = log(of: name).folder
      for inner in FileTree.names(in: table) { files.removeEmptyFolder(table + "/" + inner) }
      files.removeEmptyFolder(table)
    }
    AtomicFile.sweepLitter(in: root + "/stages", depth: 1)
  }

  func log(of name: String) -> DeltaLog {
    DeltaLog(table: name, folder: root + "/tables/" + name)
  }

  /// Writes a small file as a whole, in place of a file of that name.
  func replace(_ path: String, with text: String) throws(Diagnostic) {
    let temporary = root + "/tmp/" + TemporaryNames.next()
    try files.write(Array(text.utf8), toNew: temporary)
    do throws(Diagnostic) {
      try files.rename(temporary, to: path)
    } catch {
      files.remove(temporary)
      throw error
    }
    try files.synchronizeFolder(FileTree.parent(of: path) ?? ".")
  }
}
