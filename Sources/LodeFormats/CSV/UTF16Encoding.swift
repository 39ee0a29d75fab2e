internal import LodeRuntime

/// Turns UTF-16 text with a byte-order mark into UTF-8, piece by piece.
struct UTF16Encoding: TextRecoder {
  private let name: String
  private var isLittle: Bool?
  /// The bytes of a character that has only begun.
  private var pending: [UInt8] = []
  /// Where the first pending byte stands in the file.
  private var offset = 0
  private var line = 1

  /// A recoder at the start of a file; the name is for messages.
  init(name: String) { self.name = name }

  mutating func recode(_ bytes: Span<UInt8>, into text: inout [UInt8]) throws(Diagnostic) {
    for index in bytes.indices { pending.append(bytes[index]) }
    var index = 0
    if isLittle == nil {
      guard pending.count >= 2 else { return }
      try takeMark()
      index = 2
    }
    while index + 2 <= pending.count {
      let unit = unit(index)
      // A high surrogate waits for the unit behind it.
      if unit & 0xFC00 == 0xD800, index + 4 > pending.count { break }
      index += try append(unit, at: index, to: &text)
    }
    pending.removeFirst(index)
    offset += index
  }

  mutating func finish() throws(Diagnostic) {
    if isLittle == nil { try takeMark() }
    if pending.count % 2 == 1 {
      throw Diagnostic(
        .failure,
        at: name,
        "the file has \(offset + pending.count) bytes, an odd number: its last character is cut.",
        fix: "fetch the file again."
      )
    }
    if !pending.isEmpty { throw halfPair(at: offset) }
  }

  private func unit(_ index: Int) -> UInt32 {
    let (first, second) = (UInt32(pending[index]), UInt32(pending[index + 1]))
    return isLittle == true ? first | second << 8 : first << 8 | second
  }

  /// Appends the character whose first unit stands at `index`; the bytes that it takes.
  private mutating func append(
    _ first: UInt32,
    at index: Int,
    to text: inout [UInt8]
  ) throws(Diagnostic) -> Int {
    var code = first
    var length = 2
    if code & 0xFC00 == 0xD800, unit(index + 2) & 0xFC00 == 0xDC00 {
      code = 0x10000 + (code & 0x3FF) << 10 + unit(index + 2) & 0x3FF
      length = 4
    }
    if code == 0x0A { line += 1 }
    guard let scalar = Unicode.Scalar(code) else { throw halfPair(at: offset + index) }
    text.append(contentsOf: UTF8.encode(scalar) ?? UTF8.encodedReplacementCharacter)
    return length
  }

  private mutating func takeMark() throws(Diagnostic) {
    if pending.starts(with: [0xFF, 0xFE]) {
      isLittle = true
    } else if pending.starts(with: [0xFE, 0xFF]) {
      isLittle = false
    } else {
      throw Diagnostic(
        .failure,
        at: name,
        "the file does not start with a UTF-16 byte-order mark, so the order of its bytes is "
          + "not known.",
        fix: "save it with a byte-order mark, or declare its real encoding."
      )
    }
  }

  private func halfPair(at offset: Int) -> Diagnostic {
    Diagnostic(
      .failure,
      at: "\(name):\(line)",
      "the bytes at offset \(offset) are half a surrogate pair, no UTF-16 character.",
      fix: "declare the encoding the file was saved in."
    )
  }
}
