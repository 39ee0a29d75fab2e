/// The bounds of the values of a column chunk, in PLAIN encoding.
struct ColumnStatistics {
  /// A value that no present value is below.
  var minimum: [UInt8]?
  /// A value that no present value is above.
  var maximum: [UInt8]?
  /// The number of missing values.
  var missingCount: Int?
  /// Whether the minimum is itself a value.
  var isMinimumExact = true
  /// Whether the maximum is itself a value.
  var isMaximumExact = true

  /// Nothing known.
  init() {}

  /// Reads statistics; the deprecated bounds of unknown order are passed over.
  init(_ reader: inout ThriftReader) throws(ParquetError.Reason) {
    var last = 0
    while let field = try reader.nextField(after: &last) {
      switch field.id {
      case 3: missingCount = try reader.integer(field)
      case 5: maximum = try reader.binary(field)
      case 6: minimum = try reader.binary(field)
      case 7: isMaximumExact = try reader.boolean(field)
      case 8: isMinimumExact = try reader.boolean(field)
      default: try reader.skip(field)
      }
    }
  }

  /// Writes the fields of the structure.
  func write(to writer: inout ThriftWriter) {
    if let missingCount { writer.int64(3, missingCount) }
    if let maximum { writer.binary(5, maximum) }
    if let minimum { writer.binary(6, minimum) }
    if maximum != nil { writer.boolean(7, isMaximumExact) }
    if minimum != nil { writer.boolean(8, isMinimumExact) }
  }
}
