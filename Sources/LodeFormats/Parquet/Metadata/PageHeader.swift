/// The header before each page.
struct PageHeader {
  /// What a page holds.
  enum Kind {
    /// Values with levels, compressed together.
    case data
    /// Values compressed apart from their levels.
    case dataV2(levelByteCounts: (repetition: Int, definition: Int), isCompressed: Bool)
    /// The distinct values of the chunk.
    case dictionary
    /// Something to step over.
    case other(Int)
  }

  var kind = Kind.other(-1)
  var contentByteCount = 0
  var compressedByteCount = 0
  var checksum: UInt32?
  var valueCount = 0
  var encoding = PageEncoding.plain
  var definitionEncoding = PageEncoding.rle
  /// The missing values of a page of version 2, if the header says.
  var missingCount: Int?

  /// Reads a header.
  init(_ reader: inout ThriftReader) throws(ParquetError.Reason) {
    var type = -1
    var parts: Set<Int> = []
    var levelByteCounts = (repetition: 0, definition: 0)
    var isCompressed = true
    var last = 0
    while let field = try reader.nextField(after: &last) {
      parts.insert(field.id)
      switch field.id {
      case 1: type = try reader.integer(field)
      case 2: contentByteCount = try reader.integer(field)
      case 3: compressedByteCount = try reader.integer(field)
      case 4: checksum = UInt32(truncatingIfNeeded: try reader.integer(field))
      case 5, 7:
        try reader.requireStructure(field)
        try readValues(&reader)
      case 8:
        try reader.requireStructure(field)
        var inner = 0
        while let part = try reader.nextField(after: &inner) {
          switch part.id {
          case 1: valueCount = try reader.integer(part)
          case 2: missingCount = try reader.integer(part)
          case 4: encoding = try Self.encoding(&reader, part)
          case 5: levelByteCounts.definition = try reader.integer(part)
          case 6: levelByteCounts.repetition = try reader.integer(part)
          case 7: isCompressed = try reader.boolean(part)
          default: try reader.skip(part)
          }
        }
      default: try reader.skip(field)
      }
    }
    switch type {
    case 0: kind = .data
    case 2: kind = .dictionary
    case 3: kind = .dataV2(levelByteCounts: levelByteCounts, isCompressed: isCompressed)
    default: kind = .other(type)
    }
    if let part = [0: 5, 2: 7, 3: 8][type], !parts.contains(part) {
      throw .corrupt("a page of type \(type) without the header of that type")
    }
    guard valueCount >= 0 else { throw .corrupt("a page of \(valueCount) values") }
    guard contentByteCount >= 0, compressedByteCount >= 0 else {
      throw .corrupt("a page of \(min(contentByteCount, compressedByteCount)) bytes")
    }
  }

  /// Reads the header of a data page or of a dictionary page, whose first two fields agree.
  private mutating func readValues(
    _ reader: inout ThriftReader
  ) throws(ParquetError.Reason) {
    var last = 0
    while let field = try reader.nextField(after: &last) {
      switch field.id {
      case 1: valueCount = try reader.integer(field)
      case 2: encoding = try Self.encoding(&reader, field)
      case 3 where field.type == ThriftType.int32:
        definitionEncoding = try Self.encoding(&reader, field)
      default: try reader.skip(field)
      }
    }
  }

  private static func encoding(
    _ reader: inout ThriftReader,
    _ field: ThriftField
  ) throws(ParquetError.Reason) -> PageEncoding {
    let code = try reader.integer(field)
    guard let encoding = PageEncoding(rawValue: code) else {
      throw .unsupported("encoding \(code)")
    }
    return encoding
  }

  /// The bytes of the header of a data page of version 1.
  static func data(
    valueCount: Int,
    encoding: PageEncoding,
    contentByteCount: Int,
    compressed: [UInt8]
  ) -> [UInt8] {
    header(0, contentByteCount: contentByteCount, compressed: compressed) { writer in
      writer.structure(5) { inner in
        inner.int32(1, valueCount)
        inner.int32(2, encoding.rawValue)
        inner.int32(3, PageEncoding.rle.rawValue)
        inner.int32(4, PageEncoding.rle.rawValue)
      }
    }
  }

  /// The bytes of the header of a dictionary page.
  static func dictionary(
    valueCount: Int,
    contentByteCount: Int,
    compressed: [UInt8]
  ) -> [UInt8] {
    header(2, contentByteCount: contentByteCount, compressed: compressed) { writer in
      writer.structure(7) { inner in
        inner.int32(1, valueCount)
        inner.int32(2, PageEncoding.plain.rawValue)
        inner.boolean(3, false)
      }
    }
  }

  private static func header(
    _ type: Int,
    contentByteCount: Int,
    compressed: [UInt8],
    _ body: (inout ThriftWriter) -> Void
  ) -> [UInt8] {
    var writer = ThriftWriter()
    writer.structure { outer in
      outer.int32(1, type)
      outer.int32(2, contentByteCount)
      outer.int32(3, compressed.count)
      outer.int32(4, Int(Int32(bitPattern: Gzip.crc32(compressed.span))))
      body(&outer)
    }
    return writer.bytes
  }
}
