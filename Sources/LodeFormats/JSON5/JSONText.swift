/// Writes the pieces of machine JSON by hand, so that keys keep their order and bytes never change.
public enum JSONText {
  /// A string with quotes and escapes.
  public static func quoted(_ text: String) -> String {
    var out = "\""
    for scalar in text.unicodeScalars {
      switch scalar {
      case "\"": out += "\\\""
      case "\\": out += "\\\\"
      case "\n": out += "\\n"
      case "\r": out += "\\r"
      case "\t": out += "\\t"
      default:
        if scalar.value < 0x20 {
          let digits = String(scalar.value, radix: 16)
          out += "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
        } else {
          out.unicodeScalars.append(scalar)
        }
      }
    }
    return out + "\""
  }

  /// A number: whole numbers without a fraction, others in the shortest text that reads back equal;
  /// `null` if it is not finite.
  public static func number(_ number: Double) -> String {
    guard number.isFinite else { return "null" }
    if number == number.rounded(), number.magnitude < 1e15 { return String(Int64(number)) }
    return "\(number)"
  }

  /// An object of members that are already JSON, in the given order.
  public static func object(_ members: [(key: String, json: String)]) -> String {
    "{" + members.map { quoted($0.key) + ":" + $0.json }.joined(separator: ",") + "}"
  }

  /// An array of elements that are already JSON.
  public static func array(_ elements: [String]) -> String {
    "[" + elements.joined(separator: ",") + "]"
  }

  /// An object of texts, its keys ordered by their bytes.
  public static func map(_ texts: [String: String]) -> String {
    let keys = texts.keys.sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) }
    return object(keys.map { ($0, quoted(texts[$0] ?? "")) })
  }
}
