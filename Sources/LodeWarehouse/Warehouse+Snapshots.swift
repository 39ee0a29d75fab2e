internal import FoundationEssentials
internal import LodeColumns
internal import LodeFormats
internal import LodeRuntime

extension Warehouse {
  /// A snapshot of the state that a log describes.
  func snapshot(of log: DeltaLog, _ state: DeltaState) throws(Diagnostic) -> TableSnapshot {
    guard let metadata = state.metadata, metadata.partitionColumns.count <= 1 else {
      throw Diagnostic(
        .failure,
        at: "table \(log.table)",
        "the table's log has no schema, or more than one partition column.",
        fix: "write the table again with lode."
      )
    }
    let schema = try DeltaSchemaText.decode(
      metadata.schemaString,
      partitionColumns: metadata.partitionColumns,
      table: log.table
    )
    let column = metadata.partitionColumns.first
    var files: [DataFile] = []
    for path in state.files.keys.sorted() {
      guard let add = state.files[path] else { continue }
      files.append(try dataFile(add, partitionColumn: column, log))
    }
    return TableSnapshot(
      name: log.table,
      version: state.version,
      schema: schema,
      partitionColumn: column,
      files: files
    )
  }

  /// The data file of a log entry, without its partition.
  func dataFile(of add: DeltaAdd, _ log: DeltaLog) throws(Diagnostic) -> DataFile {
    try dataFile(add, partitionColumn: nil, log)
  }

  private func dataFile(
    _ add: DeltaAdd,
    partitionColumn: String?,
    _ log: DeltaLog
  ) throws(Diagnostic) -> DataFile {
    guard let path = Self.decodedPath(add.path) else {
      throw Diagnostic(
        .failure,
        at: "table \(log.table)",
        "the table's log names the file \"\(add.path)\", which lies outside of the table.",
        fix: "restore the table's _delta_log from a copy."
      )
    }
    let absolutePath = log.folder + "/" + path
    let statistics = add.stats.flatMap {
      try? JSONDecoder().decode(DeltaFileStatistics.self, from: Data($0.utf8))
    }
    let rowCount: Int
    if let count = statistics?.numRecords {
      rowCount = count
    } else {
      do throws(ParquetError) {
        rowCount = try ParquetFile(opening: absolutePath).rowCount
      } catch {
        throw error.diagnostic
      }
    }
    return DataFile(
      path: add.path,
      absolutePath: absolutePath,
      partition: partitionColumn.flatMap { add.partitionValues[$0] ?? nil },
      rowCount: rowCount,
      byteCount: add.size,
      sha256: add.tags?["lode.sha256"] ?? nil
    )
  }

  /// The path of a log entry without its percent signs; nil if it leaves the table's folder.
  private static func decodedPath(_ path: String) -> String? {
    var bytes: [UInt8] = []
    var rest = Array(path.utf8)[...]
    while let byte = rest.popFirst() {
      guard byte == UInt8(ascii: "%") else {
        bytes.append(byte)
        continue
      }
      let digits = String(decoding: rest.prefix(2), as: UTF8.self)
      guard digits.count == 2, let value = UInt8(digits, radix: 16) else { return nil }
      bytes.append(value)
      rest = rest.dropFirst(2)
    }
    let decoded = String(decoding: bytes, as: UTF8.self)
    let steps = decoded.split(separator: "/", omittingEmptySubsequences: false)
    guard !bytes.contains(0), !decoded.contains("://"),
      steps.allSatisfy({ !$0.isEmpty && $0 != "." && $0 != ".." })
    else { return nil }
    return decoded
  }
}
