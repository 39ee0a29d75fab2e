internal import FoundationEssentials
internal import LodeColumns
internal import LodeFormats
public import LodeRuntime

extension Warehouse {
  /// Checks that everything the logs and tags refer to is there and whole.
  ///
  /// Logs have no gap, files have the bytes and the SHA-256 of their log entry, Parquet pages have
  /// their checksums and rows, tags name versions that exist. Every problem is reported, not only
  /// the first. Files that a vacuum removed from earlier versions are no problem.
  ///
  /// - Complexity: reads every data file once.
  /// - Throws: a diagnostic if the tags cannot be read.
  public func check() throws(Diagnostic) -> Checkup {
    var checkup = Checkup()
    // The tags first: what is tagged while the logs are read was committed before.
    let tags = try readTags()
    let vacuumed = vacuumedFiles()
    var latest: [String: Int] = [:]
    for name in FileTree.names(in: root + "/tables") {
      do throws(Diagnostic) {
        guard let version = try log(of: name).latestVersion() else { continue }
        latest[name] = version
        checkup.tableCount += 1
        checkup.versionCount += version + 1
        try check(name, vacuumed: vacuumed[name] ?? [], &checkup)
      } catch {
        checkup.report(error.place ?? name, error.message, error.fix ?? "")
      }
    }
    Self.check(tags, latest, &checkup)
    return checkup
  }

  private func check(
    _ name: String,
    vacuumed: Set<String>,
    _ checkup: inout Checkup
  ) throws(Diagnostic) {
    var referenced: [String: DeltaAdd] = [:]
    var current: Set<String> = []
    try walk(name) { _, lines, state in
      for line in lines { if let add = line.add { referenced[add.path] = add } }
      current = Set(state.files.keys)
    }
    let log = log(of: name)
    for path in referenced.keys.sorted() {
      guard let add = referenced[path] else { continue }
      let file = try dataFile(of: add, log)
      let size = FileTree.byteCount(file.absolutePath)
      if size == nil, !current.contains(path), vacuumed.contains(path) {
        checkup.vacuumedFileCount += 1
        continue
      }
      checkup.fileCount += 1
      checkup.byteCount += size ?? 0
      if let words = Self.damage(of: file) {
        checkup.report(
          file.absolutePath,
          words,
          current.contains(path)
            ? "restore it from a copy, or run the stage that writes the table \(name) with --force."
            : "restore it from a copy; only earlier versions of the table \(name) need it."
        )
      }
    }
  }

  /// What is wrong with a data file; nil if it is whole.
  private static func damage(of file: DataFile) -> String? {
    guard let size = FileTree.byteCount(file.absolutePath) else { return "the file is not there." }
    guard size == file.byteCount else {
      return "the file has \(size) bytes where the log has \(file.byteCount)."
    }
    do {
      let bytes = try FileTree.contents(of: file.absolutePath)
      if let digest = file.sha256, SHA256.hexDigest(of: bytes) != digest {
        return "the file's bytes are not those that were written: their SHA-256 differs."
      }
      let parquet = try ParquetFile(bytes: bytes, name: file.absolutePath)
      let rows = try parquet.read(verifiesChecksums: true)
      guard rows.columns.isEmpty || rows.rowCount == file.rowCount else {
        return "the file has \(rows.rowCount) rows where the log has \(file.rowCount)."
      }
      return nil
    } catch let error as ParquetError {
      return "the file is damaged: \(error.diagnostic.message)"
    } catch {
      return (error as? Diagnostic)?.message ?? "\(error)"
    }
  }

  private static func check(
    _ tags: [String: [String: Int]],
    _ latest: [String: Int],
    _ checkup: inout Checkup
  ) {
    for tag in tags.keys.sorted() {
      let versions = tags[tag] ?? [:]
      for name in versions.keys.sorted() {
        let version = versions[name] ?? 0
        guard version > latest[name] ?? -1 || version < 0 else { continue }
        checkup.report(
          "tag \(tag)",
          "it names version \(version) of the table \(name), which "
            + (latest[name].map { "has versions up to \($0)." } ?? "does not exist."),
          "restore the table's _delta_log from a copy, or set the tag anew."
        )
      }
    }
  }

  /// The paths that vacuums have removed, by table.
  private func vacuumedFiles() -> [String: Set<String>] {
    var files: [String: Set<String>] = [:]
    for id in runIDs() where id.hasPrefix("vacuum-") {
      guard let text = try? readRun(id: id),
        let record = try? JSONDecoder().decode(VacuumRecord.self, from: Data(text.utf8))
      else { continue }
      for removal in record.removed { files[removal.table, default: []].insert(removal.path) }
    }
    return files
  }
}

/// What the record of a vacuum says, as far as it is read back.
private struct VacuumRecord: Decodable {
  struct Removal: Decodable {
    var table: String
    var path: String
  }

  var removed: [Removal]
}

extension Checkup {
  fileprivate mutating func report(_ place: String, _ words: String, _ fix: String) {
    problems.append(Problem(place: place, words: words, fix: fix))
  }
}
