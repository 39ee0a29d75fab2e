/// The value of a key: what a cell can hold.
enum JSONLineValue: Sendable, Hashable {
  /// Digits as they stand in the file.
  case number(String)
  case text(String)
  case boolean(Bool)
  case null
}

/// Why a line is no row.
struct JSONLineProblem: Error {
  /// `bad_json`, `nested` or `duplicate_key`.
  let reason: String
  let words: String
}

/// Parses one line: a flat object of JSON (RFC 8259).
struct JSONLineParser {
  private let bytes: [UInt8]
  private let end: Int
  private var index: Int

  /// A parser of a range of bytes that are valid UTF-8.
  init(_ bytes: [UInt8], _ range: Range<Int>) {
    self.bytes = bytes
    index = range.lowerBound
    end = range.upperBound
  }

  /// The keys and values of the object, in file order.
  mutating func object() throws(JSONLineProblem) -> [(key: String, value: JSONLineValue)] {
    skipBlanks()
    guard take("{") else { throw problem("an object { … }") }
    var members: [(key: String, value: JSONLineValue)] = []
    var seen: Set<String> = []
    skipBlanks()
    if !take("}") {
      repeat {
        skipBlanks()
        guard peek == UInt8(ascii: "\"") else { throw problem("a key in quotes") }
        let key = try string()
        guard seen.insert(key).inserted else {
          throw JSONLineProblem(
            reason: "duplicate_key",
            words: "the key \"\(key)\" stands twice in one object"
          )
        }
        skipBlanks()
        guard take(":") else { throw problem("a colon behind the key \"\(key)\"") }
        skipBlanks()
        members.append((key, try value(of: key)))
        skipBlanks()
      } while take(",")
      guard take("}") else { throw problem("a comma or the end of the object") }
    }
    skipBlanks()
    guard index == end else { throw problem("the end of the line") }
    return members
  }

  private var peek: UInt8? { index < end ? bytes[index] : nil }

  private mutating func take(_ sign: Unicode.Scalar) -> Bool {
    guard peek == UInt8(ascii: sign) else { return false }
    index += 1
    return true
  }

  private mutating func skipBlanks() {
    while let byte = peek, byte == 0x20 || byte == 0x09 || byte == 0x0D { index += 1 }
  }

  private func problem(_ wanted: String) -> JSONLineProblem {
    let found =
      index < end
      ? "\"\(String(decoding: bytes[index..<min(end, index + 12)], as: UTF8.self))\"" : "the end"
    return JSONLineProblem(
      reason: "bad_json",
      words: "\(wanted) is wanted where \(found) stands, at byte \(index)"
    )
  }

  private mutating func value(of key: String) throws(JSONLineProblem) -> JSONLineValue {
    switch peek {
    case UInt8(ascii: "\""): return .text(try string())
    case UInt8(ascii: "{"), UInt8(ascii: "["):
      let kind = peek == UInt8(ascii: "{") ? "an object" : "an array"
      var path = key
      var inner = self
      inner.index += 1
      inner.skipBlanks()
      if inner.peek == UInt8(ascii: "\""), kind == "an object", let name = try? inner.string() {
        path += ".\(name)"
      }
      throw JSONLineProblem(
        reason: "nested",
        words: "\"\(path)\": the key \"\(key)\" holds \(kind), which is no cell; flatten it before"
      )
    default: break
    }
    if word("true") { return .boolean(true) }
    if word("false") { return .boolean(false) }
    if word("null") { return .null }
    return try number()
  }

  private mutating func word(_ word: String) -> Bool {
    let wanted = Array(word.utf8)
    guard end - index >= wanted.count, bytes[index..<index + wanted.count].elementsEqual(wanted)
    else { return false }
    index += wanted.count
    return true
  }

  private mutating func number() throws(JSONLineProblem) -> JSONLineValue {
    let start = index
    _ = take("-")
    let first = index
    skipDigits()
    guard index > first, bytes[first] != 0x30 || index == first + 1 else {
      index = start
      throw problem("a value")
    }
    if take(".") {
      let fraction = index
      skipDigits()
      guard index > fraction else { throw problem("a digit") }
    }
    if take("e") || take("E") {
      if !take("+") { _ = take("-") }
      let exponent = index
      skipDigits()
      guard index > exponent else { throw problem("a digit") }
    }
    return .number(String(decoding: bytes[start..<index], as: UTF8.self))
  }

  private mutating func skipDigits() {
    while let byte = peek, byte &- 0x30 <= 9 { index += 1 }
  }

  private mutating func string() throws(JSONLineProblem) -> String {
    index += 1
    var text: [UInt8] = []
    while let byte = peek {
      switch byte {
      case UInt8(ascii: "\""):
        index += 1
        return String(decoding: text, as: UTF8.self)
      case UInt8(ascii: "\\"):
        index += 1
        try escape(into: &text)
      case 0..<0x20: throw problem("a text without control characters")
      default:
        text.append(byte)
        index += 1
      }
    }
    throw problem("a quote that closes the text")
  }

  private mutating func escape(into text: inout [UInt8]) throws(JSONLineProblem) {
    guard let byte = peek else { throw problem("an escape") }
    let plain: [UInt8: UInt8] = [
      0x22: 0x22, 0x5C: 0x5C, 0x2F: 0x2F, 0x62: 0x08, 0x66: 0x0C, 0x6E: 0x0A, 0x72: 0x0D,
      0x74: 0x09,
    ]
    if let meant = plain[byte] {
      text.append(meant)
      index += 1
      return
    }
    guard take("u"), var code = unit() else { throw problem("an escape") }
    if code & 0xFC00 == 0xD800, take("\\"), take("u"), let low = unit(), low & 0xFC00 == 0xDC00 {
      code = 0x10000 + (code & 0x3FF) << 10 + low & 0x3FF
    }
    guard let scalar = Unicode.Scalar(code), let encoded = UTF8.encode(scalar) else {
      throw problem("a whole surrogate pair")
    }
    text.append(contentsOf: encoded)
  }

  private mutating func unit() -> UInt32? {
    guard end - index >= 4 else { return nil }
    var code: UInt32 = 0
    for place in index..<index + 4 {
      guard let digit = Character(Unicode.Scalar(bytes[place])).hexDigitValue, bytes[place] < 0x80
      else { return nil }
      code = code << 4 | UInt32(digit)
    }
    index += 4
    return code
  }
}
