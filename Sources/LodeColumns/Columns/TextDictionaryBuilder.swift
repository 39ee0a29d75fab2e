/// Builds a ``TextDictionary``: gives each distinct text a code in order of first occurrence.
public struct TextDictionaryBuilder: Sendable {
  private var bytes: [UInt8] = []
  private var offsets: [Int] = [0]
  /// The hash of each text; none as long as all texts came in rising order, as from sorted files,
  /// or known to differ: nothing needs to be looked up then.
  private var hashes: [UInt64] = []
  /// Whether texts without hashes rise, so that one behind the last of them is new.
  private var areRising = true
  /// An open table: the code + 1 in the low half, the upper half of the hash in the upper.
  private var slots: [UInt64]

  private static let tagMask: UInt64 = 0xFFFF_FFFF_0000_0000

  /// An empty builder.
  public init() {
    slots = Array(repeating: 0, count: 1024)
  }

  /// The number of distinct texts so far.
  public var count: Int { offsets.count - 1 }

  /// The code of a text, which is added if it is new.
  ///
  /// - Complexity: O(length) amortised.
  public mutating func code(for text: String) -> UInt32 {
    code(for: Array(text.utf8).span)
  }

  /// The code of a text given as UTF-8 bytes, which is added if it is new.
  ///
  /// - Complexity: O(`text.count`) amortised.
  public mutating func code(for text: Span<UInt8>) -> UInt32 {
    // SAFETY: the bytes of the span are only read during the call.
    unsafe text.withUnsafeBytes { text in
      unsafe code(text, 0..<text.count, hash: Self.hash(text, 0..<text.count))
    }
  }

  /// The codes of many texts, each of which is added if it is new.
  ///
  /// The same as one `code(for:)` after the other at a third of the cost: the slots of 16 texts
  /// are fetched side by side, and no array is checked or made longer text by text.
  ///
  /// - Parameters:
  ///   - bytes: where the texts lie.
  ///   - ranges: the place of each.
  ///   - areDistinct: whether the caller knows that no text is there twice: an empty builder then
  ///     takes them over without looking any of them up.
  /// - Returns: a code a text, in their order.
  /// - Precondition: all places lie within the bytes.
  /// - Complexity: O(length of all texts) amortised.
  package mutating func codes(
    for bytes: Span<UInt8>,
    in ranges: Span<Range<Int>>,
    areDistinct: Bool = false
  ) -> [UInt32] {
    // SAFETY: `codes` checks every place before it reads there; nothing is kept behind the call.
    unsafe bytes.withUnsafeBytes { all in
      unsafe codes(all, count: ranges.count, areDistinct: areDistinct) { ranges[$0] }
    }
  }

  /// The codes of all texts of a dictionary, each of which is added if it is new.
  ///
  /// - Complexity: O(length of all texts) amortised.
  package mutating func codes(for dictionary: TextDictionary) -> [UInt32] {
    let offsets = dictionary.offsets.span
    // SAFETY: as above.
    return unsafe dictionary.bytes.withUnsafeBytes { all in
      unsafe codes(all, count: dictionary.count, areDistinct: true) {
        offsets[$0]..<offsets[$0 + 1]
      }
    }
  }

  /// The code of a text given as UTF-8 bytes; nil for one that was never added.
  ///
  /// - Complexity: O(`text.count`), behind the first look-up.
  public mutating func existingCode(of text: Span<UInt8>) -> UInt32? {
    if hashes.count < count { hashTexts() }
    // SAFETY: the bytes of the span are only read during the call.
    return unsafe text.withUnsafeBytes { text in
      let range = 0..<text.count
      return unsafe search(text, range, hash: Self.hash(text, range)).code
    }
  }

  /// The dictionary of all texts so far.
  public func build() -> TextDictionary {
    TextDictionary(bytes: bytes, offsets: offsets)
  }

  // MARK: - One text

