internal import Glibc
internal import LodeColumns
internal import LodeRuntime

/// The present values of a chunk in the form in which pages hold them.
struct PageValues {
  /// The form of the values.
  enum Form {
    /// Codes of distinct values, in so many bits; all values and the distinct ones are of one of
    /// the other forms.
    indirect case codes([UInt32], width: Int, of: Form, distinct: Form)
    /// Numbers of 64 bits, as they are or as deltas.
    case integers([Int64], asDeltas: Bool)
    /// Numbers of 32 bits.
    case shortIntegers([Int32])
    /// Floating-point numbers.
    case doubles([Double])
    /// Booleans.
    case booleans([Bool])
    /// Codes of texts.
    case texts([UInt32], TextDictionary)
  }

  let form: Form

  /// Values in a form.
  init(_ form: Form) {
    self.form = form
  }

  /// How the pages are encoded.
  var encoding: PageEncoding {
    switch form {
    case .codes: .rleDictionary
    case .integers(_, true): .deltaBinaryPacked
    default: .plain
    }
  }

  /// The number of values.
  var count: Int {
    switch form {
    case .codes(let codes, _, _, _): codes.count
    case .integers(let numbers, _): numbers.count
    case .shortIntegers(let numbers): numbers.count
    case .doubles(let numbers): numbers.count
    case .booleans(let flags): flags.count
    case .texts(let codes, _): codes.count
    }
  }

  /// About how many bytes they take in pages.
  var byteCount: Int {
    switch form {
    case .codes(let codes, let width, _, _): codes.count * width / 8
    case .integers(let numbers, let asDeltas): numbers.count * (asDeltas ? 4 : 8)
    case .shortIntegers(let numbers): numbers.count * 4
    case .doubles(let numbers): numbers.count * 8
    case .booleans(let flags): flags.count / 8
    case .texts(let codes, let dictionary):
      codes.reduce(0) { sum, code in
        sum + 4 + dictionary.offsets[Int(code) + 1] - dictionary.offsets[Int(code)]
      }
    }
  }

  /// Appends some of the values as a page holds them.
  func append(_ range: Range<Int>, to page: inout [UInt8]) {
    switch form {
    case .codes(let codes, let width, _, _):
      page.append(UInt8(width))
      RunLength.encode(codes.span.extracting(range), width: width, into: &page)
    case .integers(let numbers, true):
      DeltaBinaryPacked.encode(numbers.span.extracting(range), into: &page)
    case .integers(let numbers, false): RawNumbers.append(numbers[range], to: &page)
    case .shortIntegers(let numbers): RawNumbers.append(numbers[range], to: &page)
    case .doubles(let numbers): RawNumbers.append(numbers[range], to: &page)
    case .texts(let codes, let dictionary):
      RawNumbers.appendTexts(
        codes[range],
        texts: dictionary.bytes,
        offsets: dictionary.offsets,
        to: &page
      )
    case .booleans(let flags):
      for start in stride(from: range.lowerBound, to: range.upperBound, by: 8) {
        var byte: UInt8 = 0
        for place in 0..<min(8, range.upperBound - start) where flags[start + place] {
          byte |= 1 << UInt8(place)
        }
        page.append(byte)
      }
    }
  }
}

/// Chooses the encoding of a chunk and writes its dictionary page, if it gets one.
struct EncodingChoice {
  /// So many values from the start of a chunk are tried in each encoding: of 65,536 the trials
  /// took longer than the writing.
  private static let sampleCount = 1 << 12

  let options: ParquetOptions
  /// Whether numbers are stored in 32 bits.
  let isShort: Bool

