/// Walks through records: RFC 4180 with LF, CRLF or CR, blank lines skipped.
///
/// A quote opens only at the start of a field; inside an unquoted field it is a sign like others.
struct CSVScanner {
  /// Why a scan stopped.
  enum Stop: Sendable {
    /// The block is full.
    case full
    /// A record starts at or behind the limit.
    case limit
    /// The bytes end inside a record, and the document goes on.
    case cut
    /// The document ends inside quotes; the line of the record, from 0 at the start of the chunk.
    case unclosed(line: Int)
  }

  private let delimiter: UInt8
  private let delimiters: UInt64
  /// Whether the document ends where the bytes end.
  private let isEnd: Bool
  /// Where the next record starts.
  private(set) var position: Int
  /// The line of the next record, from 0.
  private(set) var line = 0

  private static let quote = UInt8(ascii: "\"")
  private static let newline = UInt8(ascii: "\n")
  private static let carriageReturn = UInt8(ascii: "\r")
  private static let quotes = ByteWords.repeating(quote)
  private static let newlines = ByteWords.repeating(newline)
  private static let returns = ByteWords.repeating(carriageReturn)

  /// A scanner that stands at the start of a record.
  init(delimiter: UInt8, position: Int, isEnd: Bool) {
    self.delimiter = delimiter
    delimiters = ByteWords.repeating(delimiter)
    self.position = position
    self.isEnd = isEnd
  }

  /// Fills a block with the next records that start before `limit`.
  ///
  /// Records with another count of fields or with text behind a closing quote go to `malformed`.
  mutating func fill(
    _ block: inout CSVRecordBlock,
    _ bytes: Span<UInt8>,
    limit: Int,
    malformed: inout [CSVMalformedRecord]
  ) -> Stop {
    var (starts, marks): ([Int], [Int]) = ([], [])
    swap(&starts, &block.starts)
    swap(&marks, &block.marks)
    defer {
      swap(&starts, &block.starts)
      swap(&marks, &block.marks)
    }
    var startSpan = starts.mutableSpan
    var markSpan = marks.mutableSpan
    return fill(&block, &startSpan, &markSpan, bytes, limit: limit, malformed: &malformed)
  }

  @inline(__always)
  private mutating func fill(
    _ block: inout CSVRecordBlock,
    _ starts: inout MutableSpan<Int>,
    _ marks: inout MutableSpan<Int>,
    _ bytes: Span<UInt8>,
    limit: Int,
    malformed: inout [CSVMalformedRecord]
  ) -> Stop {
    block.count = 0
    let columnCount = block.columnCount
    while block.count < block.capacity {
      guard skipBlankLines(bytes, limit) else { return .cut }
      if position >= limit { return .limit }
      let (start, startLine) = (position, line)
      let base = block.count * columnCount
      var fieldCount = 0
      var isBad = false
      while true {
        var field = position
        var mark: Int
        if position < bytes.count, bytes[position] == Self.quote {
          field = position + 1
          guard let end = quoted(bytes) else {
            (position, line) = (start, startLine)
            return isEnd ? .unclosed(line: startLine) : .cut
          }
          mark = end
          if position < bytes.count, !isFieldEnd(bytes[position]) {
            isBad = true
            position = fieldEnd(bytes, position)
          }
        } else {
          position = fieldEnd(bytes, position)
          mark = position << 2
        }
        if fieldCount < columnCount {
          starts[base + fieldCount] = field
          marks[base + fieldCount] = mark
        }
        fieldCount += 1
        guard position < bytes.count, bytes[position] == delimiter else { break }
        position += 1
      }
      let end = position
      guard endRecord(bytes) else {
        (position, line) = (start, startLine)
        return .cut
      }
      if fieldCount == columnCount && !isBad {
        block.offsets[block.count] = start
        block.ends[block.count] = end
        block.lines[block.count] = startLine
        block.count += 1
      } else {
        malformed.append(
          CSVMalformedRecord(
            offset: start,
            end: end,
            line: startLine,
            fieldCount: fieldCount,
            isBadlyQuoted: isBad
          )
        )
      }
    }
    return .full
  }

