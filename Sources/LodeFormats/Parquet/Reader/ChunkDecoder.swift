internal import LodeColumns

/// Decodes the pages of one column in one row group into a column.
struct ChunkDecoder {
  /// No page may hold more bytes than this: a guard against absurd sizes in damaged files.
  static let pageByteLimit = 256 << 20
  /// No page may hold more values than this.
  static let pageValueLimit = 1 << 27

  private let leaf: ReadableColumn
  private let metadata: ColumnChunkMetadata
  private let codec: PageCodec
  private let rowCount: Int
  private let isOurs: Bool
  /// The rows of each data page, if only some of them are decoded.
  private let pageRowCounts: [Int]?
  private var dataPage = 0
  /// The page being decoded, for messages.
  private(set) var page = 0

  private var cells: CellStore
  private var texts = TextDictionaryBuilder()
  private var validity: [Bool] = []
  private var hasMissing = false
  private var decodedCount = 0
  private var dictionary: Dictionary?

  /// The values of the dictionary page.
  private struct Dictionary {
    let values: CellValues
    let count: Int
    /// The first value that no cell can hold, if there is one; `values` end before it.
    let failure: ConversionFailure?
    /// Whether the cells are the codes 0, 1, 2 and so on: codes of pages need no translation.
    let isOwnCode: Bool

    init(values: CellValues, count: Int, failure: ConversionFailure? = nil) {
      self.values = values
      self.count = count
      self.failure = failure
      isOwnCode = values.areOwnCodes
    }
  }

  /// A decoder for one chunk, or for the dictionary and some data pages of it.
  ///
  /// - Parameters:
  ///   - leaf: the column.
  ///   - metadata: the chunk.
  ///   - rowCount: the rows of the row group.
  ///   - pageRowCounts: the rows of each page that is decoded; nil for all pages.
  ///   - isOurs: whether our writer made the file, whose dictionaries have no value twice.
  /// - Throws: `corrupt`, `encrypted` or `unsupported` when the footer contradicts itself or names
  ///   something that is not known.
  init(
    _ leaf: ReadableColumn,
    _ metadata: ColumnChunkMetadata,
    rowCount: Int,
    pageRowCounts: [Int]? = nil,
    isOurs: Bool = false
  ) throws(ParquetError.Reason) {
    guard !metadata.isEncrypted else { throw .encrypted }
    guard !metadata.isInAnotherFile else { throw .unsupported("columns kept in another file") }
    guard metadata.hasMetadata, metadata.physicalType == leaf.physicalType else {
      throw .corrupt("the column's type in the row group")
    }
    guard metadata.valueCount == rowCount else {
      throw .corrupt("\(metadata.valueCount) values for \(rowCount) rows")
    }
    if !leaf.isOptional, let missing = metadata.statistics?.missingCount, missing > 0 {
      throw .corrupt("\(missing) missing values in a required column")
    }
    guard let codec = PageCodec(rawValue: metadata.codec) else {
      throw .unsupported("codec \(metadata.codec)")
    }
    self.leaf = leaf
    self.metadata = metadata
    self.codec = codec
    self.pageRowCounts = pageRowCounts
    self.isOurs = isOurs
    let wanted = pageRowCounts.map { $0.reduce(0, +) } ?? rowCount
    self.rowCount = wanted
    cells = CellStore(rowCount: wanted)
  }

  /// The cells of the chunk.
  ///
  /// - Parameters:
  ///   - bytes: all pages of the chunk; more may follow, in which no page begins.
  ///   - verifiesChecksums: whether checksums of pages are checked where there are any.
  /// - Returns: a column of one cell a row.
  /// - Throws: the reason; `page` then says where.
  mutating func decode(
    _ bytes: [UInt8],
    verifiesChecksums: Bool
  ) throws(ParquetError.Reason) -> Column {
    var cursor = ByteCursor(bytes)
    while decodedCount < rowCount {
      guard cursor.remaining > 0, cursor.position < metadata.compressedByteCount else {
        throw .truncated
      }
      var reader = ThriftReader(cursor)
      let header = try PageHeader(&reader)
      cursor = ByteCursor(bytes, in: reader.position..<cursor.end)
      let stored = Array(bytes[try cursor.take(header.compressedByteCount)])
      var isStrict = false
      if verifiesChecksums, let checksum = header.checksum {
        guard Gzip.crc32(stored.span) == checksum else { throw .checksum }
        isStrict = true
      }
      try decode(header, stored, isStrict: isStrict)
      page += 1
    }
    let storage = try cells.storage(of: leaf, texts: texts)
    return Column(type: leaf.field.type, storage: storage, validity: hasMissing ? validity : nil)
  }

