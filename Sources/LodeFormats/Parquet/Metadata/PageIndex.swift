/// Where a page lies and what its values are between.
struct PageEntry: Sendable {
  /// The first row of the page in its row group.
  var firstRow = 0
  /// The number of rows.
  var rowCount = 0
  /// Where the page's header begins: in the chunk while it is written, in the file when read.
  var offset = 0
  /// The bytes of header and content.
  var byteCount = 0
  /// The number of missing values.
  var missingCount = 0
  /// The bounds of the present values.
  var bounds = ValueBounds.none
}

/// The column index and the offset index of a column chunk.
///
/// - Source: Apache Parquet, "Page Index".
enum PageIndex {
  /// The bytes of the offset index.
  static func offsetIndex(_ pages: [PageEntry], chunkOffset: Int) -> [UInt8] {
    var writer = ThriftWriter()
    writer.structure { index in
      index.list(1, of: ThriftType.structure, count: pages.count)
      for page in pages {
        index.structure { location in
          location.int64(1, chunkOffset + page.offset)
          location.int32(2, page.byteCount)
          location.int64(3, page.firstRow)
        }
      }
    }
    return writer.bytes
  }

  /// The bytes of the column index; nil if some page has values without bounds.
  static func columnIndex(_ pages: [PageEntry], _ physicalType: PhysicalType) -> [UInt8]? {
    let all = pages.map {
      $0.bounds.statistics(missingCount: $0.missingCount, physicalType: physicalType)
    }
    for (page, statistics) in zip(pages, all) where page.missingCount < page.rowCount {
      guard statistics.minimum != nil, statistics.maximum != nil else { return nil }
    }
    var writer = ThriftWriter()
    writer.structure { index in
      index.list(1, of: ThriftType.isTrue, count: pages.count)
      for page in pages { index.booleanElement(page.missingCount == page.rowCount) }
      index.list(2, of: ThriftType.binary, count: pages.count)
      for statistics in all { index.element(statistics.minimum ?? []) }
      index.list(3, of: ThriftType.binary, count: pages.count)
      for statistics in all { index.element(statistics.maximum ?? []) }
      index.int32(4, order(pages))
      index.list(5, of: ThriftType.int64, count: pages.count)
      for page in pages { index.element(page.missingCount) }
    }
    return writer.bytes
  }

  /// 1 if the bounds of the pages rise, 2 if they fall, 0 otherwise.
  private static func order(_ pages: [PageEntry]) -> Int {
    var rises = true
    var falls = true
    var previous: ValueBounds?
    for page in pages where page.missingCount < page.rowCount {
      if let previous {
        rises = rises && previous.isNotAbove(page.bounds)
        falls = falls && page.bounds.isNotAbove(previous)
      }
      previous = page.bounds
    }
    return rises ? 1 : falls ? 2 : 0
  }
}

extension ValueBounds {
  /// Whether neither bound is greater than the other's.
  fileprivate func isNotAbove(_ other: ValueBounds) -> Bool {
    switch (self, other) {
    case (.integers(let a, let b), .integers(let c, let d)): a <= c && b <= d
    case (.doubles(let a, let b), .doubles(let c, let d)): a <= c && b <= d
    case (.booleans(let a, let b), .booleans(let c, let d)): (!a || c) && (!b || d)
    case (.texts(let a, let b), .texts(let c, let d)):
      // Bounds are cut, so equal ones may stand for different texts: the cut ones are compared.
      !TextBound.lower(c).lexicographicallyPrecedes(TextBound.lower(a))
        && !(TextBound.upper(d) ?? d).lexicographicallyPrecedes(TextBound.upper(b) ?? b)
    default: false
    }
  }
}
