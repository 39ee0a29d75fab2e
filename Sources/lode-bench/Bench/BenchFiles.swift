internal import Foundation
internal import LodeNumerics
internal import LodeRuntime

/// Numbers in files as both sides read them: 64-bit little-endian doubles, row after row.
enum BenchFiles {
  private static let valuesPerBlock = 1 << 20

  /// Writes doubles; the file appears whole or not at all.
  static func write(_ numbers: [Double], to path: String) throws {
    let temporary = path + ".part"
    guard FileManager.default.createFile(atPath: temporary, contents: nil) else {
      throw Diagnostic(.failure, at: path, "the file cannot be made.")
    }
    let file = try FileHandle(forWritingTo: URL(filePath: temporary))
    for start in stride(from: 0, to: numbers.count, by: valuesPerBlock) {
      var bytes: [UInt8] = []
      bytes.reserveCapacity(valuesPerBlock * 8)
      for number in numbers[start..<min(start + valuesPerBlock, numbers.count)] {
        let bits = number.bitPattern
        for shift in stride(from: 0, to: 64, by: 8) {
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

  /// A matrix of the given width.
  static func matrix(_ path: String, columns: Int) throws -> Matrix {
    let elements = try read(path)
    return Matrix(rowCount: elements.count / columns, columnCount: columns, elements: elements)
  }
}
