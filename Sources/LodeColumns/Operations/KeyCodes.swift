internal import LodeRuntime

/// A number for each row, the same for equal keys, counted in order of first occurrence.
struct KeyCodes: Sendable {
  /// The number of each row, `0..<count`.
  let codes: [UInt32]
  /// The first row of each number.
  let firstRows: [UInt32]

  var count: Int { firstRows.count }

  /// Keys within this many numbers are looked up in a plain table.
  private static let denseLimit = 1 << 22
  /// Rows that one thread spreads over the partitions at a time.
  private static let chunkSize = 1 << 16
  private static let partitionBits = 6

  /// The numbers of the cells of a column; missing cells are equal to each other.
  ///
  /// - Complexity: O(`n`); texts and whole numbers close to each other need no hashing.
  init(_ column: Column) {
    precondition(column.count <= Int(UInt32.max), "\(column.count) rows")
    switch column.storage {
    case .texts(let codes, let dictionary):
      self.init(dense: codes, bound: dictionary.count, validity: column.validity)
    case .booleans(let cells):
      self.init(dense: cells.map { $0 ? 1 : 0 }, bound: 2, validity: column.validity)
    case .integers(let cells):
      self.init(keys: cells, validity: column.validity)
    case .doubles(let cells):
      let keys = cells.map { Int64(bitPattern: ($0 + 0).bitPattern) }
      self.init(keys: keys, validity: column.validity)
    }
  }

  /// The numbers of pairs of numbers.
  init(_ left: KeyCodes, _ right: KeyCodes) {
    // Both are below 2³², so the product does not overflow as an unsigned number.
    let width = UInt64(right.count)
    var keys = [Int64](repeating: 0, count: left.codes.count)
    var output = keys.mutableSpan
    let (a, b) = (left.codes.span, right.codes.span)
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
    self.codes = codes
    self.firstRows = firstRows
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

  private init(keys: [Int64], validity: [Bool]?) {
    guard let least = keys.min(), let most = keys.max() else {
      self.init(codes: [], firstRows: [])
      return
    }
    let (range, isFar) = most.subtractingReportingOverflow(least)
    if !isFar, range < Int64(max(Self.denseLimit, keys.count)) {
      let offsets = keys.map { UInt32(truncatingIfNeeded: $0 &- least) }
      self.init(dense: offsets, bound: Int(range) + 1, validity: validity)
    } else if let validity {
      let present = KeyCodes(inRuns: keys)
      self.init(dense: present.codes, bound: present.count, validity: validity)
    } else {
      self.init(inRuns: keys)
    }
  }

  /// Numbers for any keys; of neighbours with equal keys, as the lines of an order, one is looked
  /// up for all.
  private init(inRuns keys: [Int64]) {
    let heads = runHeads(keys.span)
    guard heads.count * 2 <= keys.count else {
      self.init(hashing: keys)
      return
    }
    let ofHeads = KeyCodes(hashing: heads.map { keys[Int($0)] })
    var codes = [UInt32](repeating: 0, count: keys.count)
    var output = codes.mutableSpan
    for (place, head) in heads.enumerated() {
      let end = place + 1 < heads.count ? Int(heads[place + 1]) : keys.count
      let code = ofHeads.codes[place]
      for row in Int(head)..<end { output[row] = code }
    }
    self.init(codes: codes, firstRows: ofHeads.firstRows.map { heads[Int($0)] })
  }

  /// Numbers for any keys: rows are spread by hash over partitions, each with a table of its own
  /// that stays in the cache.
  private init(hashing keys: [Int64]) {
    let chunks = Parallel.map(rows: keys.count, chunkSize: Self.chunkSize) { rows in
      SpreadRows(keys.span, rows, partitionBits: Self.partitionBits)
    }
    let tables = Parallel.map(1 << Self.partitionBits) { partition in
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

  init(_ chunks: [SpreadRows], _ partition: Int) {
    var distinct: [Int64] = []
    var slots = [Int32](repeating: -1, count: 1024)
    for chunk in chunks {
      let range = chunk.starts[partition]..<chunk.starts[partition + 1]
      var codes: [UInt32] = []
      codes.reserveCapacity(range.count)
      for place in range {
        let key = chunk.keys[place]
        var slot = Int(truncatingIfNeeded: mixedBits(key)) & (slots.count - 1)
        while slots[slot] >= 0, distinct[Int(slots[slot])] != key {
          slot = (slot + 1) & (slots.count - 1)
        }
        if slots[slot] < 0 {
          slots[slot] = Int32(truncatingIfNeeded: distinct.count)
          distinct.append(key)
          firstRows.append(UInt32(truncatingIfNeeded: chunk.firstRow + Int(chunk.rows[place])))
        }
        codes.append(UInt32(truncatingIfNeeded: slots[slot]))
        if distinct.count * 2 > slots.count { Self.grow(&slots, distinct) }
      }
      localCodes.append(codes)
    }
  }

  private static func grow(_ slots: inout [Int32], _ distinct: [Int64]) {
    slots = Array(repeating: -1, count: slots.count * 4)
    for (code, key) in distinct.enumerated() {
      var slot = Int(truncatingIfNeeded: mixedBits(key)) & (slots.count - 1)
      while slots[slot] >= 0 { slot = (slot + 1) & (slots.count - 1) }
      slots[slot] = Int32(truncatingIfNeeded: code)
    }
  }
}

/// The first row of each run of equal keys.
private func runHeads(_ keys: Span<Int64>) -> [UInt32] {
  var heads: [UInt32] = []
  heads.reserveCapacity(keys.count / 4)
  var last: Int64 = 0
  for row in keys.indices where row == 0 || keys[row] != last {
    last = keys[row]
    heads.append(UInt32(truncatingIfNeeded: row))
  }
  return heads
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
