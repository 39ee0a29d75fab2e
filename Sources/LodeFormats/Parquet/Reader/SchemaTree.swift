/// The columns of a schema: those that can be read and those that cannot.
struct SchemaTree {
  /// The columns that can be read, in file order.
  private(set) var readable: [ReadableColumn] = []
  /// The leaves that cannot be read, in file order.
  private(set) var skipped: [SkippedColumn] = []
  /// The number of leaves, and so of columns in each row group.
  private(set) var leafCount = 0

  /// The columns under the root.
  ///
  /// - Throws: `corrupt` for a tree that does not add up.
  init(_ schema: [SchemaElement]) throws(ParquetError.Reason) {
    guard let root = schema.first else { throw .corrupt("no schema") }
    var position = 1
    var names: Set<String> = []
    for _ in 0..<root.childCount {
      let top = try Self.element(of: schema, at: position)
      guard top.childCount == 0 else {
        try skipTree(schema, &position, path: [], depth: 0)
        continue
      }
      position += 1
      guard top.physicalType != nil else {
        skip(top.name, "a group without columns")
        continue
      }
      defer { leafCount += 1 }
      if !names.insert(top.name).inserted {
        skip(top.name, "\(top.words): a second column of this name")
      } else if top.repetition == 2 {
        skip(top.name, "\(top.words): repeated values, nested columns are not read")
      } else {
        do throws(ReadableColumn.Refusal) {
          readable.append(try ReadableColumn(top, leaf: leafCount))
        } catch {
          switch error {
          case .skipped(let reason): skip(top.name, reason)
          }
        }
      }
    }
    guard position == schema.count else { throw .corrupt("schema of \(schema.count) nodes") }
  }

  private mutating func skip(_ path: String, _ reason: String) {
    skipped.append(SkippedColumn(path: path, reason: reason))
  }

  private static func element(
    of schema: [SchemaElement],
    at position: Int
  ) throws(ParquetError.Reason) -> SchemaElement {
    guard position < schema.count else { throw .corrupt("schema of \(schema.count) nodes") }
    return schema[position]
  }

  /// Steps over a node with its children and reports its leaves.
  private mutating func skipTree(
    _ schema: [SchemaElement],
    _ position: inout Int,
    path: [String],
    depth: Int
  ) throws(ParquetError.Reason) {
    guard depth < ThriftReader.depthLimit else { throw .corrupt("schema nested too deeply") }
    let node = try Self.element(of: schema, at: position)
    position += 1
    let path = path + [node.name]
    guard node.childCount > 0 else {
      guard node.physicalType != nil else { return }
      leafCount += 1
      skip(path.joined(separator: "."), "\(node.words): nested columns are not read")
      return
    }
    for _ in 0..<node.childCount {
      try skipTree(schema, &position, path: path, depth: depth + 1)
    }
  }
}
