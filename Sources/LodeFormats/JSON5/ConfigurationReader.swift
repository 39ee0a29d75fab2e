public import LodeRuntime

/// Reads one object of a configuration file: typed look-ups with places, and no key left unknown.
///
/// Every look-up marks its key as known; ``finish()`` refuses the keys that nobody asked for, with
/// a suggestion.
public final class ConfigurationReader {
  /// The file's name, for messages.
  public let file: String
  /// The object that is read.
  public let node: JSON5Node
  /// What the object is, for messages, for example `stage "churn"`.
  public let subject: String
  private let members: [JSON5Node.Member]
  private var known: [String] = []

  /// A reader of `node`.
  ///
  /// - Throws: a diagnostic if the node is not an object.
  public init(_ node: JSON5Node, file: String, subject: String) throws(Diagnostic) {
    self.file = file
    self.node = node
    self.subject = subject
    guard case .object(let members) = node.kind else {
      throw Diagnostic(
        .usage,
        at: "\(file):\(node.position.line):\(node.position.column)",
        "\(subject) is \(node.kindName), not an object.",
        fix: "write { key: value, … }."
      )
    }
    self.members = members
  }

  /// The keys in the order of the file.
  public var keys: [String] { members.map(\.key) }

  /// The place of a node as `file:line:column`.
  public func place(of node: JSON5Node) -> String {
    "\(file):\(node.position.line):\(node.position.column)"
  }

  /// A diagnostic at a node.
  public func problem(at node: JSON5Node, _ message: String, fix: String) -> Diagnostic {
    Diagnostic(.usage, at: place(of: node), message, fix: fix)
  }

  /// The node of a key, nil if the key is absent or null.
  public func node(_ key: String) -> JSON5Node? {
    if !known.contains(key) { known.append(key) }
    let node = members.first { $0.key == key }?.node
    return node?.kind == .null ? nil : node
  }

  /// The node of a key that must be there.
  ///
  /// - Throws: a diagnostic that names the missing key.
  public func requiredNode(_ key: String) throws(Diagnostic) -> JSON5Node {
    guard let found = node(key) else {
      let near = members.map(\.key).filter { !known.contains($0) }
      let typo = Suggestion.closest(to: key, in: near)
      throw problem(
        at: node,
        "\(subject) has no \"\(key)\".",
        fix: typo.map { "is \"\($0)\" meant to be \"\(key)\"?" } ?? "add \(key): …."
      )
    }
    return found
  }

  /// The text of a key, nil if absent.
  ///
  /// - Throws: a diagnostic if it is not a text.
  public func string(_ key: String) throws(Diagnostic) -> String? {
    guard let node = node(key) else { return nil }
    guard case .string(let text) = node.kind else { throw wrongKind(key, node, "a text") }
    return text
  }

  /// The text of a key that must be there.
  ///
  /// - Throws: a diagnostic if it is absent or not a text.
  public func requiredString(_ key: String) throws(Diagnostic) -> String {
    let node = try requiredNode(key)
    guard case .string(let text) = node.kind else { throw wrongKind(key, node, "a text") }
    return text
  }

  /// The number of a key, nil if absent.
  ///
  /// - Throws: a diagnostic if it is not a number in the given range.
  public func number(_ key: String, in range: ClosedRange<Double>) throws(Diagnostic) -> Double? {
    guard let node = node(key) else { return nil }
    guard case .number(let number, let literal) = node.kind else {
      throw wrongKind(key, node, "a number")
    }
    guard range.contains(number) else {
      throw problem(
        at: node,
        "\"\(key)\" of \(subject) is \(literal).",
        fix: "write a number from \(JSONText.number(range.lowerBound)) to "
          + "\(JSONText.number(range.upperBound))."
      )
    }
    return number
  }