  /// Decodes one page.
  ///
  /// In pages with a checksum the header must fit the content exactly, since nothing else tells a
  /// damaged header: no bytes may be left over, and the encoding must be one that the footer names.
  private mutating func decode(
    _ header: PageHeader,
    _ stored: [UInt8],
    isStrict: Bool
  ) throws(ParquetError.Reason) {
    guard header.contentByteCount <= Self.pageByteLimit else {
      throw .tooLarge(bytes: header.contentByteCount)
    }
    switch header.kind {
    case .data, .dataV2:
      if let pageRowCounts {
        guard dataPage < pageRowCounts.count, header.valueCount == pageRowCounts[dataPage] else {
          throw .corrupt("a page of other rows than the page index says")
        }
      }
      dataPage += 1
    default: break
    }
    switch header.kind {
    case .other: return
    case .dictionary:
      guard dictionary == nil else { throw .corrupt("a second dictionary") }
      let content = try codec.decompress(stored, size: header.contentByteCount)
      var cursor = ByteCursor(content)
      // What has the checksum of our writer has its distinct values, too.
      try decodeDictionary(&cursor, header, areDistinct: isOurs && isStrict)
      if isStrict { try Self.requireEnd(cursor) }
    case .data:
      try requireCount(header, isStrict: isStrict)
      let content = try codec.decompress(stored, size: header.contentByteCount)
      var cursor = ByteCursor(content)
      var marks: [Bool]?
      if leaf.isOptional {
        marks = try DefinitionLevels.pageV1(
          &cursor,
          count: header.valueCount,
          header.definitionEncoding
        )
      }
      try decodeValues(&cursor, header, marks)
      if isStrict { try Self.requireEnd(cursor) }
    case .dataV2(let levels, let isCompressed):
      try requireCount(header, isStrict: isStrict)
      var front = ByteCursor(stored)
      _ = try front.take(levels.repetition)
      var levelCursor = try front.cursor(over: levels.definition)
      var marks: [Bool]?
      if leaf.isOptional && !(levels.definition == 0 && header.missingCount == 0) {
        marks = try DefinitionLevels.decode(&levelCursor, count: header.valueCount)
      }
      if isStrict && leaf.isOptional { try Self.requireEnd(levelCursor) }
      if let missing = header.missingCount,
        missing != marks?.reduce(0, { $0 + ($1 ? 0 : 1) }) ?? 0
      {
        throw .corrupt("a page that declares \(missing) missing values and has others")
      }
      let size = header.contentByteCount - front.position
      guard size >= 0 else { throw .corrupt("levels longer than their page") }
      let rest = Array(stored[front.position...])
      let pageCodec = isCompressed ? codec : .uncompressed
      var cursor = ByteCursor(try pageCodec.decompress(rest, size: size))
      try decodeValues(&cursor, header, marks)
      if isStrict { try Self.requireEnd(cursor) }
    }
  }

  private static func requireEnd(_ cursor: ByteCursor) throws(ParquetError.Reason) {
    guard cursor.remaining == 0 else {
      throw .corrupt("\(cursor.remaining) bytes after the values of a page")
    }
  }

