internal import LodeColumns

/// The cells of one column of a document, appended piece by piece in file order.
struct CSVColumnStore: Sendable {
  let type: ColumnType
  private var integers: [Int64] = []
  private var doubles: [Double] = []
  private var booleans: [Bool] = []
  private var codes: [UInt32] = []
  private var texts = CSVTextPiece()
  /// One entry a cell, false where it is missing; empty if none is.
  private var validity: [Bool] = []
  private var count = 0
  private var capacity = 0
  /// Whether some cell does not fit the inferred type.
  private(set) var isTooNarrow = false
  /// Whether there are times with a zone.
  private(set) var hasZone = false
  /// Whether there are times without a zone.
  private(set) var lacksZone = false
  /// Whether there are texts that are not empty.
  private(set) var hasTexts = false

  /// A column without cells.
  init(type: ColumnType) { self.type = type }

  /// Makes room for cells at once: memory that is not used yet costs nothing.
  mutating func reserve(_ cells: Int) {
    // The estimate wanders a little; room is made anew only when it is short by far.
    guard cells > capacity + capacity / 8 || count * 8 > capacity * 7 else { return }
    capacity = max(cells, capacity)
    switch type {
    case .text: codes.reserveCapacity(cells)
    case .double: doubles.reserveCapacity(cells)
    case .boolean: booleans.reserveCapacity(cells)
    default: integers.reserveCapacity(cells)
    }
    if !validity.isEmpty { validity.reserveCapacity(cells) }
  }

  /// Appends the cells of some rows of a piece.
  mutating func append(_ piece: borrowing CSVColumnPiece, rows: Range<Int>) {
    isTooNarrow = isTooNarrow || piece.isTooNarrow
    hasZone = hasZone || piece.hasZone
    lacksZone = lacksZone || piece.lacksZone
    hasTexts = hasTexts || !piece.texts.bytes.isEmpty
    if isTooNarrow {
      (integers, doubles, booleans, codes, validity) = ([], [], [], [], [])
      return
    }
    if !piece.validity.isEmpty || !validity.isEmpty {
      if validity.isEmpty {
        validity.reserveCapacity(capacity)
        validity.append(contentsOf: repeatElement(true, count: count))
      }
      if piece.validity.isEmpty {
        validity.append(contentsOf: repeatElement(true, count: rows.count))
      } else {
        validity.append(contentsOf: piece.validity[rows])
      }
    }
    count += rows.count
    switch type {
    case .double: doubles.append(contentsOf: piece.doubles[rows])
    case .boolean: booleans.append(contentsOf: piece.booleans[rows])
    case .text: appendTexts(piece, rows)
    default: integers.append(contentsOf: piece.integers[rows])
    }
  }

  private mutating func appendTexts(_ piece: borrowing CSVColumnPiece, _ rows: Range<Int>) {
    let (span, ownCodes) = (piece.texts.bytes.span, piece.codes.span)
    // 0 where the text of the piece has not been looked up yet, else the code plus 1.
    var translation = [UInt32](repeating: 0, count: max(1, piece.texts.count))
    let base = codes.count
    codes.append(contentsOf: repeatElement(0, count: rows.count))
    var (taken, known): ([UInt32], CSVTextPiece) = ([], CSVTextPiece(capacity: 0))
    swap(&taken, &codes)
    swap(&known, &texts)
    var target = taken.mutableSpan
    let hasMissing = !piece.validity.isEmpty
    for row in rows {
      // A missing cell has code 0, whatever the texts are.
      if hasMissing, !piece.validity[row] { continue }
      let own = Int(ownCodes[row])
      var code = translation[own]
      if code == 0 {
        let start = piece.texts.offsets[own]
        let length = piece.texts.offsets[own &+ 1] &- start
        code = known.code(span, start, length, hash: piece.texts.hashes[own]) &+ 1
        translation[own] = code
      }
      target[base &+ row &- rows.lowerBound] = code &- 1
    }
    swap(&taken, &codes)
    swap(&known, &texts)
  }

  /// Forgets the cells of the given rows, which are sorted.
  mutating func remove(_ rows: [Int]) {
    guard !rows.isEmpty, !isTooNarrow else { return }
    var isKept = [Bool](repeating: true, count: count)
    for row in rows { isKept[row] = false }
    func kept<Cell>(_ cells: [Cell]) -> [Cell] {
      cells.indices.filter { isKept[$0] }.map { cells[$0] }
    }
    integers = kept(integers)
    doubles = kept(doubles)
    booleans = kept(booleans)
    codes = kept(codes)
    if !validity.isEmpty { validity = kept(validity) }
    count -= rows.count
  }

  /// The finished column; the store has no cells then, but still knows what it has seen.
  mutating func takeColumn() -> Column {
    let storage: Column.Storage
    switch type {
    case .double: storage = .doubles(doubles)
    case .boolean: storage = .booleans(booleans)
    case .text:
      texts.seal()
      if texts.count == 0 && count > 0 { texts = CSVTextPiece.ofOneEmptyText() }
      storage = .texts(codes: codes, dictionary: texts.dictionary)
    default: storage = .integers(integers)
    }
    let marks = validity.isEmpty ? nil : validity
    (integers, doubles, booleans, codes, validity) = ([], [], [], [], [])
    texts = CSVTextPiece()
    (count, capacity) = (0, 0)
    return Column(type: type, storage: storage, validity: marks)
  }
}