  /// The whole number of a key, nil if absent.
  ///
  /// - Throws: a diagnostic if it is not a whole number in the given range.
  public func integer(_ key: String, in range: ClosedRange<Int>) throws(Diagnostic) -> Int? {
    let bounds = Double(range.lowerBound)...Double(range.upperBound)
    guard let number = try number(key, in: bounds), let node = node(key) else { return nil }
    guard number == number.rounded() else {
      throw problem(
        at: node,
        "\"\(key)\" of \(subject) is \(JSONText.number(number)).",
        fix: "write a whole number from \(range.lowerBound) to \(range.upperBound)."
      )
    }
    return Int(number)
  }

  /// The truth value of a key, nil if absent.
  ///
  /// - Throws: a diagnostic if it is neither true nor false.
  public func boolean(_ key: String) throws(Diagnostic) -> Bool? {
    guard let node = node(key) else { return nil }
    guard case .boolean(let flag) = node.kind else { throw wrongKind(key, node, "true or false") }
    return flag
  }

  /// The texts of a list, nil if absent.
  ///
  /// - Throws: a diagnostic if it is not a list of texts.
  public func strings(_ key: String) throws(Diagnostic) -> [String]? {
    guard let node = node(key) else { return nil }
    guard case .array(let elements) = node.kind else {
      throw wrongKind(key, node, "a list of texts")
    }
    var texts: [String] = []
    for element in elements {
      guard case .string(let text) = element.kind else {
        throw wrongKind(key, element, "a list of texts")
      }
      texts.append(text)
    }
    return texts
  }

  /// The numbers of a list, nil if absent.
  ///
  /// - Throws: a diagnostic if it is not a list of numbers.
  public func numbers(_ key: String) throws(Diagnostic) -> [Double]? {
    guard let node = node(key) else { return nil }
    guard case .array(let elements) = node.kind else {
      throw wrongKind(key, node, "a list of numbers")
    }
    var numbers: [Double] = []
    for element in elements {
      guard case .number(let number, _) = element.kind else {
        throw wrongKind(key, element, "a list of numbers")
      }
      numbers.append(number)
    }
    return numbers
  }

  /// The choice of a key among named options, nil if absent.
  ///
  /// - Throws: a diagnostic that lists the options.
  public func choice<Choice: RawRepresentable & CaseIterable>(
    _ key: String,
    of type: Choice.Type
  ) throws(Diagnostic) -> Choice? where Choice.RawValue == String {
    guard let text = try string(key), let node = node(key) else { return nil }
    let options = type.allCases.map(\.rawValue)
    guard let choice = Choice(rawValue: text) else {
      throw problem(
        at: node,
        "\"\(key)\" of \(subject) is \"\(text)\"\(Suggestion.ending(for: text, in: options))",
        fix: "choose one of \(options.map { "\"\($0)\"" }.joined(separator: ", "))."
      )
    }
    return choice
  }

  /// A reader of the object at a key, nil if absent.
  ///
  /// - Throws: a diagnostic if it is not an object.
  public func object(_ key: String) throws(Diagnostic) -> ConfigurationReader? {
    guard let node = node(key) else { return nil }
    return try ConfigurationReader(node, file: file, subject: "\"\(key)\" of \(subject)")
  }

  /// Refuses every key that no look-up asked for.
  ///
  /// - Throws: a diagnostic at the first unknown key, with a suggestion.
  public func finish() throws(Diagnostic) {
    for member in members where !known.contains(member.key) {
      let place = "\(file):\(member.keyPosition.line):\(member.keyPosition.column)"
      throw Diagnostic(
        .usage,
        at: place,
        "unknown key \"\(member.key)\" in \(subject)"
          + "\(Suggestion.ending(for: member.key, in: known))",
        fix: "remove it, or use one of: \(known.joined(separator: ", "))."
      )
    }
  }

  private func wrongKind(_ key: String, _ node: JSON5Node, _ wanted: String) -> Diagnostic {
    problem(
      at: node,
      "\"\(key)\" of \(subject) is \(node.kindName), not \(wanted).",
      fix: "write \(wanted)."
    )
  }
}
