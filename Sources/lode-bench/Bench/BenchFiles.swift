internal import LodeFormats
internal import LodeMining
internal import LodeNumerics
internal import LodeRuntime

/// Numbers in files as both sides read them: 64-bit little-endian doubles, row after row.
enum BenchFiles {
  /// Writes doubles; the file appears whole or not at all.
  static func write(_ numbers: [Double], to path: String) throws {
    try write(numbers, byteCount: 8, to: path) { $0.bitPattern }
  }

  /// Writes doubles as floats; the file appears whole or not at all.
  static func writeFloats(_ numbers: [Double], to path: String) throws {
    try write(numbers, byteCount: 4, to: path) { UInt64(Float($0).bitPattern) }
  }

  private static func write(
    _ numbers: [Double],
    byteCount: Int,
    to path: String,
    _ bits: (Double) -> UInt64
  ) throws {
    var bytes: [UInt8] = []
    bytes.reserveCapacity(numbers.count * byteCount)
    for number in numbers {
      let bits = bits(number)
      for shift in stride(from: 0, to: 8 * byteCount, by: 8) {
        bytes.append(UInt8(truncatingIfNeeded: bits >> UInt64(shift)))
      }
    }
    try AtomicFile.write(bytes, to: path)
  }

  /// Reads all doubles of a file.
  static func read(_ path: String) throws -> [Double] {
    let file = try InputFile(opening: path)
    return try file.doubles(in: 0..<file.byteCount / 8)
  }

  /// Some rows of a file of floats.
  static func floats(_ file: FloatRowFile, _ rows: Range<Int>) throws -> FloatMatrix {
    var numbers: [Float] = []
    numbers.reserveCapacity(rows.count * file.columnCount)
    for start in stride(from: rows.lowerBound, to: rows.upperBound, by: 4096) {
      try file.withRows(start..<min(start + 4096, rows.upperBound)) { span in
        for place in span.indices { numbers.append(span[place]) }
      }
    }
    return FloatMatrix(rowCount: rows.count, columnCount: file.columnCount, elements: numbers)
  }

  /// A matrix of the given width.
  static func matrix(_ path: String, columns: Int) throws -> Matrix {
    let elements = try read(path)
    return Matrix(rowCount: elements.count / columns, columnCount: columns, elements: elements)
  }
}

/// Rows of doubles in a file, read anew whenever they are asked for.
struct BenchRows: RowBlocks {
  private let file: InputFile
  let rowCount: Int
  let columnCount: Int

  /// The rows of a file of doubles.
  init(_ path: String, columns: Int) throws {
    file = try InputFile(opening: path)
    columnCount = columns
    rowCount = file.byteCount / 8 / columns
  }

  /// Lends consecutive rows.
  func withRows(_ rows: Range<Int>, _ body: (Span<Double>) -> Void) throws {
    let places = rows.lowerBound * columnCount..<rows.upperBound * columnCount
    let numbers = try file.doubles(in: places)
    body(numbers.span)
  }
}
