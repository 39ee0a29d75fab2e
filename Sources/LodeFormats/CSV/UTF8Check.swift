/// Checks UTF-8.
enum UTF8Check {
  /// Whether a range is well-formed UTF-8 without zero bytes.
  static func isPlainText(_ bytes: Span<UInt8>, _ range: Range<Int>) -> Bool {
    var index = range.lowerBound
    while index < range.upperBound {
      if index &+ 8 <= range.upperBound {
        if ByteWords.isPlain(ByteWords.load(bytes, index)) {
          index &+= 8
          continue
        }
      }
      let byte = bytes[index]
      guard byte != 0 else { return false }
      if byte < 0x80 {
        index &+= 1
        continue
      }
      let end = min(range.upperBound, index + (byte >= 0xF0 ? 4 : byte >= 0xE0 ? 3 : 2))
      guard firstInvalid(bytes, index..<end) == nil else { return false }
      index = end
    }
    return true
  }

  /// What makes a record unreadable whatever its columns are; `base` is where the bytes start in
  /// the document.
  static func damage(
    _ bytes: [UInt8],
    _ range: Range<Int>,
    base: Int = 0
  ) -> [(reason: String, words: String)] {
    var found: [(reason: String, words: String)] = []
    if let offset = firstInvalid(bytes.span, range) {
      let byte = String(bytes[offset], radix: 16)
      found.append(("bad_utf8", "byte 0x\(byte) at offset \(base + offset) is not UTF-8"))
    }
    if let offset = bytes[range].firstIndex(of: 0) {
      found.append(("zero_byte", "byte \(base + offset) is zero"))
    }
    return found
  }

  /// The offset of the first byte in `range` that is no part of well-formed UTF-8, or nil.
  ///
  /// - Source: The Unicode Standard, table 3-7.
  static func firstInvalid(_ bytes: Span<UInt8>, _ range: Range<Int>) -> Int? {
    var index = range.lowerBound
    while index < range.upperBound {
      let byte = bytes[index]
      if byte < 0x80 {
        index += 1
        continue
      }
      let length: Int
      var low: UInt8 = 0x80
      var high: UInt8 = 0xBF
      switch byte {
      case 0xC2...0xDF: length = 2
      case 0xE0: (length, low) = (3, 0xA0)
      case 0xED: (length, high) = (3, 0x9F)
      case 0xE1...0xEF: length = 3
      case 0xF0: (length, low) = (4, 0x90)
      case 0xF4: (length, high) = (4, 0x8F)
      case 0xF1...0xF3: length = 4
      default: return index
      }
      guard index + length <= range.upperBound else { return index }
      guard bytes[index + 1] >= low, bytes[index + 1] <= high else { return index }
      for offset in 2..<max(2, length) where bytes[index + offset] & 0xC0 != 0x80 { return index }
      index += length
    }
    return nil
  }
}
