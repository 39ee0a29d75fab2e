extension PageIndex {
  /// The pages of a chunk as its offset index tells; nil if there is none or it makes no sense.
  static func pages(
    of chunk: ColumnChunkMetadata,
    rowCount: Int,
    in source: ByteSource
  ) -> [PageEntry]? {
    guard let offset = chunk.offsetIndexOffset,
      let bytes = bytes(at: offset, chunk.offsetIndexByteCount, in: source),
      let place = try? chunk.place(in: source),
      var pages = try? locations(bytes), pages.first?.firstRow == 0
    else { return nil }
    for index in pages.indices {
      let next = index + 1 < pages.count ? pages[index + 1].firstRow : rowCount
      let page = pages[index]
      guard next >= page.firstRow, next <= rowCount, page.byteCount > 0,
        page.offset >= place.lowerBound, page.byteCount <= place.upperBound - page.offset
      else { return nil }
      pages[index].rowCount = next - page.firstRow
    }
    return pages
  }

  private static func locations(_ bytes: [UInt8]) throws(ParquetError.Reason) -> [PageEntry] {
    var reader = ThriftReader(ByteCursor(bytes))
    var pages: [PageEntry] = []
    var last = 0
    while let field = try reader.nextField(after: &last) {
      guard field.id == 1 else {
        try reader.skip(field)
        continue
      }
      for _ in 0..<(try reader.list(field, of: ThriftType.structure)) {
        var page = PageEntry()
        var inner = 0
        while let part = try reader.nextField(after: &inner) {
          switch part.id {
          case 1: page.offset = try reader.integer(part)
          case 2: page.byteCount = try reader.integer(part)
          case 3: page.firstRow = try reader.integer(part)
          default: try reader.skip(part)
          }
        }
        pages.append(page)
      }
    }
    return pages
  }

  /// For each page whether some value may fulfil the predicate; nil if nothing is known.
  static func mayMatch(
    _ predicate: BoundPredicate,
    _ chunk: ColumnChunkMetadata,
    pageCount: Int,
    in source: ByteSource
  ) -> [Bool]? {
    guard let offset = chunk.columnIndexOffset,
      let bytes = bytes(at: offset, chunk.columnIndexByteCount, in: source),
      let index = try? columnIndex(bytes), index.isEmpty.count == pageCount,
      index.minima.count == pageCount, index.maxima.count == pageCount
    else { return nil }
    return (0..<pageCount)
      .map { page in
        if index.isEmpty[page] { return false }
        let bounds = predicate.column.bounds(
          minimum: index.minima[page],
          maximum: index.maxima[page]
        )
        return bounds.map { predicate.mayMatch($0) } ?? true
      }
  }

  private static func columnIndex(
    _ bytes: [UInt8]
  ) throws(ParquetError.Reason) -> (isEmpty: [Bool], minima: [[UInt8]], maxima: [[UInt8]]) {
    var reader = ThriftReader(ByteCursor(bytes))
    var isEmpty: [Bool] = []
    var bounds: [[[UInt8]]] = [[], []]
    var last = 0
    while let field = try reader.nextField(after: &last) {
      switch field.id {
      case 1: isEmpty = try reader.booleans(field)
      case 2, 3:
        for _ in 0..<(try reader.list(field, of: ThriftType.binary)) {
          bounds[field.id - 2].append(try reader.binaryElement())
        }
      default: try reader.skip(field)
      }
    }
    return (isEmpty, bounds[0], bounds[1])
  }

  private static func bytes(at offset: Int, _ count: Int, in source: ByteSource) -> [UInt8]? {
    guard offset >= 4, count > 0, offset <= source.byteCount, count <= source.byteCount - offset
    else { return nil }
    return try? source.bytes(in: offset..<(offset + count))
  }
}
