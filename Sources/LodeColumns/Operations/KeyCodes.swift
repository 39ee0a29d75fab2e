internal import LodeRuntime

/// A number for each row, the same for equal keys, counted in order of first occurrence.
///
/// Neighbours with equal keys, as the lines of an order, are one run and looked up once.
struct KeyCodes: Sendable {
  /// The first row of each run; nil where every row is a run of its own.
  let heads: [UInt32]?
  /// The number of each run, `0..<count`.
  let codes: [UInt32]
  /// The first row of each number.
  let firstRows: [UInt32]
  /// The number of rows.
  let rowCount: Int

  var count: Int { firstRows.count }

  /// The number of each row.
  var rowCodes: [UInt32] {
    guard heads != nil else { return codes }
    var rows = [UInt32](repeating: 0, count: rowCount)
    var output = rows.mutableSpan
    for run in codes.indices {
      let code = codes[run]
      for row in self.rows(ofRun: run) { output[row] = code }
    }
    return rows
  }

  /// The rows of a run.
  @inline(__always)
  func rows(ofRun run: Int) -> Range<Int> {
    guard let heads else { return run..<run + 1 }
    let end = run + 1 < heads.count ? Int(heads[run + 1]) : rowCount
    return Int(heads[run])..<end
  }

  /// Keys within this many numbers are looked up in a plain table.
  private static let denseLimit = 1 << 22
  /// Rows that one thread works on at a time.
  private static let chunkSize = 1 << 16
  /// The partitions of many keys are more, so that the table of each stays in the cache.
  private static func partitionBits(_ keyCount: Int) -> Int { keyCount > 1 << 18 ? 8 : 6 }

  /// The numbers of the cells of a column; missing cells are equal to each other.
  ///
  /// - Complexity: O(`n`); texts and whole numbers close to each other need no hashing.
  init(_ column: Column) {
    precondition(column.count <= Int(UInt32.max), "\(column.count) rows")
    let validity = column.validity
    switch column.storage {
    case .texts(let codes, let dictionary):
      self.init(runs: Runs(codes, validity, chunkSize: Self.chunkSize)) {
        KeyCodes(dense: $0, bound: dictionary.count, validity: $1)
      }
    case .booleans(let cells):
      self.init(dense: cells.map { $0 ? 1 : 0 }, bound: 2, validity: validity)
    case .integers(let cells):
      self.init(keys: cells, validity: validity)
    case .doubles(let cells):
      let keys = cells.map { Int64(bitPattern: ($0 + 0).bitPattern) }
      self.init(keys: keys, validity: validity)
    }
  }

  /// The numbers of pairs of numbers.
  init(_ left: KeyCodes, _ right: KeyCodes) {
    // Both are below 2³², so the product does not overflow as an unsigned number.
    let width = UInt64(right.count)
    let (leftCodes, rightCodes) = (left.rowCodes, right.rowCodes)
    var keys = [Int64](repeating: 0, count: leftCodes.count)
    var output = keys.mutableSpan
    let (a, b) = (leftCodes.span, rightCodes.span)
    for row in a.indices {
      output[row] = Int64(bitPattern: UInt64(a[row]) * width + UInt64(b[row]))
    }
    self.init(keys: keys, validity: nil)
  }

  /// The numbers of rows by three and more columns: all cells of a row are mixed into one key, and
  /// every row is then compared with the first of its number.
  ///
  /// Nil for fewer columns, and where different rows have the same mixed key, which in a million
  /// tables happens to none.
  init?(mixing columns: [Column]) {
    guard columns.count >= 3 else { return nil }
    let chunks = Parallel.map(rows: columns[0].count, chunkSize: Self.chunkSize) { rows in
      var keys = [Int64](repeating: 0, count: rows.count)
      for column in columns { column.mix(rows, into: &keys) }
      return keys
    }
    let mixed = KeyCodes(hashing: chunks.flatMap(\.self))
    let (codes, firstRows) = (mixed.codes, mixed.firstRows)
    let areRight = Parallel.map(rows: codes.count, chunkSize: Self.chunkSize) { rows in
      rows.allSatisfy { row in
        let first = Int(firstRows[Int(codes[row])])
        return first == row || columns.allSatisfy { $0.hasEqualCells(row, first) }
      }
    }
    guard areRight.allSatisfy(\.self) else { return nil }
    self = mixed
  }

