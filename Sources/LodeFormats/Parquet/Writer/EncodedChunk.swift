internal import LodeColumns

/// The pages of one column in one row group, ready for the file.
struct EncodedChunk: Sendable {
  /// The dictionary page, if any, and the data pages; dropped when they are in the file.
  var bytes: [UInt8] = []
  /// The length of `bytes`.
  var byteCount = 0
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
  /// How the values of data pages are encoded.
  var encoding = PageEncoding.plain
  /// The data pages, their offsets from the start of the chunk.
  var pages: [PageEntry] = []
  /// The Bloom filter, if one was asked for.
  var bloomFilter: [UInt8]?
}

/// Where the parts of a chunk lie in the file.
struct ChunkPlaces: Sendable {
  var pages = 0
  var bloomFilter: Range<Int>?
  var columnIndex: Range<Int>?
  var offsetIndex: Range<Int>?
}

extension EncodedChunk {
  /// Writes the column chunk's structure of the footer.
  func writeMetadata(
    to writer: inout ThriftWriter,
    _ field: Field,
    _ places: ChunkPlaces,
    _ codec: PageCodec
  ) {
    let physicalType = field.type.physicalType
    let hasDictionary = dictionaryPageByteCount > 0
    var encodings = [PageEncoding.rle, encoding]
    if hasDictionary { encodings.append(.plain) }
    writer.int64(2, 0)
    writer.structure(3) { metadata in
      metadata.int32(1, physicalType.rawValue)
      metadata.list(2, of: ThriftType.int32, count: encodings.count)
      for encoding in encodings { metadata.element(encoding.rawValue) }
      metadata.list(3, of: ThriftType.binary, count: 1)
      metadata.element(Array(field.name.utf8))
      metadata.int32(4, codec.rawValue)
      metadata.int64(5, valueCount)
      metadata.int64(6, contentByteCount)
      metadata.int64(7, byteCount)
      metadata.int64(9, places.pages + dictionaryPageByteCount)
      if hasDictionary { metadata.int64(11, places.pages) }
      metadata.structure(12) {
        bounds.statistics(missingCount: missingCount, physicalType: physicalType).write(to: &$0)
      }
      if let place = places.bloomFilter {
        metadata.int64(14, place.lowerBound)
        metadata.int32(15, place.count)
      }
    }
    if let place = places.offsetIndex {
      writer.int64(4, place.lowerBound)
      writer.int32(5, place.count)
    }
    if let place = places.columnIndex {
      writer.int64(6, place.lowerBound)
      writer.int32(7, place.count)
    }
  }
}
