internal import LodeColumns

/// Decodes the pages of one column in one row group into a column.
struct ChunkDecoder {
  /// No page may hold more bytes than this: a guard against absurd sizes in damaged files.
  static let pageByteLimit = 256 << 20
  /// No page may hold more values than this.
  static let pageValueLimit = 1 << 27

  private let leaf: ReadableColumn
  private let codec: PageCodec
  private let rowCount: Int
  /// The page being decoded, for messages.
  private(set) var page = 0

  private var integers: [Int64] = []
  private var doubles: [Double] = []
  private var booleans: [Bool] = []
  private var codes: [UInt32] = []
  private var texts = TextDictionaryBuilder()
  private var validity: [Bool] = []
  private var hasMissing = false
  private var decodedCount = 0
  private var dictionary: Dictionary?

  /// The values of the dictionary page.
  private enum Dictionary {
    case integers([Int64])
    case doubles([Double])
    case texts([UInt32])
  }

  /// A decoder for one chunk.
  ///
  /// - Throws: `corrupt` or `unsupported` when the footer contradicts itself or names an unknown
  ///   codec.
  init(
    _ leaf: ReadableColumn,
    _ metadata: ColumnChunkMetadata,
    rowCount: Int
  ) throws(ParquetError.Reason) {
    guard !metadata.isEncrypted else { throw .encrypted }
    guard !metadata.isInAnotherFile else { throw .unsupported("columns kept in another file") }
    guard metadata.hasMetadata, metadata.physicalType == leaf.physicalType else {
      throw .corrupt("the column's type in the row group")
    }
    guard metadata.valueCount == rowCount else {
      throw .corrupt("\(metadata.valueCount) values for \(rowCount) rows")
    }
    guard let codec = PageCodec(rawValue: metadata.codec) else {
      throw .unsupported("codec \(metadata.codec)")
    }
    self.leaf = leaf
    self.codec = codec
    self.rowCount = rowCount
  }

  /// The cells of the chunk.
  ///
  /// - Parameters:
  ///   - bytes: all pages of the chunk.
  ///   - verifiesChecksums: whether checksums of pages are checked where there are any.
  /// - Returns: a column of one cell a row.
  /// - Throws: the reason; `page` then says where.
  mutating func decode(
    _ bytes: [UInt8],
    verifiesChecksums: Bool
  ) throws(ParquetError.Reason) -> Column {
    var cursor = ByteCursor(bytes)
    while decodedCount < rowCount {
      guard cursor.remaining > 0 else { throw .truncated }
      var reader = ThriftReader(cursor)
      let header = try PageHeader(&reader)
      cursor = ByteCursor(bytes, in: reader.position..<cursor.end)
      let stored = Array(bytes[try cursor.take(header.compressedByteCount)])
      if verifiesChecksums, let checksum = header.checksum,
        Gzip.crc32(stored.span) != checksum
      {
        throw .checksum
      }
      try decode(header, stored)
      page += 1
    }
    return try column()
  }

  private mutating func decode(
    _ header: PageHeader,
    _ stored: [UInt8]
  ) throws(ParquetError.Reason) {
    guard header.contentByteCount <= Self.pageByteLimit else {
      throw .tooLarge(bytes: header.contentByteCount)
    }
    switch header.kind {
    case .other: return
    case .dictionary:
      guard dictionary == nil else { throw .corrupt("a second dictionary") }
      let content = try codec.decompress(stored, size: header.contentByteCount)
      var cursor = ByteCursor(content)
      dictionary = try decodeDictionary(&cursor, count: header.valueCount)
    case .data:
      try requireCount(header)
      let content = try codec.decompress(stored, size: header.contentByteCount)
      var cursor = ByteCursor(content)
      var marks: [Bool]?
      if leaf.isOptional {
        marks = try Self.levels(&cursor, count: header.valueCount, header.definitionEncoding)
      }
      try decodeValues(&cursor, header, marks)
    case .dataV2(let levels, let isCompressed):
      try requireCount(header)
      var front = ByteCursor(stored)
      _ = try front.take(levels.repetition)
      var levelCursor = try front.cursor(over: levels.definition)
      var marks: [Bool]?
      if leaf.isOptional && levelCursor.remaining > 0 {
        marks = try Self.levels(&levelCursor, count: header.valueCount)
      }
      var content = Array(stored[front.position...])
      let size = header.contentByteCount - front.position
      guard size >= 0 else { throw .corrupt("levels longer than their page") }
      if isCompressed && !(content.isEmpty && size == 0) {
        content = try codec.decompress(content, size: size)
      }
      var cursor = ByteCursor(content)
      try decodeValues(&cursor, header, marks)
    }
  }