  private init(codes: [UInt32], firstRows: [UInt32]) {
    self.init(heads: nil, codes: codes, firstRows: firstRows, rowCount: codes.count)
  }

  private init(heads: [UInt32]?, codes: [UInt32], firstRows: [UInt32], rowCount: Int) {
    self.heads = heads
    self.codes = codes
    self.firstRows = firstRows
    self.rowCount = rowCount
  }

  /// The numbers of rows from those of the heads of their runs.
  private init<Key>(runs: Runs<Key>, _ numbering: ([Key], [Bool]?) -> KeyCodes) {
    let numbered = numbering(runs.keys, runs.validity)
    guard let heads = runs.heads else {
      self = numbered
      return
    }
    self.init(
      heads: heads,
      codes: numbered.codes,
      firstRows: numbered.firstRows.map { heads[Int($0)] },
      rowCount: runs.rowCount
    )
  }

  /// Numbers for keys below a bound, by a table of the bound.
  private init(dense keys: [UInt32], bound: Int, validity: [Bool]?) {
    var codes = keys
    if let validity {
      // Missing cells have the key behind all others.
      for row in codes.indices where !validity[row] {
        codes[row] = UInt32(truncatingIfNeeded: bound)
      }
    }
    var numbers = [UInt32](repeating: .max, count: bound + 1)
    var firstRows: [UInt32] = []
    var cells = codes.mutableSpan
    var table = numbers.mutableSpan
    for row in cells.indices {
      let key = Int(cells[row])
      if table[key] == .max {
        table[key] = UInt32(truncatingIfNeeded: firstRows.count)
        firstRows.append(UInt32(truncatingIfNeeded: row))
      }
      cells[row] = table[key]
    }
    self.init(codes: codes, firstRows: firstRows)
  }

  /// Numbers for whole numbers; missing ones are equal to each other.
  private init(keys: [Int64], validity: [Bool]?) {
    self.init(runs: Runs(keys, validity, chunkSize: Self.chunkSize)) { keys, validity in
      guard let least = keys.min(), let most = keys.max() else {
        return KeyCodes(codes: [], firstRows: [])
      }
      let (range, isFar) = most.subtractingReportingOverflow(least)
      if !isFar, range < Int64(max(Self.denseLimit, keys.count)) {
        let offsets = keys.map { UInt32(truncatingIfNeeded: $0 &- least) }
        return KeyCodes(dense: offsets, bound: Int(range) + 1, validity: validity)
      }
      let present = KeyCodes(hashing: keys)
      guard let validity else { return present }
      return KeyCodes(dense: present.codes, bound: present.count, validity: validity)
    }
  }

  /// Numbers for any keys: rows are spread by hash over partitions, each with a table of its own
  /// that stays in the cache.
  private init(hashing keys: [Int64]) {
    let bits = Self.partitionBits(keys.count)
    let chunks = Parallel.map(rows: keys.count, chunkSize: Self.chunkSize) { rows in
      SpreadRows(keys.span, rows, partitionBits: bits)
    }
    let tables = Parallel.map(1 << bits) { partition in
      PartitionTable(chunks, partition)
    }
    // A row that is the first of its key gets the next number.
    var numberOfRow = [UInt32](repeating: .max, count: keys.count)
    for table in tables { for row in table.firstRows { numberOfRow[Int(row)] = 0 } }
    var firstRows: [UInt32] = []
    for row in numberOfRow.indices where numberOfRow[row] == 0 {
      numberOfRow[row] = UInt32(truncatingIfNeeded: firstRows.count)
      firstRows.append(UInt32(truncatingIfNeeded: row))
    }
    let numbers = tables.map { table in table.firstRows.map { numberOfRow[Int($0)] } }
    let parts = Parallel.map(chunks.count) { chunk in
      chunks[chunk]
        .codes { partition, place in
          numbers[partition][Int(tables[partition].localCodes[chunk][place])]
        }
    }
    var codes: [UInt32] = []
    codes.reserveCapacity(keys.count)
    for part in parts { codes += part }
    self.init(codes: codes, firstRows: firstRows)
  }
}

/// The rows of a chunk ordered by the partition of their keys.
private struct SpreadRows: Sendable {
  let firstRow: Int
  /// Where each partition begins, and one more.
  let starts: [Int]
  let keys: [Int64]
  /// The rows, counted from the first of the chunk.
  let rows: [UInt16]