  /// Whole numbers: as codes, as deltas or as they are, whichever is the smallest compressed.
  ///
  /// - Throws: ``CompressionError`` when a codec fails.
  func integers(
    _ numbers: [Int64],
    into chunk: inout EncodedChunk
  ) throws(CompressionError) -> PageValues {
    let size = isShort ? 4 : 8
    let direct: PageValues.Form =
      isShort ? .shortIntegers(Self.short(numbers)) : .integers(numbers, asDeltas: false)
    let mayBeDeltas = !isShort && options.compatibility == .modern && numbers.count > 1
    var best = direct
    var bestCost = numbers.count * size
    if mayBeDeltas {
      bestCost = try cost(of: PageValues(direct))
      let deltas = PageValues.Form.integers(numbers, asDeltas: true)
      let deltaCost = try cost(of: PageValues(deltas))
      if deltaCost < bestCost { (best, bestCost) = (deltas, deltaCost) }
    }
    let sampleCost = bestCost
    guard let bounds = numbers.extent else { return PageValues(direct) }
    guard
      let distinct = try DistinctValues(
        numbers,
        within: bounds,
        limit: options.dictionaryByteLimit / size,
        mayPay: { codes, count throws(CompressionError) in
          guard mayBeDeltas else { return true }
          // With the rest there are more distinct values and wider codes.
          let sample = Self.codes(Array(codes), count: count, of: direct, distinct: direct)
          let rest = Double(numbers.count) / Double(codes.count)
          let dictionary = Self.dictionaryByteCount(codes, count: count, numbers.count, bounds)
          let coded = try Double(cost(of: PageValues(sample))) * rest
          return coded + dictionary < Double(sampleCost)
        }
      ),
      distinct.values.count * size + distinct.codeByteCount < numbers.count * size
    else { return PageValues(best) }
    var page: [UInt8] = []
    let values: PageValues.Form
    if isShort {
      let short = Self.short(distinct.values)
      RawNumbers.append(short, to: &page)
      values = .shortIntegers(short)
    } else {
      RawNumbers.append(distinct.values, to: &page)
      values = .integers(distinct.values, asDeltas: false)
    }
    let compressed = try options.compress(page)
    let coded = PageValues(
      Self.codes(distinct.codes, count: distinct.values.count, of: direct, distinct: values)
    )
    // Codes are shorter to compress and to read, so they may take a few bytes more.
    let sparedByteCount = max(0, PageValues(best).byteCount - distinct.codeByteCount - page.count)
    let mostCost = Double(bestCost) + options.leastGain * Double(sparedByteCount)
    if mayBeDeltas, try Double(cost(of: coded) + compressed.count) >= mostCost {
      return PageValues(best)
    }
    appendDictionary(page, compressed, count: distinct.values.count, to: &chunk)
    return coded
  }

  /// About how many bytes the distinct ones of all numbers take, compressed.
  ///
  /// They grow as they grew from the first half of the codes to all of them, and of each the bytes
  /// stay in which numbers differ.
  ///
  /// - Parameters:
  ///   - codes: the codes of the first numbers, by first occurrence.
  ///   - count: how many distinct ones these are.
  ///   - numberCount: how many numbers there are in all.
  ///   - bounds: the least and the largest of all numbers.
  /// - Returns: the estimate.
  private static func dictionaryByteCount(
    _ codes: ArraySlice<UInt32>,
    count: Int,
    _ numberCount: Int,
    _ bounds: ClosedRange<Int64>
  ) -> Double {
    let half = Double((codes.prefix(codes.count / 2).max() ?? 0) + 1)
    let rest = Double(numberCount) / Double(codes.count)
    let all = Double(count) * pow(rest, log2(Double(count) / half))
    let bits = 64 - (bounds.upperBound &- bounds.lowerBound).leadingZeroBitCount
    return all * Double(bits) / 8
  }

  /// Doubles: as codes or as they are, whichever is the smaller compressed.
  ///
  /// Where more than a quarter of the first differ they stay as they are: bytes that doubles have
  /// in common are found by the codec, too.
  ///
  /// - Throws: ``CompressionError`` when a codec fails.
  func doubles(
    _ doubles: [Double],
    into chunk: inout EncodedChunk
  ) throws(CompressionError) -> PageValues {
    let patterns = doubles.map { Int64(bitPattern: $0.bitPattern) }
    guard
      let distinct = DistinctValues(
        patterns,
        within: nil,
        limit: options.dictionaryByteLimit / 8,
        mayPay: { codes, count in 4 * count <= codes.count }
      ),
      distinct.values.count * 8 + distinct.codeByteCount < doubles.count * 8
    else { return PageValues(.doubles(doubles)) }
    var page: [UInt8] = []
    RawNumbers.append(distinct.values, to: &page)
    let compressed = try options.compress(page)
    let values = distinct.values.map { Double(bitPattern: UInt64(bitPattern: $0)) }
    let coded = PageValues(
      Self.codes(
        distinct.codes,
        count: values.count,
        of: .doubles(doubles),
        distinct: .doubles(values)
      )
    )
    let direct = PageValues(.doubles(doubles))
    guard try cost(of: coded) + compressed.count < cost(of: direct) else { return direct }
    appendDictionary(page, compressed, count: values.count, to: &chunk)
    return coded
  }