  private func requireCount(_ header: PageHeader) throws(ParquetError.Reason) {
    guard header.valueCount <= rowCount - decodedCount else {
      throw .corrupt("more values in the pages than rows")
    }
    guard header.valueCount <= Self.pageValueLimit else {
      throw .unsupported("a page of \(header.valueCount) values")
    }
  }

  /// Which values are present; nil if all are.
  private static func levels(
    _ cursor: inout ByteCursor,
    count: Int,
    _ encoding: PageEncoding
  ) throws(ParquetError.Reason) -> [Bool]? {
    switch encoding {
    case .rle:
      let length = try cursor.littleEndian(byteCount: 4)
      var inner = try cursor.cursor(over: Int(length))
      return try levels(&inner, count: count)
    case .bitPacked:
      let range = try cursor.take((count + 7) / 8)
      let bytes = cursor.bytes
      return (0..<count).map { bytes[range.lowerBound + $0 / 8] << UInt8($0 % 8) & 0x80 != 0 }
    default: throw .unsupported("levels in \(encoding.name)")
    }
  }

  private static func levels(
    _ cursor: inout ByteCursor,
    count: Int
  ) throws(ParquetError.Reason) -> [Bool]? {
    // One run of ones: nothing is missing, and nothing need be unpacked.
    var peek = cursor
    let header = try peek.variableInteger()
    if header & 1 == 0, header >> 1 >= UInt64(count), try peek.byte() == 1 { return nil }
    return try RunLength.decode(&cursor, count: count, width: 1).map { $0 == 1 }
  }

  private mutating func decodeDictionary(
    _ cursor: inout ByteCursor,
    count: Int
  ) throws(ParquetError.Reason) -> Dictionary {
    switch leaf.field.type {
    case .text: return .texts(try plainTexts(&cursor, count: count))
    case .double: return .doubles(try PlainValues.doubles(&cursor, count: count, of: leaf))
    case .boolean: throw .corrupt("a dictionary of booleans")
    default: return .integers(try PlainValues.integers(&cursor, count: count, of: leaf))
    }
  }

  private mutating func plainTexts(
    _ cursor: inout ByteCursor,
    count: Int
  ) throws(ParquetError.Reason) -> [UInt32] {
    guard count <= cursor.remaining / 4 else { throw .truncated }
    var codes: [UInt32] = []
    codes.reserveCapacity(count)
    let bytes = cursor.bytes
    for _ in 0..<count {
      let length = try cursor.littleEndian(byteCount: 4)
      let range = try cursor.take(Int(length))
      codes.append(texts.code(for: bytes.span.extracting(range)))
    }
    return codes
  }

  /// Decodes the present values of a page and appends them with the missing ones.
  private mutating func decodeValues(
    _ cursor: inout ByteCursor,
    _ header: PageHeader,
    _ marks: [Bool]?
  ) throws(ParquetError.Reason) {
    let count = marks.map { $0.reduce(0) { $0 + ($1 ? 1 : 0) } } ?? header.valueCount
    decodedCount += header.valueCount
    if let marks, count < marks.count {
      if !hasMissing {
        validity = Array(repeating: true, count: decodedCount - header.valueCount)
      }
      hasMissing = true
      validity += marks
    } else if hasMissing {
      validity.append(contentsOf: repeatElement(true, count: header.valueCount))
    }
    let present = count < header.valueCount ? marks : nil
    switch leaf.field.type {
    case .text:
      Self.append(try textCodes(&cursor, header, count: count), present, 0, to: &codes)
    case .double:
      Self.append(try doubleValues(&cursor, header, count: count), present, 0, to: &doubles)
    case .boolean:
      Self.append(try booleanValues(&cursor, header, count: count), present, false, to: &booleans)
    default:
      Self.append(try integerValues(&cursor, header, count: count), present, 0, to: &integers)
    }
  }

  private static func append<Value>(
    _ values: [Value],
    _ marks: [Bool]?,
    _ placeholder: Value,
    to cells: inout [Value]
  ) {
    guard let marks else {
      if cells.isEmpty { cells = values } else { cells += values }
      return
    }
    cells.reserveCapacity(cells.count + marks.count)
    var next = 0
    for isPresent in marks {
      cells.append(isPresent ? values[next] : placeholder)
      next += isPresent ? 1 : 0
    }
  }

