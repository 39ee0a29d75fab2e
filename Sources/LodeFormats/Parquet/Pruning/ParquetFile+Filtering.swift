public import LodeColumns
internal import LodeRuntime

extension ParquetFile {
  /// The rows that fulfil all conditions, and of them the named columns.
  ///
  /// Row groups are passed over by their bounds and Bloom filters, pages by the page index; what is
  /// left is decoded and filtered exactly. Statistics that make no sense are not used.
  ///
  /// - Parameters:
  ///   - names: the columns in the wanted order; nil for all that can be read.
  ///   - groups: the row groups; nil for all.
  ///   - predicates: the conditions.
  ///   - verifiesChecksums: whether checksums of pages are checked where there are any.
  /// - Returns: the rows in file order.
  /// - Throws: ``ParquetError`` with row group, column and page.
  public func read(
    columns names: [String]? = nil,
    rowGroups groups: Range<Int>? = nil,
    where predicates: [ParquetPredicate],
    verifiesChecksums: Bool = true
  ) throws(ParquetError) -> Table {
    let selected = try selection(names)
    let conditions = try bound(predicates)
    let groups = (groups ?? 0..<rowGroupCount).clamped(to: 0..<rowGroupCount)
    if verifiesChecksums { try requireIndexSeal() }
    let parts = try Parallel.map(groups.count) { (task: Int) throws(ParquetError) -> Table? in
      try filtered(groups.lowerBound + task, selected, conditions, verifiesChecksums)
    }
    let kept = parts.compactMap(\.self)
    guard !kept.isEmpty else { return Table(emptyWith: Schema(selected.map(\.field))) }
    return Table.concatenating(kept)
  }

  /// The row groups in which rows may fulfil all conditions, by bounds and Bloom filters.
  ///
  /// - Throws: ``ParquetError`` for unknown columns and values of another type.
  public func rowGroups(
    where predicates: [ParquetPredicate]
  ) throws(ParquetError) -> [Int] {
    let conditions = try bound(predicates)
    return (0..<rowGroupCount).filter { mayMatch($0, conditions) }
  }

  private func bound(
    _ predicates: [ParquetPredicate]
  ) throws(ParquetError) -> [BoundPredicate] {
    var conditions: [BoundPredicate] = []
    for predicate in predicates {
      let column = try selection([predicate.column])[0]
      do throws(ParquetError.Reason) {
        conditions.append(try BoundPredicate(predicate, column))
      } catch {
        throw ParquetError(error, file: name, column: predicate.column)
      }
    }
    return conditions
  }

  private func requireIndexSeal() throws(ParquetError) {
    guard let indexSeal else { return }
    do throws(ParquetError.Reason) {
      guard try FooterSeal.indexHolds(indexSeal, in: source, footerAt: try source.footerStart())
      else { throw .checksum }
    } catch {
      throw ParquetError(error, file: name)
    }
  }

  private func mayMatch(_ group: Int, _ conditions: [BoundPredicate]) -> Bool {
    conditions.allSatisfy { condition in
      let chunk = rowGroups[group].columns[condition.column.leaf]
      if let statistics = chunk.statistics {
        if statistics.missingCount == rowGroups[group].rowCount { return false }
        let isOrdered =
          condition.column.leaf < columnOrders.count
          && (1...2).contains(columnOrders[condition.column.leaf])
        if isOrdered,
          let bounds = condition.column.bounds(
            minimum: statistics.minimum,
            maximum: statistics.maximum
          ), !condition.mayMatch(bounds)
        {
          return false
        }
      }
      guard let hashes = condition.hashes, let filter = bloomFilter(of: chunk) else { return true }
      return hashes.contains { filter.mayContain($0) }
    }
  }

  private func bloomFilter(of chunk: ColumnChunkMetadata) -> BloomFilter? {
    guard let offset = chunk.bloomFilterOffset, offset >= 4, offset < source.byteCount,
      let head = try? source.bytes(in: offset..<min(offset + 64, source.byteCount)),
      let header = try? BloomFilter.header(of: head), header.isKnown,
      (0...(1 << 27)).contains(header.byteCount),
      header.end + header.byteCount <= source.byteCount - offset,
      let all = try? source.bytes(in: offset..<(offset + header.end + header.byteCount))
    else { return nil }
    return try? BloomFilter(all)
  }

