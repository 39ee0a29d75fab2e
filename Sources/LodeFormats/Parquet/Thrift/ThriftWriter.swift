/// Writes Thrift's compact protocol.
///
/// - Source: Apache Thrift, "Thrift Compact protocol encoding".
struct ThriftWriter {
  /// What has been written so far.
  private(set) var bytes: [UInt8] = []
  private var last = 0
  private var outer: [Int] = []

  /// A whole number of 32 bits.
  mutating func int32(_ id: Int, _ value: Int) {
    header(id, ThriftType.int32)
    element(value)
  }

  /// A whole number of 64 bits.
  mutating func int64(_ id: Int, _ value: Int) {
    header(id, ThriftType.int64)
    element(value)
  }

  /// A whole number of 8 bits.
  mutating func int8(_ id: Int, _ value: Int8) {
    header(id, ThriftType.int8)
    bytes.append(UInt8(bitPattern: value))
  }

  /// A boolean.
  mutating func boolean(_ id: Int, _ value: Bool) {
    header(id, value ? ThriftType.isTrue : ThriftType.isFalse)
  }

  /// A run of bytes.
  mutating func binary(_ id: Int, _ value: [UInt8]) {
    header(id, ThriftType.binary)
    element(value)
  }

  /// A text.
  mutating func text(_ id: Int, _ value: String) {
    binary(id, Array(value.utf8))
  }

  /// The head of a list, whose elements follow.
  mutating func list(_ id: Int, of type: UInt8, count: Int) {
    header(id, ThriftType.list)
    if count < 15 {
      bytes.append(UInt8(count) << 4 | type)
    } else {
      bytes.append(0xF0 | type)
      variableInteger(UInt64(count))
    }
  }

  /// A whole number in a list.
  mutating func element(_ value: Int) {
    variableInteger(UInt64(bitPattern: Int64(value << 1) ^ Int64(value >> 63)))
  }

  /// A boolean in a list.
  mutating func booleanElement(_ value: Bool) {
    bytes.append(value ? ThriftType.isTrue : ThriftType.isFalse)
  }

  /// A run of bytes in a list.
  mutating func element(_ value: [UInt8]) {
    variableInteger(UInt64(value.count))
    bytes.append(contentsOf: value)
  }

  /// A structure in a field.
  mutating func structure(_ id: Int, _ body: (inout ThriftWriter) -> Void) {
    header(id, ThriftType.structure)
    structure(body)
  }

  /// A structure in a list, or the outermost one.
  mutating func structure(_ body: (inout ThriftWriter) -> Void) {
    outer.append(last)
    last = 0
    body(&self)
    bytes.append(0)
    last = outer.removeLast()
  }

  private mutating func header(_ id: Int, _ type: UInt8) {
    let delta = id - last
    if (1...15).contains(delta) {
      bytes.append(UInt8(delta) << 4 | type)
    } else {
      bytes.append(type)
      element(id)
    }
    last = id
  }

  private mutating func variableInteger(_ value: UInt64) {
    var rest = value
    while rest >= 0x80 {
      bytes.append(UInt8(truncatingIfNeeded: rest) | 0x80)
      rest >>= 7
    }
    bytes.append(UInt8(rest))
  }
}
