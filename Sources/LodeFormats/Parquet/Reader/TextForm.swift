internal import LodeColumns

/// How runs of bytes are shown as text.
enum TextForm: Hashable {
  /// They are UTF-8; anything else is refused.
  case text
  /// Bytes without a declared meaning: shown as they are if they are UTF-8 and do not begin with
  /// `\x`, otherwise as `\x` and two hexadecimal digits a byte. So nothing is lost and no two
  /// values become one, and the form of a value depends on nothing but the value.
  case binary
  /// Identifiers of sixteen bytes, as 8-4-4-4-12 hexadecimal digits.
  case uuid

  /// The texts of a dictionary of bytes.
  ///
  /// - Throws: `unrepresentable` if bytes declared as text are not UTF-8.
  func texts(of raw: TextDictionary) throws(ParquetError.Reason) -> TextDictionary {
    switch self {
    case .text:
      guard Self.isText(raw) else { throw .unrepresentable("a text is not UTF-8") }
      return raw
    case .binary:
      if Self.isText(raw),
        !(0..<raw.count).contains(where: { raw.utf8($0).starts(with: [92, 120]) })
      {
        return raw
      }
      return Self.mapped(raw) { bytes in
        if !bytes.starts(with: [92, 120]), String(validating: bytes, as: UTF8.self) != nil {
          return Array(bytes)
        }
        return [92, 120] + Self.hexadecimal(bytes)
      }
    case .uuid:
      return Self.mapped(raw) { bytes in
        let digits = Self.hexadecimal(bytes)
        guard digits.count == 32 else { return digits }
        return Array(
          [digits[..<8], digits[8..<12], digits[12..<16], digits[16..<20], digits[20...]]
            .joined(separator: [45])
        )
      }
    }
  }

  private static func isText(_ dictionary: TextDictionary) -> Bool {
    let bytes = dictionary.bytes
    do {
      _ = try UTF8Span(validating: bytes.span)
    } catch {
      return false
    }
    return !dictionary.offsets.contains { $0 < bytes.count && bytes[$0] & 0xC0 == 0x80 }
  }

  private static func mapped(
    _ raw: TextDictionary,
    _ body: (ArraySlice<UInt8>) -> [UInt8]
  ) -> TextDictionary {
    var bytes: [UInt8] = []
    var offsets = [0]
    for code in 0..<raw.count {
      bytes += body(raw.utf8(code))
      offsets.append(bytes.count)
    }
    return TextDictionary(bytes: bytes, offsets: offsets)
  }

  private static func hexadecimal(_ bytes: ArraySlice<UInt8>) -> [UInt8] {
    let digits = Array("0123456789abcdef".utf8)
    return bytes.flatMap { [digits[Int($0 >> 4)], digits[Int($0 & 15)]] }
  }
}