  init(_ all: Span<Int64>, _ range: Range<Int>, partitionBits: Int) {
    let partitionCount = 1 << partitionBits
    var starts = [Int](repeating: 0, count: partitionCount + 1)
    var partitions = [UInt8](repeating: 0, count: range.count)
    for row in range {
      let partition = mixedBits(all[row]) >> UInt64(64 - partitionBits)
      partitions[row - range.lowerBound] = UInt8(truncatingIfNeeded: partition)
      starts[Int(partition) + 1] += 1
    }
    for partition in 0..<partitionCount { starts[partition + 1] += starts[partition] }
    self.starts = starts
    var keys = [Int64](repeating: 0, count: range.count)
    var rows = [UInt16](repeating: 0, count: range.count)
    for place in 0..<range.count {
      let partition = Int(partitions[place])
      keys[starts[partition]] = all[range.lowerBound + place]
      rows[starts[partition]] = UInt16(truncatingIfNeeded: place)
      starts[partition] += 1
    }
    self.keys = keys
    self.rows = rows
    firstRow = range.lowerBound
  }

  /// The code of every row of the chunk, found from its partition and its place there.
  func codes(_ code: (_ partition: Int, _ place: Int) -> UInt32) -> [UInt32] {
    var codes = [UInt32](repeating: 0, count: rows.count)
    for partition in 0..<starts.count - 1 {
      for place in starts[partition]..<starts[partition + 1] {
        codes[Int(rows[place])] = code(partition, place - starts[partition])
      }
    }
    return codes
  }
}

/// The distinct keys of one partition.
private struct PartitionTable: Sendable {
  /// The first row of each distinct key, in order of rows.
  private(set) var firstRows: [UInt32] = []
  /// For each chunk the place in `firstRows` of the key of each of its rows in this partition.
  private(set) var localCodes: [[UInt32]] = []

  /// A place of the table: a key and its place in `firstRows`; -1 for none.
  private struct Slot {
    var key: Int64
    var code: Int32
  }

  init(_ chunks: [SpreadRows], _ partition: Int) {
    // Room for a quarter of the rows, so that few keys stay close and many make it grow once.
    let rowCount = chunks.reduce(0) { $0 + $1.starts[partition + 1] - $1.starts[partition] }
    var size = 1024
    while size < min(rowCount / 2, 1 << 16) { size *= 2 }
    var slots = [Slot](repeating: Slot(key: 0, code: -1), count: size)
    localCodes.reserveCapacity(chunks.count)
    for chunk in chunks {
      let range = chunk.starts[partition]..<chunk.starts[partition + 1]
      localCodes.append(Self.number(chunk, range, &slots, &firstRows))
    }
  }

  /// The numbers of some keys, of which the new ones enter the table.
  private static func number(
    _ chunk: SpreadRows,
    _ range: Range<Int>,
    _ slots: inout [Slot],
    _ firstRows: inout [UInt32]
  ) -> [UInt32] {
    var distinctCount = firstRows.count
    while (distinctCount + range.count) * 2 > slots.count { grow(&slots) }
    firstRows.append(contentsOf: repeatElement(0, count: range.count))
    var codes = [UInt32](repeating: 0, count: range.count)
    var output = codes.mutableSpan
    var rows = firstRows.mutableSpan
    var table = slots.mutableSpan
    let keys = chunk.keys.span
    let mask = table.count - 1
    for place in range {
      let key = keys[place]
      var slot = Int(truncatingIfNeeded: mixedBits(key)) & mask
      while table[slot].code >= 0, table[slot].key != key { slot = (slot + 1) & mask }
      if table[slot].code < 0 {
        table[slot] = Slot(key: key, code: Int32(truncatingIfNeeded: distinctCount))
        rows[distinctCount] = UInt32(truncatingIfNeeded: chunk.firstRow + Int(chunk.rows[place]))
        distinctCount += 1
      }
      output[place - range.lowerBound] = UInt32(bitPattern: table[slot].code)
    }
    firstRows.removeLast(firstRows.count - distinctCount)
    return codes
  }