  /// The matching rows of a row group, nil if there are none.
  private func filtered(
    _ group: Int,
    _ selected: [ReadableColumn],
    _ conditions: [BoundPredicate],
    _ verifiesChecksums: Bool
  ) throws(ParquetError) -> Table? {
    guard mayMatch(group, conditions) else { return nil }
    let ranges = candidates(group, conditions)
    guard !ranges.isEmpty else { return nil }
    var known: [Int: Column] = [:]
    var isKept = [Bool](repeating: true, count: ranges.reduce(0) { $0 + $1.count })
    for condition in conditions {
      let leaf = condition.column.leaf
      let column =
        if let column = known[leaf] { column } else {
          try read(condition.column, group, ranges, verifiesChecksums)
        }
      known[leaf] = column
      for (row, fits) in condition.matches(column).enumerated() where !fits { isKept[row] = false }
    }
    let rows = isKept.indices.filter { isKept[$0] }
    guard !rows.isEmpty else { return nil }
    var columns: [Column] = []
    for wanted in selected {
      let column =
        if let column = known[wanted.leaf] { column } else {
          try read(wanted, group, ranges, verifiesChecksums)
        }
      columns.append(rows.count == isKept.count ? column : column.gathering(rows))
    }
    return Table(Schema(selected.map(\.field)), columns)
  }

  /// The rows of a row group that are on pages where every condition may hold, in rising ranges.
  private func candidates(_ group: Int, _ conditions: [BoundPredicate]) -> [Range<Int>] {
    let rowCount = rowGroups[group].rowCount
    var ranges = rowCount > 0 ? [0..<rowCount] : []
    for condition in conditions {
      let chunk = rowGroups[group].columns[condition.column.leaf]
      guard let pages = PageIndex.pages(of: chunk, rowCount: rowCount, in: source),
        let fits = PageIndex.mayMatch(condition, chunk, pageCount: pages.count, in: source)
      else { continue }
      let kept = zip(pages, fits).filter(\.1)
        .map { $0.0.firstRow..<($0.0.firstRow + $0.0.rowCount) }
      ranges = Self.intersection(ranges, kept)
    }
    return ranges
  }

  /// The rows in ranges of both lists, each rising and without overlaps.
  static func intersection(_ left: [Range<Int>], _ right: [Range<Int>]) -> [Range<Int>] {
    var common: [Range<Int>] = []
    var i = 0
    var j = 0
    while i < left.count && j < right.count {
      let both = left[i].clamped(to: right[j])
      if !both.isEmpty {
        if let last = common.last, last.upperBound == both.lowerBound {
          common[common.count - 1] = last.lowerBound..<both.upperBound
        } else {
          common.append(both)
        }
      }
      if left[i].upperBound < right[j].upperBound { i += 1 } else { j += 1 }
    }
    return common
  }

  /// The cells of a column in some ranges of rows; only their pages are decoded if there is an
  /// offset index.
  private func read(
    _ column: ReadableColumn,
    _ group: Int,
    _ ranges: [Range<Int>],
    _ verifiesChecksums: Bool
  ) throws(ParquetError) -> Column {
    let rowCount = rowGroups[group].rowCount
    let chunk = rowGroups[group].columns[column.leaf]
    if ranges == [0..<rowCount] { return try read(column, group, verifiesChecksums) }
    guard let all = PageIndex.pages(of: chunk, rowCount: rowCount, in: source) else {
      let whole = try read(column, group, verifiesChecksums)
      return whole.gathering(ranges.flatMap { Array($0) })
    }
    let pages = all.filter { page in
      let rows = page.firstRow..<(page.firstRow + page.rowCount)
      return ranges.contains { $0.overlaps(rows) }
    }
    let decoded = try read(column, group, verifiesChecksums, pages: pages, first: all[0].offset)
    var places: [Int] = []
    var start = 0
    for page in pages {
      let rows = page.firstRow..<(page.firstRow + page.rowCount)
      for range in ranges {
        for row in range.clamped(to: rows) { places.append(start + row - page.firstRow) }
      }
      start += page.rowCount
    }
    return decoded.gathering(places)
  }
}
