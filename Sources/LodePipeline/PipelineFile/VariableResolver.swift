internal import LodeFormats
internal import LodeRuntime

/// Replaces `${name}` by variables and `${NAME}` or `${NAME:-default}` by the environment.
///
/// A text that is exactly one `${name}` takes the type of the variable.
struct VariableResolver {
  let file: String
  let environment: [String: String]
  private var variables: [(name: String, node: JSON5Node)] = []

  init(file: String, environment: [String: String]) {
    self.file = file
    self.environment = environment
  }

  /// Takes in the `vars` of the document, some of them replaced from the command line.
  mutating func define(
    _ document: JSON5Node,
    overrides: [String: String]
  ) throws(Diagnostic) {
    var declared: [JSON5Node.Member] = []
    if case .object(let members) = document.kind,
      let vars = members.first(where: { $0.key == "vars" }),
      case .object(let pairs) = vars.node.kind
    {
      declared = pairs
    }
    for name in overrides.keys.sorted() where !declared.contains(where: { $0.key == name }) {
      let known = declared.map(\.key)
      throw Diagnostic(
        .usage,
        at: file,
        "there is no variable \"\(name)\" in vars\(Suggestion.ending(for: name, in: known))",
        fix: "declare it in vars, or leave out --var \(name)=…."
      )
    }
    for member in declared {
      var node = try resolve(member.node)
      if let text = overrides[member.key] {
        let kind: JSON5Node.Kind =
          if case .number = node.kind, let number = Double(text) {
            .number(number, literal: text)
          } else {
            .string(text)
          }
        node = JSON5Node(position: node.position, kind: kind)
      }
      variables.append((member.key, node))
    }
  }

  /// The node with every reference replaced.
  func resolve(_ node: JSON5Node) throws(Diagnostic) -> JSON5Node {
    switch node.kind {
    case .null, .boolean, .number: return node
    case .string(let text): return try resolve(text, node)
    case .array(let elements):
      var resolved: [JSON5Node] = []
      for element in elements { resolved.append(try resolve(element)) }
      return JSON5Node(position: node.position, kind: .array(resolved))
    case .object(let members):
      var resolved: [JSON5Node.Member] = []
      for member in members {
        let value = try resolve(member.node)
        resolved.append(.init(key: member.key, keyPosition: member.keyPosition, node: value))
      }
      return JSON5Node(position: node.position, kind: .object(resolved))
    }
  }

  private func resolve(_ text: String, _ node: JSON5Node) throws(Diagnostic) -> JSON5Node {
    guard text.contains("${") else { return node }
    var out = ""
    var rest = text[...]
    while let open = rest.firstRange(of: "${") {
      guard let close = rest[open.upperBound...].firstIndex(of: "}") else {
        throw problem(node, "\"${\" is never closed.", fix: "close it with }.")
      }
      let reference = String(rest[open.upperBound..<close])
      let value = try value(of: reference, node)
      let isWhole = open.lowerBound == text.startIndex && text.index(after: close) == text.endIndex
      if isWhole { return JSON5Node(position: node.position, kind: value.kind) }
      out += rest[..<open.lowerBound]
      switch value.kind {
      case .string(let inserted): out += inserted
      case .number(_, let literal): out += literal
      case .boolean(let flag): out += String(flag)
      default: throw problem(node, "${\(reference)} is \(value.kindName).", fix: "use a text.")
      }
      rest = rest[text.index(after: close)...]
    }
    return JSON5Node(position: node.position, kind: .string(out + rest))
  }

  private func value(of reference: String, _ node: JSON5Node) throws(Diagnostic) -> JSON5Node {
    if let variable = variables.first(where: { $0.name == reference }) { return variable.node }
    let name =
      reference.firstRange(of: ":-").map { String(reference[..<$0.lowerBound]) } ?? reference
    let isUpperCase = name.unicodeScalars.allSatisfy { scalar in
      ("A"..."Z").contains(scalar) || ("0"..."9").contains(scalar) || scalar == "_"
    }
    if isUpperCase {
      if let text = environment[name] {
        return JSON5Node(position: node.position, kind: .string(text))
      }
      if let mark = reference.firstRange(of: ":-") {
        return JSON5Node(
          position: node.position,
          kind: .string(String(reference[mark.upperBound...]))
        )
      }
      throw problem(
        node,
        "the environment has no \(name).",
        fix: "set it, or write a default: ${\(name):-value}."
      )
    }
    let known = variables.map(\.name)
    throw problem(
      node,
      "there is no variable \"\(reference)\"\(Suggestion.ending(for: reference, in: known))",
      fix: "declare it in vars."
    )
  }

  private func problem(_ node: JSON5Node, _ message: String, fix: String) -> Diagnostic {
    let place = "\(file):\(node.position.line):\(node.position.column)"
    return Diagnostic(.usage, at: place, message, fix: fix)
  }
}
