/// The footer of a file.
struct FileMetadata {
  var schema: [SchemaElement] = []
  var rowCount = 0
  var rowGroups: [RowGroupMetadata] = []
  var keyValues: [(key: String, value: String)] = []
  var createdBy: String?
  /// For each leaf how its bounds are ordered: 1 as its type says, 2 by IEEE 754's total order.
  var columnOrders: [Int] = []
  var isEncrypted = false

  /// Reads the footer.
  init(_ reader: inout ThriftReader) throws(ParquetError.Reason) {
    var last = 0
    while let field = try reader.nextField(after: &last) {
      switch field.id {
      case 2:
        for _ in 0..<(try reader.list(field, of: ThriftType.structure)) {
          schema.append(try SchemaElement(&reader))
        }
      case 3: rowCount = try reader.integer(field)
      case 4:
        for _ in 0..<(try reader.list(field, of: ThriftType.structure)) {
          rowGroups.append(try RowGroupMetadata(&reader))
        }
      case 5:
        for _ in 0..<(try reader.list(field, of: ThriftType.structure)) {
          keyValues.append(try Self.keyValue(&reader))
        }
      case 6: createdBy = String(decoding: try reader.binary(field), as: UTF8.self)
      case 7:
        for _ in 0..<(try reader.list(field, of: ThriftType.structure)) {
          columnOrders.append(try Self.columnOrder(&reader))
        }
      case 8:
        isEncrypted = true
        try reader.skip(field)
      default: try reader.skip(field)
      }
    }
  }

  private static func columnOrder(
    _ reader: inout ThriftReader
  ) throws(ParquetError.Reason) -> Int {
    var order = 0
    var last = 0
    while let field = try reader.nextField(after: &last) {
      order = field.id
      try reader.skip(field)
    }
    return order
  }

  private static func keyValue(
    _ reader: inout ThriftReader
  ) throws(ParquetError.Reason) -> (key: String, value: String) {
    var pair = (key: "", value: "")
    var last = 0
    while let field = try reader.nextField(after: &last) {
      switch field.id {
      case 1: pair.key = String(decoding: try reader.binary(field), as: UTF8.self)
      case 2: pair.value = String(decoding: try reader.binary(field), as: UTF8.self)
      default: try reader.skip(field)
      }
    }
    return pair
  }
}

/// One row group of the footer.
struct RowGroupMetadata {
  var columns: [ColumnChunkMetadata] = []
  var rowCount = 0

  /// Reads a row group.
  init(_ reader: inout ThriftReader) throws(ParquetError.Reason) {
    var last = 0
    while let field = try reader.nextField(after: &last) {
      switch field.id {
      case 1:
        for _ in 0..<(try reader.list(field, of: ThriftType.structure)) {
          columns.append(try ColumnChunkMetadata(chunk: &reader))
        }
      case 3: rowCount = try reader.integer(field)
      default: try reader.skip(field)
      }
    }
  }
}

/// Where the pages of one column in one row group lie, and what is known about them.
struct ColumnChunkMetadata {
  var isEncrypted = false
  var isInAnotherFile = false
  var hasMetadata = false
  var physicalType: PhysicalType?
  /// The codec's number, which may be one of the future.
  var codec = 0
  /// The numbers of the encodings that pages may have.
  var encodings: [Int] = []
  var valueCount = 0
  var compressedByteCount = 0
  var dataPageOffset = 0
  var dictionaryPageOffset: Int?
  var statistics: ColumnStatistics?
  /// Where the Bloom filter begins, and its length if the file says it.
  var bloomFilterOffset: Int?
  var bloomFilterByteCount: Int?
  /// Where the page index lies.
  var offsetIndexOffset: Int?
  var offsetIndexByteCount = 0
  var columnIndexOffset: Int?
  var columnIndexByteCount = 0

  /// Reads a column chunk.
  init(chunk reader: inout ThriftReader) throws(ParquetError.Reason) {
    var last = 0
    while let field = try reader.nextField(after: &last) {
      switch field.id {
      case 1: isInAnotherFile = try !reader.binary(field).isEmpty
      case 3:
        try reader.requireStructure(field)
        hasMetadata = true
        try readMetadata(&reader)
      case 4: offsetIndexOffset = try reader.integer(field)
      case 5: offsetIndexByteCount = try reader.integer(field)
      case 6: columnIndexOffset = try reader.integer(field)
      case 7: columnIndexByteCount = try reader.integer(field)
      case 8, 9:
        isEncrypted = true
        try reader.skip(field)
      default: try reader.skip(field)
      }
    }
  }

  private mutating func readMetadata(
    _ reader: inout ThriftReader
  ) throws(ParquetError.Reason) {
    var last = 0
    while let field = try reader.nextField(after: &last) {
      switch field.id {
      case 1: physicalType = PhysicalType(rawValue: try reader.integer(field))
      case 2:
        for _ in 0..<(try reader.list(field, of: ThriftType.int32)) {
          encodings.append(try reader.integerElement())
        }
      case 4: codec = try reader.integer(field)
      case 5: valueCount = try reader.integer(field)
      case 7: compressedByteCount = try reader.integer(field)
      case 9: dataPageOffset = try reader.integer(field)
      case 11: dictionaryPageOffset = try reader.integer(field)
      case 12:
        try reader.requireStructure(field)
        statistics = try ColumnStatistics(&reader)
      case 14: bloomFilterOffset = try reader.integer(field)
      case 15: bloomFilterByteCount = try reader.integer(field)
      default: try reader.skip(field)
      }
    }
  }
}