  private mutating func textCodes(
    _ cursor: inout ByteCursor,
    _ header: PageHeader,
    count: Int
  ) throws(ParquetError.Reason) -> [UInt32] {
    guard count > 0 else { return [] }
    if header.encoding == .plain { return try plainTexts(&cursor, count: count) }
    let codes = try dictionaryCodes(&cursor, header, count: count)
    guard case .texts(let values) = dictionary else { throw .corrupt("codes of no dictionary") }
    return try Self.looking(up: codes, in: values)
  }

  private func integerValues(
    _ cursor: inout ByteCursor,
    _ header: PageHeader,
    count: Int
  ) throws(ParquetError.Reason) -> [Int64] {
    guard count > 0 else { return [] }
    if header.encoding == .plain {
      return try PlainValues.integers(&cursor, count: count, of: leaf)
    }
    let codes = try dictionaryCodes(&cursor, header, count: count)
    guard case .integers(let values) = dictionary else { throw .corrupt("codes of no dictionary") }
    return try Self.looking(up: codes, in: values)
  }

  private func doubleValues(
    _ cursor: inout ByteCursor,
    _ header: PageHeader,
    count: Int
  ) throws(ParquetError.Reason) -> [Double] {
    guard count > 0 else { return [] }
    if header.encoding == .plain {
      return try PlainValues.doubles(&cursor, count: count, of: leaf)
    }
    let codes = try dictionaryCodes(&cursor, header, count: count)
    guard case .doubles(let values) = dictionary else { throw .corrupt("codes of no dictionary") }
    return try Self.looking(up: codes, in: values)
  }

  private func booleanValues(
    _ cursor: inout ByteCursor,
    _ header: PageHeader,
    count: Int
  ) throws(ParquetError.Reason) -> [Bool] {
    guard count > 0 else { return [] }
    switch header.encoding {
    case .plain: return try PlainValues.booleans(&cursor, count: count)
    case .rle:
      let length = try cursor.littleEndian(byteCount: 4)
      var inner = try cursor.cursor(over: Int(length))
      return try RunLength.decode(&inner, count: count, width: 1).map { $0 == 1 }
    default: throw .unsupported("booleans in \(header.encoding.name)")
    }
  }

  private func dictionaryCodes(
    _ cursor: inout ByteCursor,
    _ header: PageHeader,
    count: Int
  ) throws(ParquetError.Reason) -> [UInt32] {
    guard header.encoding == .plainDictionary || header.encoding == .rleDictionary else {
      throw .unsupported("\(header.encoding.name) encoding")
    }
    let width = Int(try cursor.byte())
    return try RunLength.decode(&cursor, count: count, width: width)
  }

  private static func looking<Value>(
    up codes: [UInt32],
    in values: [Value]
  ) throws(ParquetError.Reason) -> [Value] {
    guard let largest = codes.max(), Int(largest) < values.count else {
      throw .corrupt("a code beyond the dictionary")
    }
    return codes.map { values[Int($0)] }
  }

  private func column() throws(ParquetError.Reason) -> Column {
    let storage: Column.Storage
    switch leaf.field.type {
    case .double: storage = .doubles(doubles)
    case .boolean: storage = .booleans(booleans)
    case .text:
      var texts = texts
      // Missing cells have code 0, which must be a text.
      if texts.count == 0 && !codes.isEmpty { _ = texts.code(for: "") }
      let dictionary = texts.build()
      try Self.requireText(dictionary)
      storage = .texts(codes: codes, dictionary: dictionary)
    default: storage = .integers(integers)
    }
    return Column(type: leaf.field.type, storage: storage, validity: hasMissing ? validity : nil)
  }

  /// Checks that every text is UTF-8.
  private static func requireText(
    _ dictionary: TextDictionary
  ) throws(ParquetError.Reason) {
    let bytes = dictionary.bytes
    do {
      _ = try UTF8Span(validating: bytes.span)
    } catch {
      throw .unsupported("text that is not UTF-8")
    }
    for offset in dictionary.offsets where offset < bytes.count && bytes[offset] & 0xC0 == 0x80 {
      throw .unsupported("text that is not UTF-8")
    }
  }
}
