/// A checksum of the footer among its key-values, since the format has none.
///
/// The value is the CRC-32 of the footer in eight hexadecimal digits, computed with zeros in their
/// place. Other readers see an ordinary pair. Programs that copy the pairs of a file into a file of
/// their own copy this one too, so it counts only right before the name of lode as the writer.
enum FooterSeal {
  /// How the name of the writer must begin.
  static let writer = "lode version "
  /// The key of the pair.
  static let key = "lode.footer_crc32"
  /// The key of a pair with the place and the checksum of Bloom filters and page index.
  static let indexKey = "lode.index"
  /// The value before the checksum is known.
  static let blank = "00000000"

  /// The footer with its checksum in place; unchanged if it has no seal.
  static func sealing(_ footer: [UInt8]) -> [UInt8] {
    guard let place = place(in: footer) else { return footer }
    var sealed = footer
    sealed.replaceSubrange(place, with: digits(of: footer))
    return sealed
  }

  /// Whether the footer has the checksum of its seal, or no seal.
  static func holds(in footer: [UInt8]) -> Bool {
    guard let place = place(in: footer) else { return true }
    var blanked = footer
    blanked.replaceSubrange(place, with: Array(blank.utf8))
    return Array(footer[place]) == digits(of: blanked)
  }

  /// The pair for the bytes between pages and footer.
  static func indexPair(start: Int, _ area: [UInt8]) -> (key: String, value: String) {
    (indexKey, "\(start):\(String(Gzip.crc32(area.span), radix: 16))")
  }

  /// Whether the bytes between pages and footer have the checksum of the pair.
  ///
  /// - Parameters:
  ///   - value: the value of the pair.
  ///   - source: the file.
  ///   - end: where the footer begins.
  /// - Returns: whether it holds.
  /// - Throws: `unreadable` when the disk cannot be read.
  static func indexHolds(
    _ value: String,
    in source: ByteSource,
    footerAt end: Int
  ) throws(ParquetError.Reason) -> Bool {
    let parts = value.split(separator: ":")
    guard parts.count == 2, let start = Int(parts[0]), start >= 0, start <= end else {
      return false
    }
    let area = try source.bytes(in: start..<end)
    return String(Gzip.crc32(area.span), radix: 16) == parts[1]
  }

  private static func digits(of footer: [UInt8]) -> [UInt8] {
    let text = String(Gzip.crc32(footer.span), radix: 16)
    return Array((String(repeating: "0", count: 8 - text.count) + text).utf8)
  }

  /// Where the digits lie: behind the key, the head of the second field and the length 8.
  private static func place(in footer: [UInt8]) -> Range<Int>? {
    let mark = Array(key.utf8) + [0x18, 8]
    guard footer.count >= mark.count + 8 else { return nil }
    // The pair is written last, so the search from the end is short.
    var start = footer.count - mark.count - 8
    while start >= 0 {
      if footer[start] == mark[0], footer[start..<(start + mark.count)].elementsEqual(mark) {
        // Behind the digits: the end of the pair, the head of field 6 and the length of its text.
        let next = start + mark.count + 8
        let name = footer.dropFirst(next + 3).prefix(writer.utf8.count)
        return name.elementsEqual(writer.utf8) ? (next - 8)..<next : nil
      }
      start -= 1
    }
    return nil
  }
}
