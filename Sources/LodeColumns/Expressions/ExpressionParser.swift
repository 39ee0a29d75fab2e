public import LodeRuntime

extension Expression {
  /// Reads an expression.
  ///
  /// - Parameter text: for example `tier in ('top', 'high') and churn_p >= 0.35`.
  /// - Throws: a diagnostic that names the place in the text, counted from 1.
  public init(parsing text: String) throws(Diagnostic) {
    var parser = ExpressionParser(tokens: try ExpressionToken.tokens(of: text))
    self = try parser.whole()
  }
}

/// A piece of an expression with its place.
private struct ExpressionToken {
  enum Kind: Equatable {
    case word(String)
    case number(Double)
    case integer(Int64)
    case text(String)
    case sign(String)
    case end
  }

  let kind: Kind
  let column: Int

  static func tokens(of text: String) throws(Diagnostic) -> [ExpressionToken] {
    let scalars = Array(text.unicodeScalars)
    var tokens: [ExpressionToken] = []
    var index = 0
    while index < scalars.count {
      let start = index
      let scalar = scalars[index]
      if scalar.properties.isWhitespace {
        index += 1
        continue
      }
      if scalar.properties.isAlphabetic || scalar == "_" {
        while index < scalars.count, isWordPart(scalars[index]) { index += 1 }
        tokens.append(.init(kind: .word(string(scalars[start..<index])), column: start + 1))
      } else if ("0"..."9").contains(scalar) {
        while index < scalars.count, isWordPart(scalars[index]) || scalars[index] == "." {
          index += 1
        }
        let literal = string(scalars[start..<index])
        guard let number = Double(literal) else {
          throw problem("\"\(literal)\" is not a number", start)
        }
        let kind = Int64(literal).map { Kind.integer($0) } ?? .number(number)
        tokens.append(.init(kind: kind, column: start + 1))
      } else if scalar == "'" {
        tokens.append(.init(kind: .text(try quoted(scalars, &index)), column: start + 1))
      } else {
        let pair = index + 1 < scalars.count ? string(scalars[index...index + 1]) : ""
        let sign = ["<=", ">=", "!=", "<>"].contains(pair) ? pair : String(scalar)
        guard ["<=", ">=", "!=", "<>"].contains(sign) || "=<>+-*/(),".contains(sign) else {
          throw problem("\"\(sign)\" has no meaning here", start)
        }
        index += sign.unicodeScalars.count
        tokens.append(.init(kind: .sign(sign == "<>" ? "!=" : sign), column: start + 1))
      }
    }
    tokens.append(.init(kind: .end, column: scalars.count + 1))
    return tokens
  }

  private static func quoted(
    _ scalars: [Unicode.Scalar],
    _ index: inout Int
  ) throws(Diagnostic) -> String {
    let start = index
    var text = String.UnicodeScalarView()
    index += 1
    while index < scalars.count {
      if scalars[index] == "'" {
        guard index + 1 < scalars.count, scalars[index + 1] == "'" else {
          index += 1
          return String(text)
        }
        index += 1
      }
      text.append(scalars[index])
      index += 1
    }
    throw problem("this text is never closed", start)
  }

  private static func isWordPart(_ scalar: Unicode.Scalar) -> Bool {
    scalar.properties.isAlphabetic || scalar == "_" || ("0"..."9").contains(scalar)
  }

  private static func string(_ scalars: ArraySlice<Unicode.Scalar>) -> String {
    String(String.UnicodeScalarView(scalars))
  }

  static func problem(_ message: String, _ index: Int) -> Diagnostic {
    Diagnostic(
      .usage,
      "at sign \(index + 1) of the expression: \(message).",
      fix: "write conditions as in: tier in ('top', 'high') and churn_p >= 0.35."
    )
  }
}

/// Recursive descent: or < and < not < comparison < sum < product < value.
private struct ExpressionParser {
  let tokens: [ExpressionToken]
  private var index = 0
  private var depth = 0

  init(tokens: [ExpressionToken]) {
    self.tokens = tokens
  }

  private var kind: ExpressionToken.Kind { tokens[index].kind }

  mutating func whole() throws(Diagnostic) -> Expression {
    let expression = try disjunction()
    guard kind == .end else { throw problem("nothing more is expected") }
    return expression
  }

  private func problem(_ message: String) -> Diagnostic {
    ExpressionToken.problem(message, tokens[index].column - 1)
  }

