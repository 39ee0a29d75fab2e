internal import LodeColumns

/// Distinct texts with codes in order of first occurrence, made for many short texts.
struct CSVTextPiece: Sendable {
  /// The bytes of all texts, one after the other.
  private(set) var bytes: [UInt8] = []
  /// Where each text starts, and one more.
  private(set) var offsets: [Int] = [0]
  /// The hash of each text; 0 for those that are found without, none behind the last other one.
  private(set) var hashes: [UInt64] = []
  /// The first eight bytes of each text that has a hash as a number, so that short texts are
  /// compared by it.
  private var words: [UInt64] = []
  /// The texts that are found by their hash.
  private(set) var hashedCount = 0
  /// The upper half of a hash and the code plus 1; 0 is free.
  private var slots: [UInt64]

  /// No texts; room for `capacity` of them.
  init(capacity: Int = 256) {
    var size = 512
    while size < capacity * 2 { size *= 2 }
    slots = Array(repeating: 0, count: size)
  }

  /// The empty text alone.
  static func ofOneEmptyText() -> CSVTextPiece {
    var piece = CSVTextPiece()
    _ = piece.code([UInt8]().span, 0, 0)
    return piece
  }

  /// The number of texts.
  var count: Int { offsets.count - 1 }

  /// The texts as a dictionary.
  var dictionary: TextDictionary { TextDictionary(bytes: bytes, offsets: offsets) }

  /// The bytes at `start`, at most eight, as a number; bytes behind them are 0.
  @inline(__always)
  static func word(_ text: Span<UInt8>, _ start: Int, _ count: Int) -> UInt64 {
    if start &+ 8 <= text.count {
      let word = ByteWords.load(text, start)
      return count >= 8 ? word : word & ((1 << UInt64(count &* 8)) &- 1)
    }
    var word: UInt64 = 0
    for index in 0..<min(count, 8) { word |= UInt64(text[start + index]) << UInt64(index &* 8) }
    return word
  }

  /// A hash of the bytes.
  @inline(__always)
  static func hash(_ text: Span<UInt8>, _ start: Int, _ count: Int) -> UInt64 {
    var hash = UInt64(count) &* 0x9E37_79B9_7F4A_7C15
    var index = 0
    repeat {
      hash ^= word(text, start &+ index, count &- index)
      let product = hash.multipliedFullWidth(by: 0xD6E8_FEB8_6659_FD93)
      hash = product.high ^ product.low
      index &+= 8
    } while index < count
    return hash == 0 ? 1 : hash
  }

  /// The code of the text at `start`, which is added if it is new.
  @inline(__always)
  mutating func code(_ text: Span<UInt8>, _ start: Int, _ count: Int) -> UInt32 {
    code(text, start, count, hash: Self.hash(text, start, count))
  }

  /// The code of a text of at most eight bytes, given as a number; added if it is new.
  ///
  /// The hash is that of ``hash(_:_:_:)``.
  mutating func code(word: UInt64, count: Int) -> UInt32 {
    let mixed = (UInt64(count) &* 0x9E37_79B9_7F4A_7C15 ^ word)
      .multipliedFullWidth(by: 0xD6E8_FEB8_6659_FD93)
    let folded = mixed.high ^ mixed.low
    let hash = folded == 0 ? 1 : folded
    let mask = slots.count &- 1
    var slot = Int(truncatingIfNeeded: hash) & mask
    while true {
      let entry = slots[slot]
      if entry == 0 { break }
      if entry >> 32 == hash >> 32 {
        let code = Int(truncatingIfNeeded: entry & 0xFFFF_FFFF) &- 1
        if words[code] == word, offsets[code &+ 1] &- offsets[code] == count {
          return UInt32(truncatingIfNeeded: code)
        }
      }
      slot = (slot &+ 1) & mask
    }
    let text = (0..<count).map { UInt8(truncatingIfNeeded: word >> UInt64($0 * 8)) }
    return add(text.span, 0, count, hash: hash, slot: slot)
  }

  /// The code of a text whose hash is known.
  @inline(__always)
  mutating func code(_ text: Span<UInt8>, _ start: Int, _ count: Int, hash: UInt64) -> UInt32 {
    let mask = slots.count &- 1
    var slot = Int(truncatingIfNeeded: hash) & mask
    while true {
      let entry = slots[slot]
      if entry == 0 { break }
      if entry >> 32 == hash >> 32 {
        let code = UInt32(truncatingIfNeeded: entry) &- 1
        if isText(Int(code), text, start, count) { return code }
      }
      slot = (slot &+ 1) & mask
    }
    return add(text, start, count, hash: hash, slot: slot)
  }

