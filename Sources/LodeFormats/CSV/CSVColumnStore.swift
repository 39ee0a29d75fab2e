internal import LodeColumns

/// The cells of one column of a document, appended piece by piece in file order.
struct CSVColumnStore: Sendable {
  let type: ColumnType
  private var integers: [Int64] = []
  private var doubles: [Double] = []
  private var booleans: [Bool] = []
  private var codes: [UInt32] = []
  private var texts = CSVTextPiece()
  /// The texts that are found by their numbers, a table for each form.
  private var tables: [CSVNumberTable] = []
  /// The texts that are not spelled yet, as numbers; `texts` has none then.
  private var unspelled = CSVNumberTexts()
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

  /// Makes room for `cells` at once if there is not enough for the `needed` ones: memory that is
  /// not used yet costs nothing, but making room again copies everything.
  mutating func reserve(_ cells: Int, needed: Int) {
    guard needed > capacity else { return }
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
    hasTexts = hasTexts || !piece.texts.bytes.isEmpty || piece.numbers != nil
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
    case .text:
      if let format = piece.numbers {
        appendNumbers(piece, rows, format)
      } else {
        appendTexts(piece, rows)
      }
    default: integers.append(contentsOf: piece.integers[rows])
    }
  }

  private mutating func appendTexts(_ piece: borrowing CSVColumnPiece, _ rows: Range<Int>) {
    let (span, ownCodes) = (piece.texts.bytes.span, piece.codes.span)
    // 0 where the text of the piece has not been looked up yet, else the code plus 1.
    var translation =
      tables.isEmpty
      ? texts.codesAtHand(piece.texts)
      : [UInt32](repeating: 0, count: max(1, piece.texts.count))
    let base = codes.count
    codes.append(contentsOf: repeatElement(0, count: rows.count))
    var taken: [UInt32] = []
    swap(&taken, &codes)
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
        code = self.code(span, start, length, hash: piece.texts.hashes[own]) &+ 1
        translation[own] = code
      }
      target[base &+ row &- rows.lowerBound] = code &- 1
    }
    swap(&taken, &codes)
  }

  /// The code of a text: by its number if its form has a table, else by its hash.
  private mutating func code(
    _ text: Span<UInt8>,
    _ start: Int,
    _ length: Int,
    hash: UInt64
  ) -> UInt32 {
    for index in tables.indices {
      guard let number = tables[index].format.number(text, start, length),
        let place = tables[index].place(number)
      else { continue }
      return code(of: number, at: place, in: index)
    }
    if texts.count == 0 { unspelled.spell(into: &texts) }
    return texts.code(text, start, length, hash: hash)
  }

  /// The code of a number that the table covers.
  private mutating func code(of number: UInt32, at place: Int, in index: Int) -> UInt32 {
    if place < tables[index].codes.count, tables[index].codes[place] > 0 {
      return tables[index].codes[place] - 1
    }
    let format = tables[index].format
    let code =
      texts.count == 0
      ? unspelled.add(number, format) : texts.addUnhashed(number, format)
    tables[index].set(code, at: place)
    return code
  }

  /// The table of a form, made if that can be: texts that have a hash already are found by it.
  private mutating func table(_ format: CSVNumberFormat, near number: UInt32) -> Int? {
    if let index = tables.firstIndex(where: { $0.format == format }) { return index }
    guard texts.hashedCount == 0, tables.count < 8 else { return nil }
    tables.append(CSVNumberTable(format, near: number))
    return tables.count - 1
  }

  private mutating func appendNumbers(
    _ piece: borrowing CSVColumnPiece,
    _ rows: Range<Int>,
    _ format: CSVNumberFormat
  ) {
    let numbers = piece.codes.span
    let hasMissing = !piece.validity.isEmpty
    let base = codes.count
    codes.append(contentsOf: repeatElement(0, count: rows.count))
    guard let first = rows.first(where: { !hasMissing || piece.validity[$0] }) else { return }
    let index = table(format, near: numbers[first])
    var taken: [UInt32] = []
    swap(&taken, &codes)
    var target = taken.mutableSpan
    var last: (number: UInt32, code: UInt32)?
    for row in rows {
      // A missing cell has code 0, whatever the texts are.
      if hasMissing, !piece.validity[row] { continue }
      let number = numbers[row]
      if last?.number != number {
        if let index, let place = tables[index].place(number) {
          last = (number, code(of: number, at: place, in: index))
        } else {
          let text = format.text(number)
          let hash = CSVTextPiece.hash(text.span, 0, text.count)
          if texts.count == 0 { unspelled.spell(into: &texts) }
          last = (number, texts.code(text.span, 0, text.count, hash: hash))
        }
      }
      target[base &+ row &- rows.lowerBound] = last?.code ?? 0
    }
    swap(&taken, &codes)
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

  /// Lets go of what only more cells would need: no more will come.
  mutating func seal() {
    tables = []
    texts.seal()
  }

  /// The finished column; the store has no cells then, but still knows what it has seen.
  mutating func takeColumn() -> Column {
    let storage: Column.Storage
    switch type {
    case .double: storage = .doubles(doubles)
    case .boolean: storage = .booleans(booleans)
    case .text:
      seal()
      if texts.count == 0 { unspelled.spell(into: &texts) }
      if texts.count == 0 && count > 0 { texts = CSVTextPiece.ofOneEmptyText() }
      storage = .texts(codes: codes, dictionary: texts.dictionary)
    default: storage = .integers(integers)
    }
    let marks = validity.isEmpty ? nil : validity
    (integers, doubles, booleans, codes, validity) = ([], [], [], [], [])
    texts = CSVTextPiece()
    (unspelled, tables) = (CSVNumberTexts(), [])
    (count, capacity) = (0, 0)
    return Column(type: type, storage: storage, validity: marks)
  }
}
