internal import Foundation
internal import LodeFormats
internal import LodeMining
internal import LodeNumerics
internal import LodeRuntime

/// Numbers in files as both sides read them: 64-bit little-endian doubles, row after row.
enum BenchFiles {
  private static let valuesPerBlock = 1 << 20

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
    let temporary = path + ".part"
    guard FileManager.default.createFile(atPath: temporary, contents: nil) else {
      throw Diagnostic(.failure, at: path, "the file cannot be made.")
    }
    let file = try FileHandle(forWritingTo: URL(filePath: temporary))
    for start in stride(from: 0, to: numbers.count, by: valuesPerBlock) {
      var bytes: [UInt8] = []
      bytes.reserveCapacity(valuesPerBlock * byteCount)
      for number in numbers[start..<min(start + valuesPerBlock, numbers.count)] {
        let bits = bits(number)
        for shift in stride(from: 0, to: 8 * byteCount, by: 8) {
          bytes.append(UInt8(truncatingIfNeeded: bits >> UInt64(shift)))
        }
      }
      try file.write(contentsOf: Data(bytes))
    }
    try file.close()
    try FileManager.default.moveItem(atPath: temporary, toPath: path)
  }

  /// Reads all doubles of a file.
  static func read(_ path: String) throws -> [Double] {
    let file = try FileHandle(forReadingFrom: URL(filePath: path))
    let size = try file.seekToEnd()
    try file.seek(toOffset: 0)
    var numbers: [Double] = []
    numbers.reserveCapacity(Int(size) / 8)
    while let data = try file.read(upToCount: valuesPerBlock * 8), !data.isEmpty {
      let bytes = [UInt8](data)
      for start in stride(from: 0, to: bytes.count - 7, by: 8) {
        var bits: UInt64 = 0
        for place in 0..<8 { bits |= UInt64(bytes[start + place]) << UInt64(8 * place) }
        numbers.append(Double(bitPattern: bits))
      }
    }
    try file.close()
    return numbers
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
