internal import LodeColumns
internal import LodeFormats
internal import LodeRuntime

/// Cuts the rows of a part so that no data file becomes much larger than readers like.
///
/// - Source: storage.md, section 7: files of 128 to 512 MB. Small ones stay as they are: a shard is
///   a file, and what is appended is not rewritten.
struct FileSizing {
  /// The most bytes of a file, 512 MB: an estimate from a sample, not a promise.
  static let standardByteLimit = 512_000_000

  private static let blockCount = 8
  private static let rowsPerBlock = 8192

  /// The most bytes of a file, about.
  let byteLimit: Int

  /// A write whose parts are each a file of a fitting size, in the same order of rows.
  ///
  /// Equal rows are always cut at the same places.
  ///
  /// - Throws: an error of the encoder.
  func sized(_ write: TableWrite) throws(CompressionError) -> TableWrite {
    var parts: [TableWrite.Part] = []
    for part in write.parts {
      let count = try fileCount(part.rows)
      for piece in 0..<count {
        let start = part.rows.rowCount * piece / count
        let end = part.rows.rowCount * (piece + 1) / count
        let rows = count == 1 ? part.rows : part.rows.gathering(Array(start..<end))
        parts.append(TableWrite.Part(partition: part.partition, rows: rows))
      }
    }
    guard parts.count > write.parts.count else { return write }
    return write.holding(parts)
  }

  /// How files of tables are written: they are read in every run, so that a tenth more bytes
  /// cost less than the time that smaller ones take to write and to read.
  static let options: ParquetOptions = {
    var options = ParquetOptions()
    options.leastGain = 0.25
    return options
  }()

  /// How many files the rows are cut into: three quarters of the limit each, if one is too small.
  private func fileCount(_ rows: Table) throws(CompressionError) -> Int {
    guard Self.mostBytes(rows) > byteLimit, Self.plainByteCount(rows) > byteLimit else {
      return 1
    }
    let sample = rows.gathering(Self.sampleRows(of: rows.rowCount))
    let sampleBytes = try ParquetWriter.encode(sample, options: Self.options).bytes.count
    let bytes = Double(sampleBytes) * Double(rows.rowCount) / Double(max(1, sample.rowCount))
    guard bytes > Double(byteLimit) else { return 1 }
    return min(rows.rowCount, Int((bytes / (0.75 * Double(byteLimit))).rounded(.up)))
  }

  /// Blocks of rows that lie evenly apart; all rows if there are few.
  private static func sampleRows(of count: Int) -> [Int] {
    guard count > blockCount * rowsPerBlock else { return Array(0..<count) }
    return (0..<blockCount)
      .flatMap { block -> Range<Int> in
        let start = (count - rowsPerBlock) * block / (blockCount - 1)
        return start..<(start + rowsPerBlock)
      }
  }

  /// What the rows would take if all texts were as long as the longest: found without a look at
  /// the rows.
  private static func mostBytes(_ rows: Table) -> Int {
    rows.columns.reduce(0) { total, column in
      guard case .texts(_, let dictionary) = column.storage else {
        return total + 16 * rows.rowCount
      }
      let offsets = dictionary.offsets
      let longest = (0..<dictionary.count).reduce(0) { max($0, offsets[$1 + 1] - offsets[$1]) }
      return total + (4 + longest) * rows.rowCount
    }
  }

  /// The bytes of the rows without any compression, no fewer than a file of them takes.
  private static func plainByteCount(_ rows: Table) -> Int {
    var total = 0
    for column in rows.columns {
      guard case .texts(let codes, let dictionary) = column.storage else {
        total += 16 * rows.rowCount
        continue
      }
      let offsets = dictionary.offsets
      for row in codes.indices where !column.isMissing(row) {
        let code = Int(codes[row])
        total += 4 + offsets[code + 1] - offsets[code]
      }
    }
    return total
  }
}
