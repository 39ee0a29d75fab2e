internal import LodeColumns
internal import LodeFormats
public import LodeRuntime
internal import LodeWarehouse

/// Checks a warehouse, removes what no version needs, and names sets of versions.
public struct WarehouseKeeper {
  private let viewer: TableViewer
  private var warehouse: Warehouse { viewer.warehouse }

  /// A keeper of the warehouse in a folder that must be there.
  ///
  /// - Throws: a diagnostic if there is no warehouse.
  public init(root: String) throws(Diagnostic) {
    viewer = try TableViewer(root: root)
  }

  /// Checks logs, files, checksums and tags.
  ///
  /// - Returns: a line of figures, and each problem with its place and its fix.
  /// - Throws: a diagnostic if the tags cannot be read.
  public func check() throws -> (figures: String, problems: [String]) {
    let checkup = try warehouse.check()
    var figures =
      "\(checkup.tableCount) tables, \(checkup.versionCount) versions, \(checkup.fileCount) files, "
      + "\(checkup.byteCount) bytes"
    if checkup.vacuumedFileCount > 0 {
      figures += ", \(checkup.vacuumedFileCount) files removed by vacuum"
    }
    return (figures, checkup.problems.map(\.description))
  }

  /// Removes the data files that no kept version needs, or says which they are.
  ///
  /// - Parameters:
  ///   - days: how many days back versions stay readable.
  ///   - now: the present time.
  ///   - isDryRun: whether nothing is removed.
  /// - Returns: the files as CSV, and a sentence.
  /// - Throws: a diagnostic if a run holds the warehouse, or a log or the tags cannot be read.
  public func vacuum(
    keepingDays days: Int,
    now: Timestamp,
    isDryRun: Bool
  ) throws -> (csv: String, sentence: String) {
    let runID = "vacuum-" + now.description.filter { $0.isNumber }
    let lock = isDryRun ? nil : try RunLock(folder: viewer.root, runID: runID)
    defer { lock?.release() }
    let plan = try warehouse.vacuumPlan(keepingDays: days, now: now)
    if !isDryRun && !plan.removals.isEmpty { try warehouse.vacuum(plan, runID: runID) }
    let csv = TableViewer.csv(
      Table([
        "file": Column(texts: plan.removals.map(\.absolutePath)),
        "bytes": Column(integers: plan.removals.map { Int64($0.byteCount) }),
        "reason": Column(texts: plan.removals.map(\.reason)),
      ])
    )
    let what = "\(plan.removals.count) files of \(plan.byteCount) bytes"
    return (
      csv,
      isDryRun
        ? "\(what) would be removed; lode vacuum --delete removes them."
        : "\(what) removed."
    )
  }

  /// Says who holds the warehouse, and removes the lock of a run that has ended.
  ///
  /// Runs take over such a lock by themselves; only one of another machine on a shared folder needs
  /// a person who knows that it has ended.
  ///
  /// - Parameter isForced: whether a person knows.
  /// - Returns: a sentence.
  /// - Throws: a diagnostic that names the holder if a run holds the warehouse or may hold it.
  public func unlock(isForced: Bool) throws -> String {
    try RunLock.unlock(viewer.root, isForced: isForced)
  }

  /// The tags: each with its tables and their versions.
  ///
  /// - Throws: a diagnostic if the tags cannot be read.
  public func listTags() throws -> String {
    var lines: [(tag: String, table: String, version: Int)] = []
    for tag in try viewer.tags() {
      for table in tag.versions.keys.sorted() {
        lines.append((tag.name, table, tag.versions[table] ?? 0))
      }
    }
    return TableViewer.csv(
      Table([
        "tag": Column(texts: lines.map(\.tag)), "table": Column(texts: lines.map(\.table)),
        "version": Column(integers: lines.map { Int64($0.version) }),
      ])
    )
  }

  /// Names versions of tables.
  ///
  /// - Parameters:
  ///   - tag: the name.
  ///   - tables: tables, perhaps with versions; none for all tables as they are published.
  /// - Throws: a diagnostic for a tag that a pipeline keeps, a name that cannot be, or an unknown
  ///   table or version.
  public func setTag(_ tag: String, tables: [String]) throws {
    try requireFree(tag)
    var versions: [String: Int] = [:]
    for text in tables.isEmpty ? try warehouse.publishedTableNames() : tables {
      let reference = try TableReference(text)
      versions[reference.name] = try warehouse.version(of: reference)
    }
    try warehouse.setTag(tag, versions)
  }

  /// Takes a name away; the versions stay until a vacuum.
  ///
  /// - Throws: a diagnostic for an unknown tag or one that a pipeline keeps.
  public func deleteTag(_ tag: String) throws {
    let names = try warehouse.tagNames()
    guard names.contains(tag) else {
      throw Diagnostic(
        .usage,
        "there is no tag \"\(tag)\"\(Suggestion.ending(for: tag, in: names))",
        fix: "lode tag list shows the tags."
      )
    }
    try requireFree(tag)
    try warehouse.deleteTag(tag)
  }

  /// Refuses names that mean something else.
  private func requireFree(_ tag: String) throws(Diagnostic) {
    guard TableReference.canBeTag(tag) else {
      throw Diagnostic(
        .usage,
        "\"\(tag)\" cannot be the name of a tag.",
        fix: "use letters of a-z, digits, _, - and dots, but not a number or a date."
      )
    }
    guard !FileBytes.exists("\(viewer.root)/stages/\(tag)") else {
      throw Diagnostic(
        .usage,
        "the tag \"\(tag)\" is kept by the pipeline of that name, whose tables are read by it.",
        fix: "choose another name, for example \(tag)-kept."
      )
    }
  }
}
