internal import LodeRuntime

/// Turns text in a single-byte encoding into UTF-8.
enum SingleByteEncoding {
  /// The code points of bytes 0x80…0x9F in Windows code page 1252; 0 where a byte has no meaning.
  private static let windows1252: [UInt32] = [
    0x20AC, 0, 0x201A, 0x0192, 0x201E, 0x2026, 0x2020, 0x2021, 0x02C6, 0x2030, 0x0160, 0x2039,
    0x0152, 0, 0x017D, 0, 0, 0x2018, 0x2019, 0x201C, 0x201D, 0x2022, 0x2013, 0x2014, 0x02DC, 0x2122,
    0x0161, 0x203A, 0x0153, 0, 0x017E, 0x0178,
  ]

  /// The UTF-8 bytes of `bytes`.
  ///
  /// - Throws: a diagnostic at the first byte without a meaning, with line and offset.
  static func utf8(
    from bytes: [UInt8],
    _ encoding: CSVReader.TextEncoding,
    name: String
  ) throws(Diagnostic) -> [UInt8] {
    var text: [UInt8] = []
    text.reserveCapacity(bytes.count + bytes.count / 16)
    for (offset, byte) in bytes.enumerated() {
      guard byte >= 0x80 else {
        text.append(byte)
        continue
      }
      var code = UInt32(byte)
      if encoding == .windows1252 && byte < 0xA0 { code = windows1252[Int(byte) - 0x80] }
      guard code != 0, let scalar = Unicode.Scalar(code) else {
        let line = bytes[..<offset].count { $0 == UInt8(ascii: "\n") } + 1
        throw Diagnostic(
          .failure,
          at: "\(name):\(line)",
          "byte 0x\(String(byte, radix: 16)) at offset \(offset) has no meaning in "
            + "\(encoding.rawValue).",
          fix: "declare the encoding the file was saved in."
        )
      }
      text.append(contentsOf: UTF8.encode(scalar) ?? UTF8.encodedReplacementCharacter)
    }
    return text
  }
}

/// Checks UTF-8.
enum UTF8Check {
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