  private mutating func code(
    _ all: UnsafeRawBufferPointer,
    _ range: Range<Int>,
    hash: UInt64
  ) -> UInt32 {
    if hashes.count < count { hashTexts() }
    let (found, slot) = unsafe search(all, range, hash: hash)
    if let found { return found }
    let code = hashes.count
    unsafe bytes.append(contentsOf: all[range])
    offsets.append(bytes.count)
    hashes.append(hash)
    slots[slot] = hash & Self.tagMask | UInt64(code + 1)
    makeRoom(for: 0)
    return UInt32(truncatingIfNeeded: code)
  }

  /// The code of a text, or the free slot where it belongs.
  @inline(__always)
  private func search(
    _ all: UnsafeRawBufferPointer,
    _ range: Range<Int>,
    hash: UInt64
  ) -> (code: UInt32?, slot: Int) {
    let mask = slots.count - 1
    var slot = Int(truncatingIfNeeded: hash) & mask
    while slots[slot] != 0 {
      if (slots[slot] ^ hash) & Self.tagMask == 0 {
        let code = Int(slots[slot] & 0xFFFF_FFFF) - 1
        if unsafe isText(code, all, range) { return (UInt32(truncatingIfNeeded: code), slot) }
      }
      slot = (slot + 1) & mask
    }
    return (nil, slot)
  }

  private func isText(
    _ code: Int,
    _ all: UnsafeRawBufferPointer,
    _ range: Range<Int>
  ) -> Bool {
    let own = offsets[code]..<offsets[code + 1]
    // SAFETY: the offsets lie within `bytes`; the callers checked the range.
    return unsafe bytes.withUnsafeBytes { unsafe areEqual($0, own, all, range) }
  }

  /// Makes the table at least twice as long as all texts, and so many more, are many.
  private mutating func makeRoom(for more: Int) {
    let wanted = (hashes.count + more) * 2
    guard wanted > slots.count else { return }
    var size = slots.count
    while size < wanted { size *= 2 }
    slots = Array(repeating: 0, count: size)
    fillSlots()
  }

  /// Enters all hashes into an empty table.
  private mutating func fillSlots() {
    let mask = slots.count - 1
    for (code, hash) in hashes.enumerated() {
      var slot = Int(truncatingIfNeeded: hash) & mask
      while slots[slot] != 0 { slot = (slot + 1) & mask }
      slots[slot] = hash & Self.tagMask | UInt64(code + 1)
    }
  }

  /// A hash of this table's own, eight bytes a step; codes never depend on it.
  @inline(__always)
  private static func hash(_ all: UnsafeRawBufferPointer, _ range: Range<Int>) -> UInt64 {
    var hash = UInt64(truncatingIfNeeded: range.count) &* 0x9E37_79B9_7F4A_7C15
    var place = range.lowerBound
    repeat {
      hash ^= unsafe word(all, place, range.upperBound)
      let product = hash.multipliedFullWidth(by: 0xD6E8_FEB8_6659_FD93)
      hash = product.high ^ product.low
      place &+= 8
    } while place < range.upperBound
    hash = hash &* 0x9E37_79B9_7F4A_7C15
    return hash ^ (hash >> 29)
  }

  // MARK: - Many texts

  /// The texts that are looked up between two looks at the room that is left.
  private static let blockSize = 1024
  /// The most texts for which there is room at once.
  private static let firstRoom = 1 << 19

  /// The codes of texts that lie in common bytes.
  @inline(__always)
  private mutating func codes(
    _ all: UnsafeRawBufferPointer,
    count: Int,
    areDistinct: Bool,
    _ range: (Int) -> Range<Int>
  ) -> [UInt32] {
    var codes = [UInt32](repeating: 0, count: count)
    var output = codes.mutableSpan
    let areNew = areDistinct && self.count == 0
    if hashes.isEmpty, count > 1, areNew || areRising,
      unsafe appendUnhashed(all, count, areNew, &output, range)
    {
      if areNew { areRising = false }
      return codes
    }
    if hashes.count < self.count { hashTexts() }
    // The texts of a dictionary are all new to an empty builder; those of a page may be few.
    if self.count == 0 { makeRoom(for: min(count, Self.firstRoom)) }
    for start in stride(from: 0, to: count, by: Self.blockSize) {
      let places = start..<min(start + Self.blockSize, count)
      var byteCount = 0
      for place in places {
        let range = range(place)
        precondition(range.lowerBound >= 0 && range.upperBound <= all.count, "a text at \(range)")
        byteCount += range.count
      }
      makeRoom(for: places.count)
      // Room for all of them; what those already known do not need is given back.
      let known = self.count
      hashes.append(contentsOf: repeatElement(0, count: places.count))
      offsets.append(contentsOf: repeatElement(0, count: places.count))
      bytes.append(contentsOf: repeatElement(0, count: byteCount + 8))
      let added = unsafe Self.addBlock(
        all,
        places,
        range,
        &output,
        &slots,
        &hashes,
        &offsets,
        &bytes,
        known
      )
      hashes.removeLast(places.count - added)
      offsets.removeLast(places.count - added)
      bytes.removeLast(bytes.count - offsets[known + added])
    }
    return codes
  }

