internal import LodeRuntime

/// Where the fields of a delimited text lie in its bytes.
struct CSVRecords: Sendable {
  /// The first byte of each field, behind an opening quote.
  var starts: [Int] = []
  /// The byte behind each field, before a closing quote.
  var ends: [Int] = []
  /// Whether the field stood in quotes.
  var isQuoted: [Bool] = []
  /// The first field of each record, and one more.
  var firstFields: [Int] = [0]
  /// The line on which each record starts.
  var lines: [Int] = []
  /// The byte at which each record starts.
  var offsets: [Int] = []
  /// The byte behind each record, its line end not counted.
  var recordEnds: [Int] = []
  /// Records with text behind a closing quote.
  var badlyQuoted: Set<Int> = []

  /// The number of records.
  var count: Int { lines.count }

  /// The number of fields of a record.
  func fieldCount(_ record: Int) -> Int { firstFields[record + 1] - firstFields[record] }

  /// The fields of a record as texts.
  func texts(ofRecord record: Int, in bytes: [UInt8]) -> [String] {
    (firstFields[record]..<firstFields[record + 1])
      .map { field in
        String(decoding: fieldBytes(field, in: bytes), as: UTF8.self)
      }
  }

  /// The bytes of a field, with doubled quotes undone.
  func fieldBytes(_ field: Int, in bytes: [UInt8]) -> [UInt8] {
    let raw = bytes[starts[field]..<ends[field]]
    let quote = UInt8(ascii: "\"")
    guard isQuoted[field], raw.contains(quote) else { return Array(raw) }
    var text: [UInt8] = []
    var isSecond = false
    for byte in raw {
      if byte == quote && !isSecond {
        isSecond = true
        continue
      }
      isSecond = false
      text.append(byte)
    }
    return text
  }

  /// Forgets the first record (the header).
  mutating func dropFirst() {
    firstFields.removeFirst()
    lines.removeFirst()
    offsets.removeFirst()
    recordEnds.removeFirst()
    badlyQuoted = Set(badlyQuoted.map { $0 - 1 })
  }
}

/// Finds records and fields: RFC 4180 with LF, CRLF or CR, blank lines skipped.
enum CSVScanner {
  private static let quote = UInt8(ascii: "\"")
  private static let newline = UInt8(ascii: "\n")
  private static let carriageReturn = UInt8(ascii: "\r")

  /// All records of `bytes`.
  ///
  /// - Throws: a diagnostic if a quote is never closed.
  static func scan(
    _ bytes: [UInt8],
    delimiter: UInt8,
    name: String
  ) throws(Diagnostic) -> CSVRecords {
    var records = CSVRecords()
    let estimate = bytes.count / 8
    records.starts.reserveCapacity(estimate)
    records.ends.reserveCapacity(estimate)
    records.isQuoted.reserveCapacity(estimate)
    var position = 0
    var line = 1
    let span = bytes.span
    while position < span.count {
      if skipBlankLine(span, &position, &line) { continue }
      let openLine = line
      guard scanRecord(span, delimiter, &position, &line, &records) else {
        throw Diagnostic(
          .failure,
          at: "\(name):\(openLine)",
          "a quote that opens in this record is never closed.",
          fix: "close the quote, or double it if it is part of the text."
        )
      }
    }
    return records
  }

  /// The number of fields of each of the first records, as far as they can be told.
  static func fieldCounts(_ bytes: [UInt8], delimiter: UInt8, limit: Int) -> [Int] {
    var records = CSVRecords()
    var position = 0
    var line = 1
    let span = bytes.span
    while position < span.count && records.count < limit {
      if skipBlankLine(span, &position, &line) { continue }
      guard scanRecord(span, delimiter, &position, &line, &records) else { break }
    }
    return (0..<records.firstFields.count - 1).map { records.fieldCount($0) }
  }

  private static func skipBlankLine(
    _ bytes: Span<UInt8>,
    _ position: inout Int,
    _ line: inout Int
  ) -> Bool {
    let byte = bytes[position]
    guard byte == newline || byte == carriageReturn else { return false }
    position += lineEndLength(bytes, position)
    line += 1
    return true
  }

  private static func lineEndLength(_ bytes: Span<UInt8>, _ position: Int) -> Int {
    let isPair =
      bytes[position] == carriageReturn && position + 1 < bytes.count
      && bytes[position + 1] == newline
    return isPair ? 2 : 1
  }

  /// Scans one record; false if a quote is never closed.
  private static func scanRecord(
    _ bytes: Span<UInt8>,
    _ delimiter: UInt8,
    _ position: inout Int,
    _ line: inout Int,
    _ records: inout CSVRecords
  ) -> Bool {
    let record = records.lines.count
    records.lines.append(line)
    records.offsets.append(position)
    while true {
      if position < bytes.count && bytes[position] == quote {
        guard scanQuoted(bytes, &position, &line, &records) else { return false }
        if position < bytes.count, bytes[position] != delimiter, bytes[position] != newline,
          bytes[position] != carriageReturn
        {
          records.badlyQuoted.insert(record)
          skipField(bytes, delimiter, &position)
        }
      } else {
        records.starts.append(position)
        skipField(bytes, delimiter, &position)
        records.ends.append(position)
        records.isQuoted.append(false)
      }
      guard position < bytes.count, bytes[position] == delimiter else { break }
      position += 1
    }
    records.firstFields.append(records.starts.count)
    records.recordEnds.append(position)
    if position < bytes.count {
      position += lineEndLength(bytes, position)
      line += 1
    }
    return true
  }

  private static func skipField(_ bytes: Span<UInt8>, _ delimiter: UInt8, _ position: inout Int) {
    var index = position
    while index < bytes.count {
      let byte = bytes[index]
      if byte == delimiter || byte == newline || byte == carriageReturn { break }
      index += 1
    }
    position = index
  }

  private static func scanQuoted(
    _ bytes: Span<UInt8>,
    _ position: inout Int,
    _ line: inout Int,
    _ records: inout CSVRecords
  ) -> Bool {
    var index = position + 1
    let start = index
    while index < bytes.count {
      let byte = bytes[index]
      if byte == quote {
        guard index + 1 < bytes.count, bytes[index + 1] == quote else {
          records.starts.append(start)
          records.ends.append(index)
          records.isQuoted.append(true)
          position = index + 1
          return true
        }
        index += 2
        continue
      }
      if byte == newline { line += 1 }
      index += 1
    }
    return false
  }
}
