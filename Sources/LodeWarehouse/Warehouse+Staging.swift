internal import LodeColumns
internal import LodeFormats
public import LodeRuntime

extension Warehouse {
  /// Writes the data files of a new version; no reader sees them yet.
  ///
  /// Their bytes go to disk meanwhile, and ``commit(_:)`` waits for that.
  ///
  /// Files are named by their content: content that is already there is not written again. A part
  /// whose file would be larger than 512 MB becomes several files.
  ///
  /// - Throws: a diagnostic for names that cannot be, a disk that is full or a folder that cannot
  ///   be written; nothing half-written stays.
  public func stage(_ write: TableWrite) throws(Diagnostic) -> StagedWrite {
    var gradual = try begin(write)
    try append(write.parts, to: &gradual)
    return try finish(gradual)
  }

  /// Begins a write whose rows come part by part, too many to be held at once.
  ///
  /// - Parameter write: what is written; its parts are left aside.
  /// - Returns: the write without rows yet.
  /// - Throws: a diagnostic as of ``stage(_:)``.
  public func begin(_ write: TableWrite) throws(Diagnostic) -> GradualWrite {
    try TableName.require(write.name)
    let log = log(of: write.name)
    let base = try log.latestVersion()
    try files.makeFolders([log.logFolder, root + "/tmp"])
    return GradualWrite(write: write.holding([]), base: base)
  }

  /// Writes some parts, each as the next data file of its partition.
  ///
  /// - Throws: a diagnostic as of ``stage(_:)``; the parts before stay to be discarded.
  /// - Precondition: the rows have the schema of the write.
  public func append(
    _ parts: [TableWrite.Part],
    to gradual: inout GradualWrite
  ) throws(Diagnostic) {
    let write = try sized(gradual.write.holding(parts))
    let places = try places(of: write, after: gradual.files)
    for folder in Set(places.map(\.folder)).sorted() { try files.makeUnconfirmedFolder(folder) }
    gradual.files += try stageParts(write, places)
  }

  /// Brings the names of all files to disk.
  ///
  /// - Returns: the write, to commit or to discard.
  /// - Throws: a diagnostic if the disk does not confirm it.
  public func finish(_ gradual: GradualWrite) throws(Diagnostic) -> StagedWrite {
    var folders = Set(gradual.files.map { FileTree.parent(of: $0.file.absolutePath) ?? root })
    folders.insert(log(of: gradual.write.name).folder)
    for folder in folders.sorted() { try files.synchronizeFolder(folder) }
    return gradual.staged
  }

  /// Removes the files of an unfinished write that no version refers to.
  public func discard(_ gradual: GradualWrite) { discard(gradual.staged) }

  /// The write with parts of at most the size of a file.
  private func sized(_ write: TableWrite) throws(Diagnostic) -> TableWrite {
    do throws(CompressionError) {
      return try FileSizing(byteLimit: fileByteLimit).sized(write)
    } catch {
      throw encodingFailure(error, write)
    }
  }

  private func encodingFailure(_ error: CompressionError, _ write: TableWrite) -> Diagnostic {
    Diagnostic(
      .failure,
      at: "table \(write.name)",
      error.description,
      fix: "free memory and run again."
    )
  }

  /// The data files of all parts; when one cannot be written, the others are removed again.
  private func stageParts(
    _ write: TableWrite,
    _ places: [Place]
  ) throws(Diagnostic) -> [StagedFile] {
    let results = Parallel.map(write.parts.count) { index -> Result<StagedFile, Diagnostic> in
      do throws(Diagnostic) {
        return .success(try stage(write.parts[index], places[index], write))
      } catch {
        return .failure(error)
      }
    }
    var staged: [StagedFile] = []
    var failure: Diagnostic?
    for result in results {
      switch result {
      case .success(let file): staged.append(file)
      case .failure(let error): failure = failure ?? error
      }
    }
    guard let failure else { return staged }
    for file in staged where file.isNew { files.remove(file.file.absolutePath) }
    throw failure
  }

