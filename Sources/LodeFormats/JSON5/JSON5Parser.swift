public import LodeRuntime

/// Reads JSON5 into nodes with line and column; refuses duplicate keys.
///
/// - Source: The JSON5 Data Interchange Format, version 1.0.0.
public struct JSON5Parser {
  private let file: String
  private let scalars: [Unicode.Scalar]
  private var index = 0
  private var line = 1
  private var column = 1
  private var depth = 0
  private static let depthLimit = 100

  /// Parses a whole document.
  ///
  /// - Parameters:
  ///   - text: the document.
  ///   - file: the name used in messages.
  /// - Returns: the root node.
  /// - Throws: a diagnostic of category `usage` at `file:line:column`.
  public static func parse(_ text: String, file: String) throws(Diagnostic) -> JSON5Node {
    var parser = JSON5Parser(text: text, file: file)
    try parser.skipBlanks()
    let root = try parser.value()
    try parser.skipBlanks()
    if let extra = parser.current {
      throw parser.problem("\"\(extra)\" after the end of the document.", fix: "remove it.")
    }
    return root
  }

  private init(text: String, file: String) {
    self.file = file
    var scalars = Array(text.unicodeScalars)
    if scalars.first == "\u{FEFF}" { scalars.removeFirst() }
    self.scalars = scalars
  }

  private var current: Unicode.Scalar? { index < scalars.count ? scalars[index] : nil }
  private var position: SourcePosition { SourcePosition(line: line, column: column) }

  private func peek(_ offset: Int) -> Unicode.Scalar? {
    index + offset < scalars.count ? scalars[index + offset] : nil
  }

  /// Whether a scalar ends a line (JSON5 1.0.0, §5.3).
  private static func isLineEnd(_ scalar: Unicode.Scalar) -> Bool {
    scalar == "\n" || scalar == "\r" || scalar == "\u{2028}" || scalar == "\u{2029}"
  }

  private mutating func advance() {
    let isFirstOfPair = scalars[index] == "\r" && peek(1) == "\n"
    if Self.isLineEnd(scalars[index]) && !isFirstOfPair {
      line += 1
      column = 1
    } else {
      column += 1
    }
    index += 1
  }

  private func problem(
    _ message: String,
    fix: String,
    at place: SourcePosition? = nil
  ) -> Diagnostic {
    let place = place ?? position
    return Diagnostic(.usage, at: "\(file):\(place.line):\(place.column)", message, fix: fix)
  }

  private mutating func skipBlanks() throws(Diagnostic) {
    while let scalar = current {
      if scalar.properties.isWhitespace || scalar == "\u{FEFF}" {
        advance()
      } else if scalar == "/" && peek(1) == "/" {
        while let next = current, !Self.isLineEnd(next) { advance() }
      } else if scalar == "/" && peek(1) == "*" {
        let start = position
        advance()
        advance()
        while !(current == "*" && peek(1) == "/") {
          guard current != nil else {
            throw problem("this comment never ends.", fix: "close it with */.", at: start)
          }
          advance()
        }
        advance()
        advance()
      } else {
        return
      }
    }
  }

  private mutating func value() throws(Diagnostic) -> JSON5Node {
    let start = position
    guard let scalar = current else {
      throw problem("the file ends where a value should be.", fix: "complete the value.")
    }
    depth += 1
    defer { depth -= 1 }
    guard depth <= Self.depthLimit else {
      throw problem("more than \(Self.depthLimit) levels of nesting.", fix: "flatten the file.")
    }
    switch scalar {
    case "{": return JSON5Node(position: start, kind: .object(try members()))
    case "[": return JSON5Node(position: start, kind: .array(try elements()))
    case "\"", "'": return JSON5Node(position: start, kind: .string(try string()))
    case "+", "-", ".", "0"..."9": return JSON5Node(position: start, kind: try number())
    default: return JSON5Node(position: start, kind: try word())
    }
  }

  private mutating func word() throws(Diagnostic) -> JSON5Node.Kind {
    let start = position
    let name = identifier()
    switch name {
    case "true": return .boolean(true)
    case "false": return .boolean(false)
    case "null": return .null
    case "Infinity", "NaN":
      throw problem("\(name) is not a value here.", fix: "write a finite number.", at: start)
    case "":
      throw problem(
        "\"\(current.map(String.init) ?? "")\" where a value should be.",
        fix: "write a text, a number, true, false, null, [ ] or { }.",
        at: start
      )
    default:
      throw problem(
        "\(name) is not a value.",
        fix: "put quotes around it: \"\(name)\".",
        at: start
      )
    }
  }

  private mutating func members() throws(Diagnostic) -> [JSON5Node.Member] {
    let open = position
    advance()
    var members: [JSON5Node.Member] = []
    var places: [String: SourcePosition] = [:]
    while true {
      try skipBlanks()
      if current == "}" {
        advance()
        return members
      }
      let keyPosition = position
      let key = try memberKey(open: open)
      if let first = places[key] {
        throw problem(
          "the key \"\(key)\" stands twice in one object, first at line \(first.line).",
          fix: "remove one of the two.",
          at: keyPosition
        )
      }
      places[key] = keyPosition
      try skipBlanks()
      guard current == ":" else {
        throw problem("no \":\" after the key \"\(key)\".", fix: "write \(key): value.")
      }
      advance()
      try skipBlanks()
      members.append(.init(key: key, keyPosition: keyPosition, node: try value()))
      try separator(close: "}", open: open)
    }
  }

