internal import LodeColumns

/// Encodes the cells of one column in one row group.
struct ChunkEncoder {
  private let column: Column
  private let rows: Range<Int>
  private let options: ParquetOptions
  private let hasBloomFilter: Bool
  private let marks: [Bool]?

  /// An encoder of some rows of a column.
  init(_ column: Column, rows: Range<Int>, options: ParquetOptions, hasBloomFilter: Bool) {
    self.column = column
    self.rows = rows
    self.options = options
    self.hasBloomFilter = hasBloomFilter
    let marks = column.validity.map { Array($0[rows]) }
    self.marks = marks.flatMap { $0.allSatisfy(\.self) ? nil : $0 }
  }

  /// The pages and what they hold.
  ///
  /// - Throws: ``CompressionError`` when a codec fails.
  func encode() throws(CompressionError) -> EncodedChunk {
    let choice = EncodingChoice(options: options, isShort: column.type == .date)
    var chunk = EncodedChunk()
    chunk.valueCount = rows.count
    let values: PageValues
    switch column.storage {
    case .integers(let cells):
      let present = presentCells(cells)
      values = try choice.integers(present, into: &chunk)
      if hasBloomFilter {
        var filter = BloomFilter(distinctCount: Set(present).count)
        for number in present { filter.insert(BloomFilter.hash(number)) }
        chunk.bloomFilter = filter.bytes
      }
    case .doubles(let cells): values = try choice.doubles(presentCells(cells), into: &chunk)
    case .booleans(let cells): values = PageValues(.booleans(presentCells(cells)))
    case .texts(let codes, let dictionary):
      let present = presentCells(codes)
      let distinct = DistinctValues(present, codeCount: dictionary.count)
      values = try choice.texts(present, distinct, dictionary, into: &chunk)
      if hasBloomFilter {
        var filter = BloomFilter(distinctCount: distinct.values.count)
        for code in distinct.values {
          filter.insert(BloomFilter.hash(Array(dictionary.utf8(Int(code)))))
        }
        chunk.bloomFilter = filter.bytes
      }
    }
    chunk.encoding = values.encoding
    try appendPages(values, to: &chunk)
    chunk.missingCount = rows.count - values.count
    chunk.byteCount = chunk.bytes.count
    return chunk
  }

  private func presentCells<Value>(_ cells: [Value]) -> [Value] {
    guard let marks else {
      return rows.count == cells.count ? cells : Array(cells[rows])
    }
    var present: [Value] = []
    present.reserveCapacity(rows.count)
    for (place, row) in rows.enumerated() where marks[place] { present.append(cells[row]) }
    return present
  }

  private func appendPages(
    _ values: PageValues,
    to chunk: inout EncodedChunk
  ) throws(CompressionError) {
    let pageCount = max(1, values.byteCount / max(1, options.pageByteCount))
    let rowsPerPage = max(1, (rows.count + pageCount - 1) / pageCount)
    var boundsFinder = PageBounds(values)
    var firstValue = 0
    var effort = PageCodec.Effort.normal
    for start in stride(from: 0, to: rows.count, by: rowsPerPage) {
      let end = min(start + rowsPerPage, rows.count)
      var content = levels(start..<end)
      var valueCount = end - start
      if let marks {
        valueCount = 0
        for row in start..<end where marks[row] { valueCount += 1 }
      }
      let range = firstValue..<(firstValue + valueCount)
      firstValue += valueCount
      values.append(range, to: &content)
      if start == 0 { effort = try options.codec.effort(for: content, gain: options.leastGain) }
      let compressed = try options.codec.compress(content, effort)
      let header = PageHeader.data(
        valueCount: end - start,
        encoding: values.encoding,
        contentByteCount: content.count,
        compressed: compressed
      )
      let bounds = boundsFinder.bounds(of: range)
      chunk.pages.append(
        PageEntry(
          firstRow: start,
          rowCount: end - start,
          offset: chunk.bytes.count,
          byteCount: header.count + compressed.count,
          missingCount: end - start - valueCount,
          bounds: bounds
        )
      )
      chunk.bounds = chunk.bounds.merging(bounds)
      chunk.bytes += header
      chunk.bytes += compressed
      chunk.contentByteCount += header.count + content.count
    }
  }

  /// The definition levels of some rows, behind their length: 1 where there is a value.
  private func levels(_ range: Range<Int>) -> [UInt8] {
    var bytes: [UInt8] = [0, 0, 0, 0]
    if let marks {
      let levels = range.map { marks[$0] ? UInt32(1) : 0 }
      RunLength.encode(levels.span, width: 1, into: &bytes)
    } else {
      RunLength.encode(repeating: 1, count: range.count, into: &bytes)
    }
    let length = bytes.count - 4
    for place in 0..<4 { bytes[place] = UInt8(truncatingIfNeeded: length >> (8 * place)) }
    return bytes
  }
}
