internal import LodeColumns
internal import LodeFormats
internal import LodeRuntime

extension Warehouse {
  /// The lines of the commit that leads from the table as it is to the table as it will be.
  ///
  /// - Parameters:
  ///   - staged: the write.
  ///   - next: the table as it will be.
  ///   - present: the table at its latest version; nil for a new one.
  ///   - state: the same as its log has it.
  ///   - restorable: files of an earlier version that the new one may hold again, by path.
  /// - Returns: the lines, without their ends.
  func commitLines(
    _ staged: StagedWrite,
    _ next: TableSnapshot,
    _ present: TableSnapshot?,
    _ state: DeltaState?,
    restorable: [String: DeltaAdd]
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
    if present?.schema != next.schema || present?.partitionColumn != staged.partitionColumn {
      lines.append(metadata(staged, next.schema, state?.metadata, timestamp: timestamp))
    }
    let nextPaths = Set(next.files.map(\.path))
    for file in present?.files ?? [] where !nextPaths.contains(file.path) {
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
    let stagedPaths = Set(staged.files.map(\.file.path))
    for path in nextPaths.subtracting(presentPaths).subtracting(stagedPaths).sorted() {
      guard let file = restorable[path] else { continue }
      lines.append(Self.add(file, timestamp: timestamp))
    }
    return CommitSeal.sealed(lines)
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
            JSONText.object(
              [("run", JSONText.quoted(staged.runID)), ("info", JSONText.map(staged.info))]
                + CommitSeal.members
            )
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

  /// A file that belongs to the table again, as its first entry described it.
  private static func add(_ file: DeltaAdd, timestamp: Int) -> String {
    func map(_ texts: [String: String?]) -> String {
      JSONText.object(
        texts.keys.sorted().map { ($0, (texts[$0] ?? nil).map(JSONText.quoted) ?? "null") }
      )
    }
    var members = [
      ("path", JSONText.quoted(file.path)), ("partitionValues", map(file.partitionValues)),
      ("size", String(file.size)), ("modificationTime", String(timestamp)), ("dataChange", "true"),
    ]
    if let stats = file.stats { members.append(("stats", JSONText.quoted(stats))) }
    if let tags = file.tags { members.append(("tags", map(tags))) }
    return JSONText.object([("add", JSONText.object(members))])
  }

  /// The table's identifier in the form of a UUID, of its first commit.
  private static func identifier(_ staged: StagedWrite, timestamp: Int) -> String {
    let digest = SHA256.hexDigest(of: "\(staged.name)\n\(staged.runID)\n\(timestamp)")
    let digits = Array(digest)
    return [0..<8, 8..<12, 12..<16, 16..<20, 20..<32].map { String(digits[$0]) }
      .joined(separator: "-")
  }
}
