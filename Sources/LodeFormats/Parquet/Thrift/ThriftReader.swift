/// The wire types of Thrift's compact protocol.
enum ThriftType {
  static let isTrue: UInt8 = 1
  static let isFalse: UInt8 = 2
  static let int8: UInt8 = 3
  static let int16: UInt8 = 4
  static let int32: UInt8 = 5
  static let int64: UInt8 = 6
  static let double: UInt8 = 7
  static let binary: UInt8 = 8
  static let list: UInt8 = 9
  static let set: UInt8 = 10
  static let map: UInt8 = 11
  static let structure: UInt8 = 12
  static let uuid: UInt8 = 13
}

/// The number and wire type of a field in a structure.
struct ThriftField {
  /// The field's number.
  let id: Int
  /// Its wire type.
  let type: UInt8
}

/// Reads Thrift's compact protocol from bytes that may be damaged.
///
/// Unknown fields of every type can be skipped; nesting and lengths are bounded.
///
/// - Source: Apache Thrift, "Thrift Compact protocol encoding".
struct ThriftReader {
  /// Structures, lists and maps may lie this deep in each other.
  static let depthLimit = 32

  private var cursor: ByteCursor

  /// A reader from the cursor's place.
  init(_ cursor: ByteCursor) {
    self.cursor = cursor
  }

  /// Where the next byte lies.
  var position: Int { cursor.position }

  /// The header of the next field, nil at the end of the structure.
  ///
  /// `last` is the number of the field before, 0 at first; the caller keeps it.
  mutating func nextField(after last: inout Int) throws(ParquetError.Reason) -> ThriftField? {
    let header = try cursor.byte()
    guard header != 0 else { return nil }
    let type = header & 0x0F
    guard (ThriftType.isTrue...ThriftType.uuid).contains(type) else {
      throw .corrupt("metadata of unknown type \(type)")
    }
    let delta = Int(header >> 4)
    let id = delta == 0 ? try signed(bits: 16) : last + delta
    guard id >= 0, id <= Int(Int16.max) else { throw .corrupt("metadata field \(id)") }
    last = id
    return ThriftField(id: id, type: type)
  }

  /// A whole number of 8 to 64 bits.
  mutating func integer(_ field: ThriftField) throws(ParquetError.Reason) -> Int {
    switch field.type {
    case ThriftType.int8: return Int(Int8(bitPattern: try cursor.byte()))
    case ThriftType.int16, ThriftType.int32, ThriftType.int64: return try signed(bits: 64)
    default: throw mismatch(field)
    }
  }

  /// A boolean, whose value lies in the header.
  func boolean(_ field: ThriftField) throws(ParquetError.Reason) -> Bool {
    switch field.type {
    case ThriftType.isTrue: return true
    case ThriftType.isFalse: return false
    default: throw mismatch(field)
    }
  }

  /// A run of bytes.
  mutating func binary(_ field: ThriftField) throws(ParquetError.Reason) -> [UInt8] {
    guard field.type == ThriftType.binary else { throw mismatch(field) }
    return try binaryElement()
  }

  /// A text, which must be UTF-8.
  mutating func text(_ field: ThriftField) throws(ParquetError.Reason) -> String {
    guard let text = String(validating: try binary(field), as: UTF8.self) else {
      throw .corrupt("metadata text that is not UTF-8")
    }
    return text
  }

  /// A run of bytes within a list.
  mutating func binaryElement() throws(ParquetError.Reason) -> [UInt8] {
    Array(cursor.bytes[try cursor.take(try length())])
  }

  /// A whole number within a list.
  mutating func integerElement() throws(ParquetError.Reason) -> Int {
    try signed(bits: 64)
  }

  /// The booleans of a list.
  mutating func booleans(_ field: ThriftField) throws(ParquetError.Reason) -> [Bool] {
    guard field.type == ThriftType.list else { throw mismatch(field) }
    let (type, count) = try listHeader()
    guard type == ThriftType.isTrue || type == ThriftType.isFalse || count == 0 else {
      throw .corrupt("a metadata list of type \(type)")
    }
    var flags: [Bool] = []
    for _ in 0..<count { flags.append(try cursor.byte() == ThriftType.isTrue) }
    return flags
  }

  /// The number of elements of a list whose elements have the given type.
  mutating func list(
    _ field: ThriftField,
    of elementType: UInt8
  ) throws(ParquetError.Reason) -> Int {
    guard field.type == ThriftType.list else { throw mismatch(field) }
    let (type, count) = try listHeader()
    guard type == elementType || count == 0 else {
      throw .corrupt("a metadata list of type \(type)")
    }
    return count
  }

  /// Checks that a structure begins here.
  func requireStructure(_ field: ThriftField) throws(ParquetError.Reason) {
    guard field.type == ThriftType.structure else { throw mismatch(field) }
  }

  /// Steps over the value of a field of any type.
  mutating func skip(_ field: ThriftField) throws(ParquetError.Reason) {
    try skip(type: field.type, depth: 0, isElement: false)
  }

  private mutating func skip(
    type: UInt8,
    depth: Int,
    isElement: Bool
  ) throws(ParquetError.Reason) {
    guard depth < Self.depthLimit else { throw .corrupt("metadata nested too deeply") }
    switch type {
    case ThriftType.isTrue, ThriftType.isFalse:
      if isElement { _ = try cursor.byte() }
    case ThriftType.int8: _ = try cursor.byte()
    case ThriftType.int16, ThriftType.int32, ThriftType.int64: _ = try cursor.variableInteger()
    case ThriftType.double: _ = try cursor.take(8)
    case ThriftType.binary: _ = try cursor.take(try length())
    case ThriftType.uuid: _ = try cursor.take(16)
    case ThriftType.list, ThriftType.set:
      let (elementType, count) = try listHeader()
      for _ in 0..<count { try skip(type: elementType, depth: depth + 1, isElement: true) }
    case ThriftType.map:
      let count = try length()
      guard count > 0 else { return }
      let types = try cursor.byte()
      for _ in 0..<count {
        try skip(type: types >> 4, depth: depth + 1, isElement: true)
        try skip(type: types & 0x0F, depth: depth + 1, isElement: true)
      }
    case ThriftType.structure:
      var last = 0
      while let field = try nextField(after: &last) {
        try skip(type: field.type, depth: depth + 1, isElement: false)
      }
    default: throw .corrupt("metadata of unknown type \(type)")
    }
  }

  private mutating func listHeader() throws(ParquetError.Reason) -> (type: UInt8, count: Int) {
    let header = try cursor.byte()
    let short = Int(header >> 4)
    let count = short == 15 ? try length() : short
    // Every element takes at least one byte.
    guard count <= cursor.remaining else { throw .truncated }
    return (header & 0x0F, count)
  }

  private mutating func length() throws(ParquetError.Reason) -> Int {
    let length = try cursor.variableInteger()
    guard length <= UInt64(cursor.remaining) else { throw .truncated }
    return Int(length)
  }

  private mutating func signed(bits: Int) throws(ParquetError.Reason) -> Int {
    let raw = try cursor.variableInteger()
    return Int(bitPattern: UInt(raw >> 1)) ^ -Int(raw & 1)
  }

  private func mismatch(_ field: ThriftField) -> ParquetError.Reason {
    .corrupt("metadata field \(field.id) of type \(field.type)")
  }
}