  private mutating func memberKey(open: SourcePosition) throws(Diagnostic) -> String {
    switch current {
    case "\"", "'": return try string()
    case nil:
      throw problem(
        "the object that starts at line \(open.line), column \(open.column) never ends.",
        fix: "close it with }."
      )
    default:
      let key = identifier()
      guard !key.isEmpty else {
        throw problem(
          "\"\(current.map(String.init) ?? "")\" where a key should be.",
          fix: "write a name, in quotes if it holds other signs than letters, digits and _."
        )
      }
      return key
    }
  }

  private mutating func elements() throws(Diagnostic) -> [JSON5Node] {
    let open = position
    advance()
    var elements: [JSON5Node] = []
    while true {
      try skipBlanks()
      if current == "]" {
        advance()
        return elements
      }
      guard current != nil else {
        throw problem(
          "the list that starts at line \(open.line), column \(open.column) never ends.",
          fix: "close it with ]."
        )
      }
      elements.append(try value())
      try separator(close: "]", open: open)
    }
  }

  private mutating func separator(
    close: Unicode.Scalar,
    open: SourcePosition
  ) throws(Diagnostic) {
    let end = position
    try skipBlanks()
    if current == "," { return advance() }
    guard current != close else { return }
    throw problem(
      "no comma after this value.",
      fix: "write a comma, or close the \(close == "}" ? "object" : "list") that starts at line "
        + "\(open.line) with \(close).",
      at: end
    )
  }

  private mutating func identifier() -> String {
    var name = String.UnicodeScalarView()
    while let scalar = current {
      let isLetter = scalar.properties.isXIDContinue || scalar == "_" || scalar == "$"
      guard isLetter else { break }
      name.append(scalar)
      advance()
    }
    return String(name)
  }
}

extension JSON5Parser {
  private mutating func string() throws(Diagnostic) -> String {
    let start = position
    let quote = current
    advance()
    var text = String.UnicodeScalarView()
    while let scalar = current {
      if scalar == quote {
        advance()
        return String(text)
      }
      if scalar == "\n" || scalar == "\r" { break }
      if scalar == "\\" {
        advance()
        try escape(into: &text)
      } else {
        text.append(scalar)
        advance()
      }
    }
    throw problem("this text never ends.", fix: "close it with a quote on its line.", at: start)
  }

  private mutating func escape(into text: inout String.UnicodeScalarView) throws(Diagnostic) {
    guard let scalar = current else { return }
    let simple: [Unicode.Scalar: Unicode.Scalar] = [
      "b": "\u{8}", "f": "\u{C}", "n": "\n", "r": "\r", "t": "\t", "v": "\u{B}", "0": "\0",
    ]
    switch scalar {
    case "\r":
      advance()
      if current == "\n" { advance() }
    case "\n", "\u{2028}", "\u{2029}": advance()
    case "1"..."9":
      throw problem("\\\(scalar) is no escape.", fix: "write the character itself.")
    case "x": text.append(try codePoint(digits: 2))
    case "u": text.append(try codePoint(digits: 4))
    default:
      text.append(simple[scalar] ?? scalar)
      advance()
    }
  }

  private mutating func codePoint(digits count: Int) throws(Diagnostic) -> Unicode.Scalar {
    let start = position
    var code = try hexadecimal(count)
    if (0xD800..<0xDC00).contains(code), current == "\\", peek(1) == "u" {
      advance()
      let low = try hexadecimal(4)
      // A low half that is none leaves the high half alone, which is no character.
      if (0xDC00..<0xE000).contains(low) { code = 0x10000 + (code - 0xD800) << 10 + (low - 0xDC00) }
    }
    guard let scalar = Unicode.Scalar(code) else {
      throw problem("this escape is no character.", fix: "write the character itself.", at: start)
    }
    return scalar
  }

  private mutating func hexadecimal(_ count: Int) throws(Diagnostic) -> UInt32 {
    let start = position
    advance()
    var code: UInt32 = 0
    for _ in 0..<count {
      guard let scalar = current, let digit = Character(scalar).hexDigitValue else {
        throw problem(
          "this escape needs \(count) hexadecimal digits.",
          fix: "complete it.",
          at: start
        )
      }
      code = code * 16 + UInt32(digit)
      advance()
    }
    return code
  }

  private mutating func number() throws(Diagnostic) -> JSON5Node.Kind {
    let start = position
    var literal = ""
    while let scalar = current, scalar.isASCII,
      scalar.properties.isAlphabetic
        || ("0"..."9").contains(scalar) || scalar == "+" || scalar == "-" || scalar == "."
    {
      literal.unicodeScalars.append(scalar)
      advance()
    }
    var digits = Substring(literal)
    let isNegative = digits.hasPrefix("-")
    if isNegative || digits.hasPrefix("+") { digits = digits.dropFirst() }
    let magnitude: Double?
    if digits.lowercased().hasPrefix("0x") {
      magnitude = UInt64(digits.dropFirst(2), radix: 16).map { Double($0) }
    } else if digits.hasPrefix("0"), digits.dropFirst().first.map({ $0.isNumber }) ?? false {
      throw problem(
        "\"\(literal)\" starts with a zero.",
        fix: "leave out the zero, or write a text in quotes.",
        at: start
      )
    } else if digits.first.map({ $0.isNumber || $0 == "." }) ?? false, digits != "." {
      var text = String(digits)
      if text.hasPrefix(".") { text = "0" + text }
      if text.hasSuffix(".") { text += "0" }
      magnitude = Double(text.replacing(".e", with: ".0e"))
    } else {
      magnitude = nil
    }
    guard let magnitude, magnitude.isFinite else {
      throw problem("\"\(literal)\" is not a number.", fix: "write digits, as in 12.5.", at: start)
    }
    return .number(isNegative ? -magnitude : magnitude, literal: literal)
  }
}