  /// The texts of the next record; nil at the end or where a quote is never closed.
  mutating func nextFields(_ bytes: Span<UInt8>) -> CSVFirstRecord? {
    guard skipBlankLines(bytes, bytes.count), position < bytes.count else { return nil }
    // The first scan counts the fields; the second has room for all of them, and one more.
    var counting = CSVRecordBlock(columnCount: 0, capacity: 1)
    var malformed: [CSVMalformedRecord] = []
    let beginning = self
    _ = fill(&counting, bytes, limit: position + 1, malformed: &malformed)
    guard let record = malformed.first else { return nil }
    self = beginning
    var block = CSVRecordBlock(columnCount: record.fieldCount + 1, capacity: 1)
    _ = fill(&block, bytes, limit: position + 1, malformed: &malformed)
    let fields = (0..<record.fieldCount)
      .map { field in
        CSVRecordBlock.bytes(bytes, start: block.starts[field], mark: block.marks[field])
      }
    return CSVFirstRecord(record: record, fields: fields)
  }

  @inline(__always)
  private func isFieldEnd(_ byte: UInt8) -> Bool {
    byte == delimiter || byte == Self.newline || byte == Self.carriageReturn
  }

  /// Skips line ends; false if the bytes end before it is clear whether a CR stands alone.
  @inline(__always)
  private mutating func skipBlankLines(_ bytes: Span<UInt8>, _ limit: Int) -> Bool {
    while position < min(limit, bytes.count),
      bytes[position] == Self.newline || bytes[position] == Self.carriageReturn
    {
      guard endRecord(bytes) else { return false }
    }
    return position >= limit || position < bytes.count
  }

  /// Steps over a line end; false if the bytes end before it is clear where it ends.
  @inline(__always)
  private mutating func endRecord(_ bytes: Span<UInt8>) -> Bool {
    guard position < bytes.count else { return isEnd }
    if bytes[position] == Self.carriageReturn {
      guard position + 1 < bytes.count || isEnd else { return false }
      if position + 1 < bytes.count && bytes[position + 1] == Self.newline { position += 1 }
    }
    position += 1
    line += 1
    return true
  }

  /// The first delimiter or line end at or behind `start`, or the end of the bytes.
  @inline(__always)
  private func fieldEnd(_ bytes: Span<UInt8>, _ start: Int) -> Int {
    var index = start
    while index &+ 8 <= bytes.count {
      let word = ByteWords.load(bytes, index)
      let found =
        ByteWords.zeros(word ^ delimiters) | ByteWords.zeros(word ^ Self.newlines)
        | ByteWords.zeros(word ^ Self.returns)
      if found != 0 { return index &+ found.trailingZeroBitCount >> 3 }
      index &+= 8
    }
    while index < bytes.count, !isFieldEnd(bytes[index]) { index &+= 1 }
    return index
  }

  /// Steps over a quoted field; its mark, or nil if no quote closes it.
  private mutating func quoted(_ bytes: Span<UInt8>) -> Int? {
    var index = position + 1
    var flags = CSVRecordBlock.isQuoted
    while index < bytes.count {
      if index &+ 8 <= bytes.count {
        let word = ByteWords.load(bytes, index)
        let found =
          ByteWords.zeros(word ^ Self.quotes) | ByteWords.zeros(word ^ Self.newlines)
          | ByteWords.zeros(word ^ Self.returns)
        if found == 0 {
          index &+= 8
          continue
        }
        index &+= found.trailingZeroBitCount >> 3
      }
      let byte = bytes[index]
      if byte == Self.quote {
        guard index + 1 < bytes.count || isEnd else { return nil }
        guard index + 1 < bytes.count, bytes[index + 1] == Self.quote else {
          position = index + 1
          return index << 2 | flags
        }
        flags |= CSVRecordBlock.hasDoubledQuotes
        index += 2
        continue
      }
      let isLoneReturn =
        byte == Self.carriageReturn
        && (index + 1 == bytes.count || bytes[index + 1] != Self.newline)
      if byte == Self.newline || isLoneReturn { line += 1 }
      index += 1
    }
    return nil
  }
}

/// The first record of a document: the header.
struct CSVFirstRecord {
  let record: CSVMalformedRecord
  let fields: [[UInt8]]
}