  private func requireCount(
    _ header: PageHeader,
    isStrict: Bool
  ) throws(ParquetError.Reason) {
    guard header.valueCount <= rowCount - decodedCount else {
      throw .corrupt("more values in the pages than rows")
    }
    guard header.valueCount <= Self.pageValueLimit else {
      throw .unsupported("a page of \(header.valueCount) values")
    }
    let dictionaryCodes = [
      PageEncoding.plainDictionary.rawValue, PageEncoding.rleDictionary.rawValue,
    ]
    let accepted =
      dictionaryCodes.contains(header.encoding.rawValue)
      ? dictionaryCodes : [header.encoding.rawValue]
    if isStrict, !metadata.encodings.isEmpty,
      !accepted.contains(where: { metadata.encodings.contains($0) })
    {
      throw .corrupt("a page in \(header.encoding.name), which the footer does not name")
    }
  }

  private mutating func decodeDictionary(
    _ cursor: inout ByteCursor,
    _ header: PageHeader,
    areDistinct: Bool
  ) throws(ParquetError.Reason) {
    guard header.encoding == .plain || header.encoding == .plainDictionary else {
      throw .unsupported("dictionaries in \(header.encoding.name)")
    }
    let values = try PhysicalValues.decode(&cursor, .plain, count: header.valueCount, of: leaf)
    let count = header.valueCount
    do throws(ConversionFailure) {
      let cells = try CellValues(values, leaf.form, texts: &texts, areDistinct: areDistinct)
      dictionary = Dictionary(values: cells, count: count)
    } catch {
      dictionary = Dictionary(values: .integers([]), count: count, failure: error)
    }
  }

  /// Decodes the present values of a page and appends them with the missing ones.
  private mutating func decodeValues(
    _ cursor: inout ByteCursor,
    _ header: PageHeader,
    _ marks: [Bool]?
  ) throws(ParquetError.Reason) {
    let count = marks.map { $0.reduce(0) { $0 + ($1 ? 1 : 0) } } ?? header.valueCount
    let present = count < header.valueCount ? marks : nil
    if count > 0 {
      let values: CellValues
      switch header.encoding {
      case .plainDictionary, .rleDictionary:
        values = try codedValues(&cursor, count: count, present)
      default:
        let stored = try PhysicalValues.decode(&cursor, header.encoding, count: count, of: leaf)
        do throws(ConversionFailure) {
          values = try CellValues(stored, leaf.form, texts: &texts)
        } catch {
          throw refusal(error.words, value: error.index, present)
        }
      }
      cells.append(values, present)
    } else {
      _ = try? cursor.take(cursor.remaining)
      cells.append(noValues, present)
    }
    decodedCount += header.valueCount
    if let present {
      if !hasMissing {
        validity = Array(repeating: true, count: decodedCount - header.valueCount)
      }
      hasMissing = true
      validity += present
    } else if hasMissing {
      validity.append(contentsOf: repeatElement(true, count: header.valueCount))
    }
  }

  private func codedValues(
    _ cursor: inout ByteCursor,
    count: Int,
    _ present: [Bool]?
  ) throws(ParquetError.Reason) -> CellValues {
    guard let dictionary else { throw .corrupt("codes of no dictionary") }
    let width = Int(try cursor.byte())
    guard width > 0 || dictionary.count <= 1 else {
      throw .corrupt("codes of 0 bits for \(dictionary.count) values")
    }
    let codes = try RunLength.decode(&cursor, count: count, width: width)
    if let failure = dictionary.failure {
      let value = codes.firstIndex { Int($0) >= failure.index } ?? 0
      throw refusal(failure.words, value: value, present)
    }
    guard dictionary.isOwnCode else { return try dictionary.values.looked(up: codes) }
    try CellValues.require(codes, below: dictionary.count)
    return .codes(codes)
  }

  /// The reason for refusing a column, with the row of the value.
  private func refusal(_ words: String, value: Int, _ present: [Bool]?) -> ParquetError.Reason {
    var row = value
    if let present {
      var seen = -1
      for (place, isPresent) in present.enumerated() {
        seen += isPresent ? 1 : 0
        if seen == value {
          row = place
          break
        }
      }
    }
    return .unrepresentable("row \(decodedCount + row) of the row group \(words)")
  }

  private var noValues: CellValues {
    switch leaf.field.type {
    case .double: .doubles([])
    case .boolean: .booleans([])
    case .text: .codes([])
    default: .integers([])
    }
  }
}
