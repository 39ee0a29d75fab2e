/// The places of the fields of some records that have the right count of them.
struct CSVRecordBlock {
  /// The field count of every record.
  let columnCount: Int
  /// The most records of a block.
  let capacity: Int
  /// The first byte of each field, behind an opening quote; record by record.
  var starts: [Int]
  /// The byte behind each field (before a closing quote) times 4, plus the two marks.
  var marks: [Int]
  /// The first byte of each record.
  var offsets: [Int]
  /// The byte behind each record, its line end not counted.
  var ends: [Int]
  /// The line of each record, counted from 0 at the start of the chunk.
  var lines: [Int]
  /// The number of records.
  var count = 0

  /// The mark of a field that stood in quotes.
  static let isQuoted = 1
  /// The mark of a field with doubled quotes.
  static let hasDoubledQuotes = 2

  /// An empty block.
  init(columnCount: Int, capacity: Int) {
    self.columnCount = columnCount
    self.capacity = capacity
    starts = Array(repeating: 0, count: capacity * columnCount)
    marks = starts
    offsets = Array(repeating: 0, count: capacity)
    ends = offsets
    lines = offsets
  }

  /// The bytes of a field, with doubled quotes undone.
  static func bytes(_ bytes: Span<UInt8>, start: Int, mark: Int) -> [UInt8] {
    var text: [UInt8] = []
    text.reserveCapacity(mark >> 2 - start)
    var index = start
    while index < mark >> 2 {
      text.append(bytes[index])
      index += mark & hasDoubledQuotes != 0 && bytes[index] == UInt8(ascii: "\"") ? 2 : 1
    }
    return text
  }
}

/// A record that is no row whatever the types are.
struct CSVMalformedRecord: Sendable {
  let offset: Int
  let end: Int
  let line: Int
  let fieldCount: Int
  let isBadlyQuoted: Bool
}
