internal import LodeColumns

/// The pages of one column in one row group, ready for the file.
struct EncodedChunk: Sendable {
  /// The dictionary page, if any, and the data pages.
  var bytes: [UInt8] = []
  /// The bytes of the dictionary page, 0 if there is none.
  var dictionaryPageByteCount = 0
  /// The bytes of all pages before compression, headers included.
  var contentByteCount = 0
  /// The number of cells, missing ones included.
  var valueCount = 0
  /// The number of missing cells.
  var missingCount = 0
  /// The bounds of the present cells.
  var bounds = ValueBounds.none
}

/// Encodes the cells of one column in one row group.
struct ChunkEncoder {
  private let column: Column
  private let rows: Range<Int>
  private let options: ParquetOptions
  private let codec: PageCodec
  private let marks: [Bool]?

  /// The present values in the form in which pages hold them.
  private enum Values {
    case codes([UInt32], width: Int)
    case integers([Int64])
    case shortIntegers([Int32])
    case doubles([Double])
    case booleans([Bool])
    case texts([UInt32], TextDictionary)
  }

  /// An encoder of some rows of a column.
  init(_ column: Column, rows: Range<Int>, options: ParquetOptions) {
    self.column = column
    self.rows = rows
    self.options = options
    codec = PageCodec(options.compression)
    let marks = column.validity.map { Array($0[rows]) }
    self.marks = marks.flatMap { $0.allSatisfy(\.self) ? nil : $0 }
  }

