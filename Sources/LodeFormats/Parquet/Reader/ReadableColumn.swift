internal import LodeColumns

/// A column of a file that lode does not read, and why.
public struct SkippedColumn: Sendable, Hashable {
  /// The column's path, names joined by dots.
  public let path: String
  /// What about it lode cannot read.
  public let reason: String
}

/// A column of a file that lode reads, and how its values become cells.
struct ReadableColumn {
  /// How stored numbers become cells.
  enum Conversion: Hashable {
    /// They are the cells.
    case none
    /// They are times in coarser units than microseconds.
    case multiplied(by: Int64)
    /// They are times in finer units than microseconds.
    case divided(by: Int64)
    /// They are unsigned and must fit 63 bits.
    case unsigned
  }

  /// The name and type of the cells.
  let field: Field
  /// The place among the leaves of the schema, and so in each row group.
  let leaf: Int
  /// How values lie in pages.
  let physicalType: PhysicalType
  /// The bytes of a value of fixed length.
  let typeLength: Int
  /// Whether values can be missing.
  let isOptional: Bool
  /// How stored numbers become cells.
  let conversion: Conversion

  /// The readable and the skipped columns of a schema, and the number of its leaves.
  ///
  /// - Throws: `corrupt` for a tree that does not add up.
  static func columns(
    of schema: [SchemaElement]
  ) throws(ParquetError.Reason) -> (
    readable: [ReadableColumn], skipped: [SkippedColumn], leafCount: Int
  ) {
    guard let root = schema.first else { throw .corrupt("no schema") }
    var readable: [ReadableColumn] = []
    var skipped: [SkippedColumn] = []
    var leafCount = 0
    var position = 1
    var names: Set<String> = []
    for _ in 0..<root.childCount {
      let top = try element(of: schema, at: position)
      guard top.childCount == 0 else {
        let leaves = try skipTree(schema, &position, path: [], depth: 0)
        leafCount += leaves.count
        skipped += leaves.map { SkippedColumn(path: $0, reason: "a nested column") }
        continue
      }
      position += 1
      defer { leafCount += 1 }
      if !names.insert(top.name).inserted {
        skipped.append(SkippedColumn(path: top.name, reason: "a second column of this name"))
      } else if top.repetition == 2 {
        skipped.append(SkippedColumn(path: top.name, reason: "a repeated column"))
      } else if let column = try ReadableColumn(top, leaf: leafCount) {
        readable.append(column)
      } else {
        skipped.append(SkippedColumn(path: top.name, reason: Self.reason(top)))
      }
    }
    guard position == schema.count else { throw .corrupt("schema of \(schema.count) nodes") }
    return (readable, skipped, leafCount)
  }

  private static func element(
    of schema: [SchemaElement],
    at position: Int
  ) throws(ParquetError.Reason) -> SchemaElement {
    guard position < schema.count else { throw .corrupt("schema of \(schema.count) nodes") }
    return schema[position]
  }

  /// Steps over a node with its children and gives the paths of its leaves.
  private static func skipTree(
    _ schema: [SchemaElement],
    _ position: inout Int,
    path: [String],
    depth: Int
  ) throws(ParquetError.Reason) -> [String] {
    guard depth < ThriftReader.depthLimit else { throw .corrupt("schema nested too deeply") }
    let node = try element(of: schema, at: position)
    position += 1
    let path = path + [node.name]
    guard node.childCount > 0 else { return [path.joined(separator: ".")] }
    var leaves: [String] = []
    for _ in 0..<node.childCount {
      leaves += try skipTree(schema, &position, path: path, depth: depth + 1)
    }
    return leaves
  }

  private static func reason(_ node: SchemaElement) -> String {
    let type = node.physicalType.map { "\($0)" } ?? "no"
    return "values of \(type) type as \(node.meaning)"
  }

  /// The way to read a leaf, nil if there is none.
  private init?(_ node: SchemaElement, leaf: Int) throws(ParquetError.Reason) {
    guard let physicalType = node.physicalType else { throw .corrupt("a column without a type") }
    guard let (type, conversion) = Self.mapping(physicalType, node) else { return nil }
    self.field = Field(node.name, type)
    self.leaf = leaf
    self.physicalType = physicalType
    self.typeLength = node.typeLength
    self.isOptional = node.repetition == 1
    self.conversion = conversion
  }

  private static func mapping(
    _ physicalType: PhysicalType,
    _ node: SchemaElement
  ) -> (ColumnType, Conversion)? {
    switch (physicalType, node.meaning) {
    case (.boolean, .none): return (.boolean, .none)
    case (.int32, .none), (.int64, .none), (.int32, .integer(_, true)), (.int64, .integer(_, true)):
      return (.integer, .none)
    case (.int32, .integer(_, false)), (.int64, .integer(_, false)): return (.integer, .unsigned)
    case (.int32, .date): return (.date, .none)
    case (.int64, .timestamp(let units)) where units <= 1_000_000:
      let factor = Int64(1_000_000 / units)
      return (.timestamp, factor == 1 ? .none : .multiplied(by: factor))
    case (.int64, .timestamp(let units)):
      return (.timestamp, .divided(by: Int64(units / 1_000_000)))
    case (.float, .none), (.double, .none): return (.double, .none)
    case (.byteArray, .none), (.byteArray, .text): return (.text, .none)
    case (.int32, .decimal(let precision, let scale)),
      (.int64, .decimal(let precision, let scale)),
      (.byteArray, .decimal(let precision, let scale)),
      (.fixedLengthByteArray, .decimal(let precision, let scale)):
      guard (1...18).contains(precision), (0...precision).contains(scale) else { return nil }
      if physicalType == .fixedLengthByteArray, !(1...1024).contains(node.typeLength) { return nil }
      return (.decimal(precision: precision, scale: scale), .none)
    default: return nil
    }
  }
}
