/// A JSON value that is written with its keys in the order given: equal values, equal bytes.
indirect enum JSONText {
  case text(String)
  case integer(Int)
  /// A number already in JSON's form.
  case number(String)
  case boolean(Bool)
  case array([JSONText])
  case object([(key: String, value: JSONText)])

  /// A map of texts, its keys ordered by their bytes.
  static func map(_ texts: [String: String]) -> JSONText {
    .object(
      texts.keys
        .sorted { Array($0.utf8).lexicographicallyPrecedes(Array($1.utf8)) }
        .map { (key: $0, value: .text(texts[$0] ?? "")) }
    )
  }

  /// The value in one line.
  var line: String {
    switch self {
    case .text(let text): Self.quoted(text)
    case .integer(let number): String(number)
    case .number(let digits): digits
    case .boolean(let flag): flag ? "true" : "false"
    case .array(let values): "[" + values.map(\.line).joined(separator: ",") + "]"
    case .object(let members):
      "{" + members.map { Self.quoted($0.key) + ":" + $0.value.line }.joined(separator: ",") + "}"
    }
  }

  private static func quoted(_ text: String) -> String {
    var quoted = "\""
    for scalar in text.unicodeScalars {
      switch scalar {
      case "\"": quoted += "\\\""
      case "\\": quoted += "\\\\"
      case "\n": quoted += "\\n"
      case "\r": quoted += "\\r"
      case "\t": quoted += "\\t"
      default:
        if scalar.value < 0x20 {
          let digits = String(scalar.value, radix: 16)
          quoted += "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
        } else {
          quoted.unicodeScalars.append(scalar)
        }
      }
    }
    return quoted + "\""
  }
}