  /// Appends texts that are new and differ, as is known or as they rise from one to the next, the
  /// first of them at least the last here.
  ///
  /// - Returns: whether they do so; if not, nothing is changed.
  @inline(__always)
  private mutating func appendUnhashed(
    _ all: UnsafeRawBufferPointer,
    _ count: Int,
    _ areNew: Bool,
    _ output: inout MutableSpan<UInt32>,
    _ range: (Int) -> Range<Int>
  ) -> Bool {
    var byteCount = 0
    for place in 0..<count {
      let range = range(place)
      precondition(range.lowerBound >= 0 && range.upperBound <= all.count, "a text at \(range)")
      byteCount += range.count
    }
    for place in 1..<(areNew ? 1 : count) {
      guard unsafe precedes(all, range(place - 1), range(place)) else { return false }
    }
    let known = self.count
    var isKnown = false
    if known > 0 {
      let last = Array(bytes[offsets[known - 1]...])
      let first = unsafe Array(all[range(0)])
      isKnown = first == last
      guard isKnown || last.lexicographicallyPrecedes(first) else { return false }
    }
    // Behind others the array grows by itself: room for every small part would copy all before it.
    if known == 0 { offsets.reserveCapacity(count + 1) }
    let end = bytes.count
    bytes.append(contentsOf: repeatElement(0, count: byteCount + 8))
    // SAFETY: the ranges were checked above, and there is room for their bytes and eight more.
    unsafe bytes.withUnsafeMutableBytes { own in
      var start = end
      for place in (isKnown ? 1 : 0)..<count {
        unsafe copy(all, range(place), to: own, at: start)
        start += range(place).count
        offsets.append(start)
      }
    }
    bytes.removeLast(bytes.count - offsets[offsets.count - 1])
    let shift = known - (isKnown ? 1 : 0)
    for place in 0..<count { output[place] = UInt32(truncatingIfNeeded: shift + place) }
    return true
  }

  /// Notes the hashes of texts that were not looked up: another one has come.
  private mutating func hashTexts() {
    var missing: [UInt64] = []
    missing.reserveCapacity(count)
    // SAFETY: the offsets lie within `bytes`.
    unsafe bytes.withUnsafeBytes { own in
      for code in 0..<offsets.count - 1 {
        unsafe missing.append(Self.hash(own, offsets[code]..<offsets[code + 1]))
      }
    }
    hashes = missing
    if hashes.count * 2 > slots.count { makeRoom(for: 0) } else { fillSlots() }
  }