  /// The pages and what they hold.
  ///
  /// - Throws: ``CompressionError`` when a codec fails.
  func encode() throws(CompressionError) -> EncodedChunk {
    var chunk = EncodedChunk()
    chunk.valueCount = rows.count
    let values: Values
    switch column.storage {
    case .integers(let cells):
      let present = presentCells(cells)
      chunk.bounds = ValueBounds.of(present)
      values = try encode(integers: present, into: &chunk)
      chunk.missingCount = rows.count - present.count
    case .doubles(let cells):
      let present = presentCells(cells)
      chunk.bounds = ValueBounds.of(present)
      values = try encode(doubles: present, into: &chunk)
      chunk.missingCount = rows.count - present.count
    case .booleans(let cells):
      let present = presentCells(cells)
      chunk.bounds = ValueBounds.of(present)
      values = .booleans(present)
      chunk.missingCount = rows.count - present.count
    case .texts(let codes, let dictionary):
      let present = presentCells(codes)
      chunk.missingCount = rows.count - present.count
      values = try encode(texts: present, dictionary, into: &chunk)
    }
    try appendPages(values, to: &chunk)
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

  private func encode(
    integers: [Int64],
    into chunk: inout EncodedChunk
  ) throws(CompressionError) -> Values {
    let size = column.type == .date ? 4 : 8
    let limit = options.dictionaryByteLimit / size
    guard let distinct = DistinctValues(integers, limit: limit),
      distinct.values.count * size + distinct.codeByteCount < integers.count * size
    else {
      return column.type == .date ? .shortIntegers(Self.short(integers)) : .integers(integers)
    }
    var page: [UInt8] = []
    if column.type == .date {
      RawNumbers.append(Self.short(distinct.values), to: &page)
    } else {
      RawNumbers.append(distinct.values, to: &page)
    }
    return try codes(distinct.codes, of: distinct.values.count, page, into: &chunk)
  }

  private func encode(
    doubles: [Double],
    into chunk: inout EncodedChunk
  ) throws(CompressionError) -> Values {
    let patterns = doubles.map { Int64(bitPattern: $0.bitPattern) }
    guard let distinct = DistinctValues(patterns, limit: options.dictionaryByteLimit / 8),
      distinct.values.count * 8 + distinct.codeByteCount < doubles.count * 8
    else { return .doubles(doubles) }
    var page: [UInt8] = []
    RawNumbers.append(distinct.values, to: &page)
    return try codes(distinct.codes, of: distinct.values.count, page, into: &chunk)
  }

  private func encode(
    texts: [UInt32],
    _ dictionary: TextDictionary,
    into chunk: inout EncodedChunk
  ) throws(CompressionError) -> Values {
    let distinct = DistinctValues(texts, codeCount: dictionary.count)
    chunk.bounds = ValueBounds.of(distinct.values, in: dictionary)
    let offsets = dictionary.offsets
    var plainByteCount = 0
    for code in texts { plainByteCount += 4 + offsets[Int(code) + 1] - offsets[Int(code)] }
    var dictionaryByteCount = 0
    for code in distinct.values {
      dictionaryByteCount += 4 + offsets[Int(code) + 1] - offsets[Int(code)]
    }
    guard dictionaryByteCount <= options.dictionaryByteLimit,
      dictionaryByteCount + distinct.codeByteCount < plainByteCount
    else { return .texts(texts, dictionary) }
    var page: [UInt8] = []
    RawNumbers.appendTexts(
      distinct.values[...],
      texts: dictionary.bytes,
      offsets: offsets,
      to: &page
    )
    return try codes(distinct.codes, of: distinct.values.count, page, into: &chunk)
  }

  /// Writes the dictionary page; the data pages then hold codes.
  private func codes(
    _ codes: [UInt32],
    of count: Int,
    _ page: [UInt8],
    into chunk: inout EncodedChunk
  ) throws(CompressionError) -> Values {
    let compressed = try codec.compress(page)
    let header = PageHeader.dictionary(
      valueCount: count,
      contentByteCount: page.count,
      compressed: compressed
    )
    chunk.bytes += header
    chunk.bytes += compressed
    chunk.contentByteCount += header.count + page.count
    chunk.dictionaryPageByteCount = chunk.bytes.count
    return .codes(codes, width: max(1, RunLength.width(ofLargest: UInt32(count - 1))))
  }

  private func appendPages(
    _ values: Values,
    to chunk: inout EncodedChunk
  ) throws(CompressionError) {
    let pageCount = max(1, byteCount(of: values) / max(1, options.pageByteCount))
    let rowsPerPage = max(1, (rows.count + pageCount - 1) / pageCount)
    var firstValue = 0
    for start in stride(from: 0, to: rows.count, by: rowsPerPage) {
      let end = min(start + rowsPerPage, rows.count)
      var page = levels(start..<end)
      var valueCount = end - start
      if let marks {
        valueCount = 0
        for row in start..<end where marks[row] { valueCount += 1 }
      }
      append(values, firstValue..<(firstValue + valueCount), to: &page)
      firstValue += valueCount
      let compressed = try codec.compress(page)
      var encoding = PageEncoding.plain
      if case .codes = values { encoding = .rleDictionary }
      let header = PageHeader.data(
        valueCount: end - start,
        encoding: encoding,
        contentByteCount: page.count,
        compressed: compressed
      )
      chunk.bytes += header
      chunk.bytes += compressed
      chunk.contentByteCount += header.count + page.count
    }
  }

  /// The definition levels of some rows, behind their length: 1 where there is a value.
  private func levels(_ range: Range<Int>) -> [UInt8] {
    let levels: [UInt32] =
      marks.map { marks in range.map { marks[$0] ? 1 : 0 } }
      ?? Array(repeating: 1, count: range.count)
    var bytes: [UInt8] = [0, 0, 0, 0]
    RunLength.encode(levels.span, width: 1, into: &bytes)
    let length = bytes.count - 4
    for place in 0..<4 { bytes[place] = UInt8(truncatingIfNeeded: length >> (8 * place)) }
    return bytes
  }

  private func append(_ values: Values, _ range: Range<Int>, to page: inout [UInt8]) {
    switch values {
    case .codes(let codes, let width):
      page.append(UInt8(width))
      RunLength.encode(codes.span.extracting(range), width: width, into: &page)
    case .integers(let numbers): RawNumbers.append(numbers[range], to: &page)
    case .shortIntegers(let numbers): RawNumbers.append(numbers[range], to: &page)
    case .doubles(let numbers): RawNumbers.append(numbers[range], to: &page)
    case .texts(let codes, let dictionary):
      RawNumbers.appendTexts(
        codes[range],
        texts: dictionary.bytes,
        offsets: dictionary.offsets,
        to: &page
      )
    case .booleans(let flags):
      for start in stride(from: range.lowerBound, to: range.upperBound, by: 8) {
        var byte: UInt8 = 0
        for place in 0..<min(8, range.upperBound - start) where flags[start + place] {
          byte |= 1 << UInt8(place)
        }
        page.append(byte)
      }
    }
  }

  private func byteCount(of values: Values) -> Int {
    switch values {
    case .codes(let codes, let width): codes.count * width / 8
    case .integers(let numbers): numbers.count * 8
    case .shortIntegers(let numbers): numbers.count * 4
    case .doubles(let numbers): numbers.count * 8
    case .booleans(let flags): flags.count / 8
    case .texts(let codes, let dictionary):
      codes.reduce(0) { sum, code in
        sum + 4 + dictionary.offsets[Int(code) + 1] - dictionary.offsets[Int(code)]
      }
    }
  }

  /// Days as the 32-bit numbers that the format has for dates.
  private static func short(_ days: [Int64]) -> [Int32] {
    days.map { day in
      guard let short = Int32(exactly: day) else {
        preconditionFailure("a date of \(day) days since 1970")
      }
      return short
    }
  }
}
