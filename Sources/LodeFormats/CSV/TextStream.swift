internal import LodeRuntime

/// Turns the bytes of an encoding into UTF-8, piece by piece.
protocol TextRecoder {
  /// Appends the text of some bytes.
  ///
  /// - Throws: a diagnostic at the first byte that has no meaning.
  mutating func recode(_ bytes: Span<UInt8>, into text: inout [UInt8]) throws(Diagnostic)

  /// Makes sure that the text is whole, when all its bytes have been given.
  ///
  /// - Throws: a diagnostic if it is not.
  mutating func finish() throws(Diagnostic)
}

/// The text of a source as UTF-8, read from start to end: plain, gzip or zstd, in any encoding.
///
/// Memory: some pieces of fixed size, however long the source is.
struct TextStream {
  private static let pieceSize = 1 << 18

  private let source: SourceBytes
  private var reader: SourceReader
  private let format: CompressionFormat
  private let decoder: (any StreamDecoder)?
  private var recoder: (any TextRecoder)?
  /// Bytes of the source, and those that are not used yet.
  private var raw: [UInt8]
  private var unused = 0..<0
  /// Content behind the codec.
  private var content: [UInt8] = []
  /// Text that was not handed out yet, from `aheadStart` on.
  private var ahead: [UInt8] = []
  private var aheadStart = 0
  private var isAtEnd = false

  /// The text of a source; its format is told by its first bytes.
  ///
  /// - Throws: a diagnostic if the source cannot be read.
  init(_ source: SourceBytes, encoding: CSVReader.TextEncoding) throws(Diagnostic) {
    self.source = source
    reader = try SourceReader(source)
    raw = Array(repeating: 0, count: max(16, min(Self.pieceSize, source.byteCount)))
    let count = try reader.read(raw.count, into: &raw, at: 0)
    unused = 0..<count
    format = CompressionFormat.detected(in: Array(raw.prefix(min(count, 4))))
    do throws(CompressionError) {
      switch format {
      case .gzip: decoder = try Gzip.Decoder()
      case .zstd: decoder = try Zstandard.Decoder()
      case .snappy, .lz4, .brotli, .uncompressed: decoder = nil
      }
    } catch {
      throw Self.unreadable(source, error)
    }
    switch encoding {
    case .utf8: recoder = nil
    case .utf16: recoder = UTF16Encoding(name: source.name)
    case .windows1252, .windows1258, .latin1:
      recoder = SingleByteEncoding(encoding, name: source.name)
    }
    if decoder != nil { content = Array(repeating: 0, count: Self.pieceSize) }
  }

  /// The part of the source that was read so far, 0…1.
  var fractionRead: Double {
    Double(reader.position - unused.count) / Double(max(1, source.byteCount))
  }

  /// The next bytes of the text, which stay to be read; fewer than wanted only at its end.
  ///
  /// - Throws: a diagnostic if the source cannot be read.
  mutating func peek(_ count: Int) throws(Diagnostic) -> [UInt8] {
    while ahead.count - aheadStart < count, !isAtEnd { try readAhead() }
    return Array(ahead[aheadStart..<min(ahead.count, aheadStart + count)])
  }

  /// Steps over bytes that were looked at.
  mutating func skip(_ count: Int) { aheadStart += count }

  /// Reads the next bytes of the text.
  ///
  /// - Parameters:
  ///   - count: the bytes wanted.
  ///   - buffer: the array that takes them; it keeps its length.
  ///   - place: where the first byte goes.
  /// - Returns: the bytes read; fewer than wanted only at the end of the text.
  /// - Throws: a diagnostic if the source cannot be read.
  mutating func read(
    _ count: Int,
    into buffer: inout [UInt8],
    at place: Int
  ) throws(Diagnostic) -> Int {
    var done = 0
    while done < count {
      if aheadStart == ahead.count {
        ahead.removeAll(keepingCapacity: ahead.count <= 1 << 20)
        aheadStart = 0
        if decoder == nil && recoder == nil && unused.isEmpty {
          return done + (try reader.read(count - done, into: &buffer, at: place + done))
        }
        if isAtEnd { return done }
        try readAhead()
        continue
      }
      let step = min(count - done, ahead.count - aheadStart)
      buffer.replaceSubrange(
        place + done..<place + done + step,
        with: ahead[aheadStart..<aheadStart + step]
      )
      done += step
      aheadStart += step
    }
    return done
  }

  /// All text that is left.
  ///
  /// - Throws: a diagnostic if the source cannot be read.
  consuming func rest() throws(Diagnostic) -> [UInt8] {
    while !isAtEnd { try readAhead() }
    ahead.removeFirst(aheadStart)
    return ahead
  }

  /// Brings one more piece of the text to `ahead`.
  private mutating func readAhead() throws(Diagnostic) {
    if unused.isEmpty {
      let count = try reader.read(raw.count, into: &raw, at: 0)
      unused = 0..<count
      if count == 0 { return try finish() }
    }
    // The arrays are named apart from `self`, which takes what comes out of them.
    let input = raw
    guard decoder != nil else {
      let piece = unused
      unused = piece.upperBound..<piece.upperBound
      return try append(input.span.extracting(piece))
    }
    let step = try decode(input.span.extracting(0..<unused.upperBound), from: unused.lowerBound)
    unused = unused.lowerBound + step.used..<unused.upperBound
  }

  /// Undoes some bytes by the codec; the content goes to `ahead`.
  private mutating func decode(
    _ bytes: Span<UInt8>,
    from start: Int
  ) throws(Diagnostic) -> (used: Int, written: Int) {
    var output: [UInt8] = []
    swap(&output, &content)
    defer { swap(&output, &content) }
    var step = (used: 0, written: 0)
    do throws(CompressionError) {
      step = try decoder?.decode(bytes, from: start, into: &output) ?? step
    } catch {
      throw Self.unreadable(source, error)
    }
    try append(output.span.extracting(0..<step.written))
    return step
  }

  /// Takes what the codec still holds, then makes sure that everything was whole.
  private mutating func finish() throws(Diagnostic) {
    if let decoder {
      if try decode([UInt8]().span, from: 0).written > 0 { return }
      do throws(CompressionError) {
        try decoder.finish()
      } catch {
        throw Self.unreadable(source, error)
      }
    }
    try recoder?.finish()
    isAtEnd = true
  }

  private mutating func append(_ bytes: Span<UInt8>) throws(Diagnostic) {
    guard recoder == nil else {
      try recoder?.recode(bytes, into: &ahead)
      return
    }
    ahead.reserveCapacity(ahead.count + bytes.count)
    for index in bytes.indices { ahead.append(bytes[index]) }
  }

  private static func unreadable(_ source: SourceBytes, _ error: CompressionError) -> Diagnostic {
    Diagnostic(
      .failure,
      at: source.name,
      "the compressed file cannot be read: \(error)",
      fix: "fetch the file again."
    )
  }
}
