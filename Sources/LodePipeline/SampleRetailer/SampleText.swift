internal import LodeRuntime

/// A CSV file in the making: bytes, quoted where the format asks for it.
struct SampleText: Sendable {
  private(set) var bytes: [UInt8] = []
  private(set) var rowCount = 0
  private let lineEnd: [UInt8]

  /// A text whose rows end by a line feed, or by carriage return and line feed.
  init(usesCarriageReturn: Bool = false) {
    lineEnd = usesCarriageReturn ? [0x0D, 0x0A] : [0x0A]
  }

  /// A file with a header.
  init(header: String, usesCarriageReturn: Bool = false, hasByteOrderMark: Bool = false) {
    self.init(usesCarriageReturn: usesCarriageReturn)
    if hasByteOrderMark { bytes = [0xEF, 0xBB, 0xBF] }
    bytes += Array(header.utf8) + lineEnd
  }

  /// Adds a row; the fields in `latin1` are written in ISO 8859-1 instead of UTF-8.
  mutating func row(_ fields: [String], latin1: Set<Int> = []) {
    for (place, field) in fields.enumerated() {
      if place > 0 { bytes.append(0x2C) }
      let encoded =
        latin1.contains(place)
        ? field.unicodeScalars.map { UInt8(truncatingIfNeeded: $0.value) } : Array(field.utf8)
      if encoded.contains(where: { $0 == 0x2C || $0 == 0x22 || $0 == 0x0A || $0 == 0x0D }) {
        bytes.append(0x22)
        for byte in encoded {
          if byte == 0x22 { bytes.append(0x22) }
          bytes.append(byte)
        }
        bytes.append(0x22)
      } else {
        bytes += encoded
      }
    }
    bytes += lineEnd
    rowCount += 1
  }

  /// Adds rows rendered elsewhere.
  mutating func append(_ other: SampleText) {
    bytes += other.bytes
    rowCount += other.rowCount
  }

  /// Adds an empty line, which is no row.
  mutating func blankLine() {
    bytes += lineEnd
  }
}

/// How often each kind of dirt was written into one file.
struct SampleTally: Sendable {
  private(set) var counts: [String: Int] = [:]

  /// Counts one more case of a kind.
  mutating func add(_ kind: String, _ count: Int = 1) {
    counts[kind, default: 0] += count
  }

  /// Adds the counts of another part of the file.
  mutating func merge(_ other: SampleTally) {
    counts.merge(other.counts) { $0 + $1 }
  }
}