  private static func grow(_ slots: inout [Slot]) {
    let before = slots
    slots = Array(repeating: Slot(key: 0, code: -1), count: before.count * 4)
    var table = slots.mutableSpan
    for filled in before where filled.code >= 0 {
      var slot = Int(truncatingIfNeeded: mixedBits(filled.key)) & (table.count - 1)
      while table[slot].code >= 0 { slot = (slot + 1) & (table.count - 1) }
      table[slot] = filled
    }
  }
}

/// Neighbours with equal keys; missing cells are equal to each other.
private struct Runs<Key: FixedWidthInteger & Sendable>: Sendable {
  let rowCount: Int
  /// The first row of each run; nil where runs would not spare half of the rows.
  let heads: [UInt32]?
  /// The key of each run, or of each row.
  let keys: [Key]
  /// Whether the key of each run, or of each row, is there; nil if all are.
  let validity: [Bool]?

  init(_ cells: [Key], _ cellValidity: [Bool]?, chunkSize: Int) {
    rowCount = cells.count
    let parts = Parallel.map(rows: cells.count, chunkSize: chunkSize) { rows in
      runHeads(cells.span, cellValidity, rows)
    }
    let count = parts.reduce(0) { $0 + $1.count }
    guard count * 2 <= cells.count else {
      (heads, keys, validity) = (nil, cells, cellValidity)
      return
    }
    var heads: [UInt32] = []
    heads.reserveCapacity(count)
    for part in parts { heads += part }
    self.heads = heads
    keys = heads.map { cells[Int($0)] }
    validity = cellValidity.map { validity in heads.map { validity[Int($0)] } }
  }
}

/// The rows of a range that differ from the row before.
private func runHeads<Key: FixedWidthInteger>(
  _ keys: Span<Key>,
  _ validity: [Bool]?,
  _ range: Range<Int>
) -> ArraySlice<UInt32> {
  // Every row is written; the place moves on behind a head only, which needs no branch.
  var heads = [UInt32](repeating: 0, count: range.count + 1)
  var output = heads.mutableSpan
  var count = 0
  var row = range.lowerBound
  if row == 0, range.count > 0 {
    count = 1
    row = 1
  }
  if let validity {
    let isThere = validity.span
    while row < range.upperBound {
      output[count] = UInt32(truncatingIfNeeded: row)
      let isHead = keys[row] != keys[row - 1] || isThere[row] != isThere[row - 1]
      count += isHead ? 1 : 0
      row += 1
    }
  } else {
    while row < range.upperBound {
      output[count] = UInt32(truncatingIfNeeded: row)
      count += keys[row] != keys[row - 1] ? 1 : 0
      row += 1
    }
  }
  return heads[..<count]
}

/// A key with its bits mixed; equal bits for equal keys only.
@inline(__always)
private func mixedBits(_ key: Int64) -> UInt64 {
  var hash = UInt64(bitPattern: key) &* 0x9E37_79B9_7F4A_7C15
  hash ^= hash >> 32
  hash = hash &* 0xD6E8_FEB8_6659_FD93
  return hash ^ hash >> 29
}

extension Column {
  /// Mixes the cells of some rows into their keys.
  fileprivate func mix(_ rows: Range<Int>, into keys: inout [Int64]) {
    func add(_ cell: (Int) -> Int64) {
      for row in rows {
        let value = isMissing(row) ? 0x5851_F42D_4C95_7F2D : cell(row)
        let place = row - rows.lowerBound
        keys[place] = Int64(bitPattern: mixedBits(keys[place] ^ value &* 0x2545_F491_4F6C_DD1D))
      }
    }
    switch storage {
    case .integers(let cells): add { cells[$0] }
    case .booleans(let cells): add { cells[$0] ? 1 : 0 }
    case .doubles(let cells): add { Int64(bitPattern: (cells[$0] + 0).bitPattern) }
    case .texts(let codes, _): add { Int64(codes[$0]) }
    }
  }

  /// Whether two cells are equal; missing cells are equal to each other, and so are 0 and -0.
  fileprivate func hasEqualCells(_ left: Int, _ right: Int) -> Bool {
    if isMissing(left) || isMissing(right) { return isMissing(left) && isMissing(right) }
    switch storage {
    case .integers(let cells): return cells[left] == cells[right]
    case .booleans(let cells): return cells[left] == cells[right]
    case .doubles(let cells):
      return (cells[left] + 0).bitPattern == (cells[right] + 0).bitPattern
    case .texts(let codes, _): return codes[left] == codes[right]
    }
  }
}
