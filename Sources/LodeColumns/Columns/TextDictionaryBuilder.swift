/// Builds a ``TextDictionary``: gives each distinct text a code in order of first occurrence.
public struct TextDictionaryBuilder: Sendable {
  private var bytes: [UInt8] = []
  private var offsets: [Int] = [0]
  private var hashes: [UInt64] = []
  /// An open table: the code + 1 in the low half, the upper half of the hash in the upper.
  private var slots: [UInt64]

  private static let tagMask: UInt64 = 0xFFFF_FFFF_0000_0000

  /// An empty builder.
  public init() {
    slots = Array(repeating: 0, count: 1024)
  }

  /// The number of distinct texts so far.
  public var count: Int { hashes.count }

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
    unsafe text.withUnsafeBufferPointer { text in
      unsafe code(for: UnsafeRawBufferPointer(text))
    }
  }

  /// The code of a text given as UTF-8 bytes; nil for one that was never added.
  ///
  /// - Complexity: O(`text.count`).
  public func existingCode(of text: Span<UInt8>) -> UInt32? {
    // SAFETY: the bytes of the span are only read during the call.
    unsafe text.withUnsafeBufferPointer { text in
      let bytes = UnsafeRawBufferPointer(text)
      let hash = unsafe Self.hash(bytes)
      return unsafe search(bytes, hash).code
    }
  }

  /// The dictionary of all texts so far.
  public func build() -> TextDictionary {
    TextDictionary(bytes: bytes, offsets: offsets)
  }

  private mutating func code(for text: UnsafeRawBufferPointer) -> UInt32 {
    let hash = unsafe Self.hash(text)
    let (found, slot) = unsafe search(text, hash)
    if let found { return found }
    let code = hashes.count
    unsafe bytes.append(contentsOf: text)
    offsets.append(bytes.count)
    hashes.append(hash)
    slots[slot] = hash & Self.tagMask | UInt64(code + 1)
    if hashes.count * 2 > slots.count { grow() }
    return UInt32(truncatingIfNeeded: code)
  }

  /// The code of a text, or the free slot where it belongs.
  @inline(__always)
  private func search(
    _ text: UnsafeRawBufferPointer,
    _ hash: UInt64
  ) -> (code: UInt32?, slot: Int) {
    let tag = hash & Self.tagMask
    let mask = slots.count - 1
    var slot = Int(truncatingIfNeeded: hash) & mask
    while slots[slot] != 0 {
      if slots[slot] & Self.tagMask == tag {
        let code = Int(slots[slot] & 0xFFFF_FFFF) - 1
        if unsafe isText(code, text) { return (UInt32(truncatingIfNeeded: code), slot) }
      }
      slot = (slot + 1) & mask
    }
    return (nil, slot)
  }

  private func isText(_ code: Int, _ text: UnsafeRawBufferPointer) -> Bool {
    let start = offsets[code]
    guard offsets[code + 1] - start == text.count else { return false }
    // SAFETY: both runs have `text.count` bytes: the one by its offsets, the other by its count.
    return unsafe bytes.withUnsafeBytes { all in
      var place = 0
      while place + 8 <= text.count {
        let one = unsafe all.loadUnaligned(fromByteOffset: start + place, as: UInt64.self)
        let other = unsafe text.loadUnaligned(fromByteOffset: place, as: UInt64.self)
        if one != other { return false }
        place += 8
      }
      while place < text.count {
        if unsafe all[start + place] != text[place] { return false }
        place += 1
      }
      return true
    }
  }

  private mutating func grow() {
    slots = Array(repeating: 0, count: slots.count * 4)
    let mask = slots.count - 1
    for (code, hash) in hashes.enumerated() {
      var slot = Int(truncatingIfNeeded: hash) & mask
      while slots[slot] != 0 { slot = (slot + 1) & mask }
      slots[slot] = hash & Self.tagMask | UInt64(code + 1)
    }
  }

  /// A hash of this table's own, eight bytes a step; codes never depend on it.
  private static func hash(_ text: UnsafeRawBufferPointer) -> UInt64 {
    var hash = UInt64(truncatingIfNeeded: text.count) &* 0x9E37_79B9_7F4A_7C15
    var place = 0
    // SAFETY: every word lies within the text.
    while place + 8 <= text.count {
      hash = mixed(hash, unsafe text.loadUnaligned(fromByteOffset: place, as: UInt64.self))
      place += 8
    }
    var rest: UInt64 = 0
    while place < text.count {
      rest = rest << 8 | UInt64(unsafe text[place])
      place += 1
    }
    hash = mixed(hash, rest)
    hash = hash &* 0x9E37_79B9_7F4A_7C15
    return hash ^ (hash >> 29)
  }

  @inline(__always)
  private static func mixed(_ hash: UInt64, _ word: UInt64) -> UInt64 {
    let mixed = (hash ^ word) &* 0xD6E8_FEB8_6659_FD93
    return mixed ^ (mixed >> 32)
  }
}