  private mutating func accept(_ word: String) -> Bool {
    guard case .word(let text) = kind, text.lowercased() == word else { return false }
    index += 1
    return true
  }

  private mutating func accept(sign: String) -> Bool {
    guard kind == .sign(sign) else { return false }
    index += 1
    return true
  }

  private mutating func disjunction() throws(Diagnostic) -> Expression {
    depth += 1
    defer { depth -= 1 }
    guard depth < 100 else { throw problem("too many parentheses") }
    var left = try conjunction()
    while accept("or") { left = .binary(.or, left, try conjunction()) }
    return left
  }

  private mutating func conjunction() throws(Diagnostic) -> Expression {
    var left = try negation()
    while accept("and") { left = .binary(.and, left, try negation()) }
    return left
  }

  private mutating func negation() throws(Diagnostic) -> Expression {
    var isNegated = false
    while accept("not") { isNegated.toggle() }
    let inner = try comparison()
    return isNegated ? .not(inner) : inner
  }

  private mutating func comparison() throws(Diagnostic) -> Expression {
    let left = try sum()
    if accept("is") {
      let isNegated = accept("not")
      guard accept("null") else { throw problem("null is expected behind is") }
      return isNegated ? .not(.isMissing(left)) : .isMissing(left)
    }
    let isNegated = accept("not")
    if accept("in") {
      let test = Expression.isOneOf(left, try list())
      return isNegated ? .not(test) : test
    }
    if accept("between") {
      let low = try sum()
      guard accept("and") else { throw problem("and is expected behind between") }
      let test = Expression.binary(
        .and,
        .binary(.greaterOrEqual, left, low),
        .binary(.lessOrEqual, left, try sum())
      )
      return isNegated ? .not(test) : test
    }
    guard !isNegated else { throw problem("in or between is expected behind not") }
    guard case .sign(let sign) = kind, let op = Expression.Operator(rawValue: sign),
      ["=", "!=", "<", "<=", ">", ">="].contains(sign)
    else { return left }
    index += 1
    return .binary(op, left, try sum())
  }

  private mutating func list() throws(Diagnostic) -> [Expression] {
    guard accept(sign: "(") else { throw problem("( is expected behind in") }
    var items = [try sum()]
    while accept(sign: ",") { items.append(try sum()) }
    guard accept(sign: ")") else { throw problem(") is expected") }
    return items
  }

  private mutating func sum() throws(Diagnostic) -> Expression {
    var left = try product()
    while case .sign(let sign) = kind, sign == "+" || sign == "-",
      let op = Expression.Operator(rawValue: sign)
    {
      index += 1
      left = .binary(op, left, try product())
    }
    return left
  }

  private mutating func product() throws(Diagnostic) -> Expression {
    var left = try value()
    while case .sign(let sign) = kind, sign == "*" || sign == "/",
      let op = Expression.Operator(rawValue: sign)
    {
      index += 1
      left = .binary(op, left, try value())
    }
    return left
  }

  private mutating func value() throws(Diagnostic) -> Expression {
    let token = tokens[index]
    switch token.kind {
    case .number(let number):
      index += 1
      let isWhole = number == number.rounded() && number.magnitude < 1e15
      return .constant(isWhole ? .integer(Int64(number)) : .double(number))
    case .integer(let number):
      index += 1
      return .constant(.integer(number))
    case .text(let text):
      index += 1
      return .constant(.text(text))
    case .sign("-"):
      index += 1
      depth += 1
      defer { depth -= 1 }
      guard depth < 100 else { throw problem("too many signs") }
      return .binary(.subtract, .constant(.integer(0)), try value())
    case .sign("("):
      index += 1
      let inner = try disjunction()
      guard accept(sign: ")") else { throw problem(") is expected") }
      return inner
    case .word(let word): return try wordValue(word)
    default: throw problem("a column, number, text or ( is expected")
    }
  }

  private mutating func wordValue(_ word: String) throws(Diagnostic) -> Expression {
    index += 1
    switch word.lowercased() {
    case "true": return .constant(.boolean(true))
    case "false": return .constant(.boolean(false))
    case "date":
      guard case .text(let text) = kind, let date = CivilDate(text) else {
        return .column(word)
      }
      index += 1
      return .constant(.date(date))
    default: return .column(word)
    }
  }
}
