internal import LodeRuntime

/// Turns UTF-16 text into UTF-8.
enum UTF16Encoding {
  /// The UTF-8 bytes of a UTF-16 text with a byte-order mark.
  ///
  /// - Throws: a diagnostic where there is no mark, half a unit, or half a surrogate pair.
  static func utf8(from bytes: [UInt8], name: String) throws(Diagnostic) -> [UInt8] {
    let isLittle = bytes.starts(with: [0xFF, 0xFE])
    guard isLittle || bytes.starts(with: [0xFE, 0xFF]) else {
      throw Diagnostic(
        .failure,
        at: name,
        "the file does not start with a UTF-16 byte-order mark, so the order of its bytes is "
          + "not known.",
        fix: "save it with a byte-order mark, or declare its real encoding."
      )
    }
    guard bytes.count % 2 == 0 else {
      throw Diagnostic(
        .failure,
        at: name,
        "the file has \(bytes.count) bytes, an odd number: its last character is cut.",
        fix: "fetch the file again."
      )
    }
    func unit(_ offset: Int) -> UInt32 {
      let (first, second) = (UInt32(bytes[offset]), UInt32(bytes[offset + 1]))
      return isLittle ? first | second << 8 : first << 8 | second
    }
    var text: [UInt8] = []
    text.reserveCapacity(bytes.count / 2)
    var line = 1
    var offset = 2
    while offset < bytes.count {
      var code = unit(offset)
      let start = offset
      offset += 2
      if code & 0xFC00 == 0xD800, offset < bytes.count, unit(offset) & 0xFC00 == 0xDC00 {
        code = 0x10000 + (code & 0x3FF) << 10 + unit(offset) & 0x3FF
        offset += 2
      }
      if code == 0x0A { line += 1 }
      guard let scalar = Unicode.Scalar(code) else {
        throw Diagnostic(
          .failure,
          at: "\(name):\(line)",
          "the bytes at offset \(start) are half a surrogate pair, no UTF-16 character.",
          fix: "declare the encoding the file was saved in."
        )
      }
      text.append(contentsOf: UTF8.encode(scalar) ?? UTF8.encodedReplacementCharacter)
    }
    return text
  }
}
