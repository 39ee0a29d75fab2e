/// Where something stands in a text file, both counted from 1; columns count Unicode scalars.
public struct SourcePosition: Hashable, Sendable {
  /// The line.
  public let line: Int
  /// The column.
  public let column: Int
}

/// One value of a JSON5 document, with its place.
public struct JSON5Node: Hashable, Sendable {
  /// One `key: value` of an object.
  public struct Member: Hashable, Sendable {
    /// The key.
    public let key: String
    /// Where the key stands.
    public let keyPosition: SourcePosition
    /// The value.
    public let node: JSON5Node

    /// A member.
    public init(key: String, keyPosition: SourcePosition, node: JSON5Node) {
      self.key = key
      self.keyPosition = keyPosition
      self.node = node
    }
  }

  /// What a node holds.
  public enum Kind: Hashable, Sendable {
    /// `null`.
    case null
    /// `true` or `false`.
    case boolean(Bool)
    /// A number, with the text that wrote it.
    case number(Double, literal: String)
    /// A string.
    case string(String)
    /// An array.
    case array([JSON5Node])
    /// An object; members keep their order, keys are distinct.
    case object([Member])
  }

  /// Where the value starts.
  public let position: SourcePosition
  /// The value.
  public let kind: Kind

  /// A node.
  public init(position: SourcePosition, kind: Kind) {
    self.position = position
    self.kind = kind
  }

  /// What the value is, in words, for messages.
  public var kindName: String {
    switch kind {
    case .null: "null"
    case .boolean: "true or false"
    case .number: "a number"
    case .string: "a text"
    case .array: "a list"
    case .object: "an object"
    }
  }

  /// Canonical JSON: keys sorted by their bytes, no blanks; equal documents give equal text.
  public func canonicalJSON() -> String {
    switch kind {
    case .null: return "null"
    case .boolean(let flag): return flag ? "true" : "false"
    case .number(let number, _): return JSONText.number(number)
    case .string(let text): return JSONText.quoted(text)
    case .array(let nodes):
      return "[" + nodes.map { $0.canonicalJSON() }.joined(separator: ",") + "]"
    case .object(let members):
      let sorted = members.sorted { $0.key.utf8.lexicographicallyPrecedes($1.key.utf8) }
      let written = sorted.map { JSONText.quoted($0.key) + ":" + $0.node.canonicalJSON() }
      return "{" + written.joined(separator: ",") + "}"
    }
  }
}