  /// Writes the codes of a block, for whose texts there is room behind the `known` ones.
  ///
  /// - Returns: how many of the texts are new.
  @inline(__always)
  private static func addBlock(
    _ all: UnsafeRawBufferPointer,
    _ places: Range<Int>,
    _ range: (Int) -> Range<Int>,
    _ output: inout MutableSpan<UInt32>,
    _ slots: inout [UInt64],
    _ hashes: inout [UInt64],
    _ offsets: inout [Int],
    _ bytes: inout [UInt8],
    _ known: Int
  ) -> Int {
    var table = slots.mutableSpan
    var hashes = hashes.mutableSpan
    var offsets = offsets.mutableSpan
    let mask = table.count - 1
    var count = known
    var mixed = InlineArray<16, UInt64>(repeating: 0)
    var entries = InlineArray<16, UInt64>(repeating: 0)
    // SAFETY: the caller checked all ranges and made room for their bytes and eight more.
    unsafe bytes.withUnsafeMutableBytes { own in
      for start in stride(from: places.lowerBound, to: places.upperBound, by: 16) {
        let width = min(16, places.upperBound - start)
        for index in 0..<width {
          mixed[index] = unsafe hash(all, range(start + index))
          entries[index] = table[Int(truncatingIfNeeded: mixed[index]) & mask]
        }
        for index in 0..<width {
          let (hash, range) = (mixed[index], range(start + index))
          var slot = Int(truncatingIfNeeded: hash) & mask
          // A text of the same 16 may have taken a slot that was free a moment ago.
          var entry = entries[index] == 0 ? table[slot] : entries[index]
          while entry != 0 {
            let code = Int(entry & 0xFFFF_FFFF) - 1
            if (entry ^ hash) & tagMask == 0,
              unsafe areEqual(
                UnsafeRawBufferPointer(own),
                offsets[code]..<offsets[code + 1],
                all,
                range
              )
            {
              break
            }
            slot = (slot + 1) & mask
            entry = table[slot]
          }
          if entry == 0 {
            unsafe copy(all, range, to: own, at: offsets[count])
            offsets[count + 1] = offsets[count] + range.count
            hashes[count] = hash
            count += 1
            entry = hash & tagMask | UInt64(count)
            table[slot] = entry
          }
          output[start + index] = UInt32(truncatingIfNeeded: entry & 0xFFFF_FFFF) &- 1
        }
      }
    }
    return count - known
  }
}

/// The bytes from `place` to `end`, at most eight, as a number; bytes behind them are 0.
@inline(__always)
private func word(_ all: UnsafeRawBufferPointer, _ place: Int, _ end: Int) -> UInt64 {
  let count = end &- place
  // SAFETY: eight bytes are loaded only where they lie within `all`, else those before `end`.
  if place &+ 8 <= all.count {
    let word = unsafe all.loadUnaligned(fromByteOffset: place, as: UInt64.self)
    return count >= 8 ? word : word & ((1 << UInt64(count &* 8)) &- 1)
  }
  var word: UInt64 = 0
  for index in 0..<min(count, 8) {
    word |= UInt64(unsafe all[place &+ index]) << UInt64(index &* 8)
  }
  return word
}

/// Whether two texts have the same bytes.
@inline(__always)
private func areEqual(
  _ left: UnsafeRawBufferPointer,
  _ leftRange: Range<Int>,
  _ right: UnsafeRawBufferPointer,
  _ rightRange: Range<Int>
) -> Bool {
  guard leftRange.count == rightRange.count else { return false }
  var place = 0
  while place < leftRange.count {
    let one = unsafe word(left, leftRange.lowerBound &+ place, leftRange.upperBound)
    let other = unsafe word(right, rightRange.lowerBound &+ place, rightRange.upperBound)
    if one != other { return false }
    place &+= 8
  }
  return true
}

/// Whether one text comes before another by its bytes.
@inline(__always)
private func precedes(
  _ all: UnsafeRawBufferPointer,
  _ left: Range<Int>,
  _ right: Range<Int>
) -> Bool {
  var place = 0
  let shorter = min(left.count, right.count)
  while place < shorter {
    let one = unsafe word(all, left.lowerBound &+ place, left.lowerBound &+ shorter)
    let other = unsafe word(all, right.lowerBound &+ place, right.lowerBound &+ shorter)
    if one != other { return one.byteSwapped < other.byteSwapped }
    place &+= 8
  }
  return left.count < right.count
}

/// Copies a text; up to eight bytes behind it are written over.
@inline(__always)
private func copy(
  _ all: UnsafeRawBufferPointer,
  _ range: Range<Int>,
  to target: UnsafeMutableRawBufferPointer,
  at start: Int
) {
  var place = 0
  while place < range.count {
    let word = unsafe word(all, range.lowerBound &+ place, range.upperBound)
    unsafe target.storeBytes(of: word, toByteOffset: start &+ place, as: UInt64.self)
    place &+= 8
  }
}