  /// For each text of another piece its code here plus 1, or 0 where it was not seen at once.
  ///
  /// A table of a million texts lies outside of the caches. Here the slots of 16 texts are fetched
  /// side by side before the first of them is compared.
  func codesAtHand(_ other: borrowing CSVTextPiece) -> [UInt32] {
    var codes = [UInt32](repeating: 0, count: max(1, other.count))
    guard hashedCount > 0 else { return codes }
    let (mask, span) = (slots.count &- 1, other.bytes.span)
    var entries = InlineArray<16, UInt64>(repeating: 0)
    for start in stride(from: 0, to: other.count, by: 16) {
      let end = min(start + 16, other.count)
      for own in start..<end {
        entries[own &- start] = slots[Int(truncatingIfNeeded: other.hashes[own]) & mask]
      }
      for own in start..<end {
        let (entry, hash) = (entries[own &- start], other.hashes[own])
        guard entry != 0, entry >> 32 == hash >> 32 else { continue }
        let code = Int(truncatingIfNeeded: entry & 0xFFFF_FFFF) &- 1
        guard words[code] == other.words[own] else { continue }
        let first = other.offsets[own]
        if isText(code, span, first, other.offsets[own &+ 1] &- first) {
          codes[own] = UInt32(truncatingIfNeeded: code) &+ 1
        }
      }
    }
    return codes
  }

  @inline(never)
  private mutating func add(
    _ text: Span<UInt8>,
    _ start: Int,
    _ count: Int,
    hash: UInt64,
    slot: Int
  ) -> UInt32 {
    let code = self.count
    while hashes.count < code {
      hashes.append(0)
      words.append(0)
    }
    for index in start..<start + count { bytes.append(text[index]) }
    offsets.append(bytes.count)
    hashes.append(hash)
    words.append(Self.word(text, start, count))
    hashedCount += 1
    slots[slot] = (hash >> 32) << 32 | UInt64(code + 1)
    if hashedCount * 2 > slots.count { grow() }
    return UInt32(code)
  }

  /// Adds the text of a number, which is new and will never be looked for by its bytes.
  mutating func addUnhashed(_ number: UInt32, _ format: CSVNumberFormat) -> UInt32 {
    format.append(number, to: &bytes)
    offsets.append(bytes.count)
    return UInt32(count - 1)
  }

  /// Makes room for texts.
  mutating func reserve(_ texts: Int, byteCount: Int) {
    bytes.reserveCapacity(bytes.count + byteCount)
    offsets.reserveCapacity(offsets.count + texts)
  }

  @inline(__always)
  private func isText(_ code: Int, _ text: Span<UInt8>, _ start: Int, _ count: Int) -> Bool {
    let own = offsets[code]
    guard offsets[code &+ 1] &- own == count else { return false }
    let span = bytes.span
    var index = 0
    while index < count {
      let rest = count &- index
      guard Self.word(span, own &+ index, rest) == Self.word(text, start &+ index, rest) else {
        return false
      }
      index &+= 8
    }
    return true
  }

  /// Lets the table of hashes go: no text will be looked up any more.
  mutating func seal() { (slots, hashes, words) = ([], [], []) }

  /// Forgets all texts and keeps the room that they had.
  mutating func clear() {
    bytes.removeAll(keepingCapacity: true)
    offsets.removeAll(keepingCapacity: true)
    offsets.append(0)
    hashes.removeAll(keepingCapacity: true)
    words.removeAll(keepingCapacity: true)
    guard hashedCount > 0 else { return }
    hashedCount = 0
    for slot in slots.indices { slots[slot] = 0 }
  }

  private mutating func grow() {
    slots = Array(repeating: 0, count: slots.count * 4)
    let mask = slots.count - 1
    for (code, hash) in hashes.enumerated() where hash != 0 {
      var slot = Int(truncatingIfNeeded: hash) & mask
      while slots[slot] != 0 { slot = (slot + 1) & mask }
      slots[slot] = (hash >> 32) << 32 | UInt64(code + 1)
    }
  }
}