  /// Texts: as codes or as they are.
  ///
  /// - Parameters:
  ///   - texts: the codes of the texts.
  ///   - distinct: the same codes by first occurrence.
  ///   - dictionary: where the texts lie.
  ///   - chunk: gets the dictionary page.
  /// - Returns: the values for the data pages.
  /// - Throws: ``CompressionError`` when a codec fails.
  func texts(
    _ texts: [UInt32],
    _ distinct: DistinctValues<UInt32>,
    _ dictionary: TextDictionary,
    into chunk: inout EncodedChunk
  ) throws(CompressionError) -> PageValues {
    let offsets = dictionary.offsets
    let values = distinct.values
    let direct = PageValues.Form.texts(texts, dictionary)
    var dictionaryByteCount = 0
    for code in values { dictionaryByteCount += 4 + offsets[Int(code) + 1] - offsets[Int(code)] }
    let codedByteCount = dictionaryByteCount + distinct.codeByteCount
    // Each text takes four bytes for its length, which mostly says enough.
    guard dictionaryByteCount <= options.dictionaryByteLimit,
      codedByteCount < 4 * texts.count || codedByteCount < PageValues(direct).byteCount
    else { return PageValues(direct) }
    var page: [UInt8] = []
    RawNumbers.appendTexts(values[...], texts: dictionary.bytes, offsets: offsets, to: &page)
    let compressed = try options.compress(page)
    appendDictionary(page, compressed, count: values.count, to: &chunk)
    return PageValues(
      Self.codes(
        distinct.codes,
        count: values.count,
        of: direct,
        distinct: .texts(values, dictionary)
      )
    )
  }

  private static func codes(
    _ codes: [UInt32],
    count: Int,
    of form: PageValues.Form,
    distinct: PageValues.Form
  ) -> PageValues.Form {
    let width = RunLength.width(ofLargest: UInt32(max(1, count) - 1))
    return .codes(codes, width: max(1, width), of: form, distinct: distinct)
  }

  /// About how many bytes the values take compressed, judged by the first of them.
  private func cost(of values: PageValues) throws(CompressionError) -> Int {
    let count = min(values.count, Self.sampleCount)
    var page: [UInt8] = []
    values.append(0..<count, to: &page)
    let compressed = try options.codec.compress(page).count
    return count == 0 ? 0 : Int(Double(compressed) * Double(values.count) / Double(count))
  }

  private func appendDictionary(
    _ page: [UInt8],
    _ compressed: [UInt8],
    count: Int,
    to chunk: inout EncodedChunk
  ) {
    let header = PageHeader.dictionary(
      valueCount: count,
      contentByteCount: page.count,
      compressed: compressed
    )
    chunk.bytes += header
    chunk.bytes += compressed
    chunk.contentByteCount += header.count + page.count
    chunk.dictionaryPageByteCount = chunk.bytes.count
  }

  /// Days as the 32-bit numbers that the format has for dates.
  private static func short(_ days: [Int64]) -> [Int32] {
    days.map { day in
      guard let short = Int32(exactly: day) else {
        preconditionFailure("a date of \(day) days since 1970")
      }
      return short
    }
  }
}

/// Finds the bounds of the values of one page after the other.
struct PageBounds {
  private let values: PageValues
  /// For each text the last page that held it, counted from 1.
  private var seen: [UInt32] = []
  private var page: UInt32 = 0

  /// A finder for the pages of a chunk.
  init(_ values: PageValues) {
    self.values = values
  }

  private var base: PageValues.Form {
    if case .codes(_, _, let form, _) = values.form { return form }
    return values.form
  }

  /// The bounds of the present values in a range.
  mutating func bounds(of range: Range<Int>) -> ValueBounds {
    if case .codes(let codes, _, _, let distinct) = values.form, range.count == codes.count {
      // The same bounds, of fewer values.
      if case .texts(let texts, let dictionary) = distinct { return .of(texts, in: dictionary) }
      var finder = PageBounds(PageValues(distinct))
      return finder.bounds(of: 0..<PageValues(distinct).count)
    }
    switch base {
    case .codes: return .none
    case .integers(let numbers, _): return .of(numbers[range])
    case .shortIntegers(let numbers): return .of(numbers[range])
    case .doubles(let numbers): return .of(numbers[range])
    case .booleans(let flags): return .of(flags[range])
    case .texts(let codes, let dictionary):
      page += 1
      if seen.isEmpty { seen = [UInt32](repeating: 0, count: dictionary.count) }
      var distinct: [UInt32] = []
      for code in codes[range] where seen[Int(code)] != page {
        seen[Int(code)] = page
        distinct.append(code)
      }
      return .of(distinct, in: dictionary)
    }
  }
}