  /// Removes the files of a staged write that no version refers to.
  ///
  /// Files that cannot be looked up or removed stay: they are unseen by readers.
  public func discard(_ staged: StagedWrite) {
    let log = log(of: staged.name)
    var referenced: Set<String> = []
    guard let latest = try? log.latestVersion() else {
      for file in staged.files where file.isNew { files.remove(file.file.absolutePath) }
      return
    }
    for version in 0...latest {
      guard let lines = try? log.lines(ofVersion: version) else { return }
      for line in lines { if let add = line.add { referenced.insert(add.path) } }
    }
    for file in staged.files where file.isNew && !referenced.contains(file.file.path) {
      files.remove(file.file.absolutePath)
    }
  }

  /// Where a part's file goes.
  private struct Place {
    let folder: String
    /// The folder within the table's, with a slash at its end; empty for the table's own.
    let prefix: String
    /// The part's number among those of its partition.
    let number: Int
  }

  private func places(
    of write: TableWrite,
    after present: [StagedFile] = []
  ) throws(Diagnostic) -> [Place] {
    if let column = write.partitionColumn {
      try TableName.require(column)
      precondition(write.schema.index(of: column) == nil, "\(column) is a column and a partition")
    }
    var counts: [String: Int] = [:]
    for file in present {
      let name = file.file.path.split(separator: "/").last ?? ""
      counts[String(file.file.path.dropLast(name.count)), default: 0] += 1
    }
    var places: [Place] = []
    for part in write.parts {
      precondition(
        (part.partition != nil) == (write.partitionColumn != nil),
        "a part of table \(write.name) with partition \(part.partition ?? "nil")"
      )
      var prefix = ""
      if let column = write.partitionColumn, let partition = part.partition {
        try TableName.requirePartition(partition, table: write.name)
        if case .partitions(let replaced) = write.replaces {
          precondition(replaced.contains(partition), "partition \(partition) is not replaced")
        }
        prefix = "\(column)=\(partition)/"
      }
      let folder = log(of: write.name).folder
      places.append(
        Place(
          folder: prefix.isEmpty ? folder : folder + "/" + prefix.dropLast(),
          prefix: prefix,
          number: counts[prefix, default: 0]
        )
      )
      counts[prefix, default: 0] += 1
    }
    return places
  }

  private func stage(
    _ part: TableWrite.Part,
    _ place: Place,
    _ write: TableWrite
  ) throws(Diagnostic) -> StagedFile {
    let encoded: EncodedParquet
    do throws(CompressionError) {
      encoded = try ParquetWriter.encode(part.rows, options: FileSizing.options)
    } catch {
      throw encodingFailure(error, write)
    }
    let sha256 = SHA256.hexDigest(of: encoded.bytes)
    let digits = String(place.number)
    let number = String(repeating: "0", count: max(0, 5 - digits.count)) + digits
    // Rows that two runs append are both kept, even if they are equal; a run appends them once.
    let key = write.replaces == .nothing ? SHA256.hexDigest(of: sha256 + write.runID) : sha256
    let name = "part-\(number)-\(key.prefix(16)).parquet"
    let path = place.folder + "/" + name
    let (settling, isNew) = try store(encoded.bytes, sha256, at: path)
    return StagedFile(
      file: DataFile(
        path: place.prefix + name,
        absolutePath: path,
        partition: part.partition,
        rowCount: part.rows.rowCount,
        byteCount: encoded.bytes.count,
        sha256: sha256
      ),
      statistics: DeltaStatisticsText.encode(part.rows, encoded.columns),
      sums: DeltaStatisticsText.sums(of: part.rows),
      isNew: isNew,
      settling: settling
    )
  }

  /// Writes a data file unless it is there already, whole.
  ///
  /// - Returns: the file on its way to disk, and whether it was not there before.
  private func store(
    _ bytes: [UInt8],
    _ sha256: String,
    at path: String
  ) throws(Diagnostic) -> (file: SettlingFile, isNew: Bool) {
    let isThere = FileTree.exists(path)
    if isThere, FileTree.byteCount(path) == bytes.count,
      let present = try? FileTree.contents(of: path), SHA256.hexDigest(of: present) == sha256
    {
      return (try files.settling(path), false)
    }
    let temporary = root + "/tmp/" + TemporaryNames.next()
    return (try files.write(bytes, settling: path, by: temporary), !isThere)
  }
}
