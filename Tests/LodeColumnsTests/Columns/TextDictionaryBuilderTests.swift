import LodeColumns
import LodeRuntime
import Testing

@Suite("Text dictionary builders")
struct TextDictionaryBuilderTests {
  /// Texts one after the other and where each lies.
  private func laidOut(_ texts: [[UInt8]]) -> (bytes: [UInt8], ranges: [Range<Int>]) {
    var bytes: [UInt8] = []
    let ranges = texts.map { text in
      bytes += text
      return bytes.count - text.count..<bytes.count
    }
    return (bytes, ranges)
  }

  /// Texts of zero to twenty letters of two, so that many are equal and many begin equally.
  private func randomTexts(_ count: Int, seed: UInt64) -> [[UInt8]] {
    var random = CounterRandom(seed: seed)
    return (0..<count)
      .map { _ in
        let letters = [UInt8(ascii: "a"), UInt8(ascii: "b")]
        let length = random.integer(below: 3) == 0 ? 20 : random.integer(below: 10)
        return (0..<length).map { _ in letters[random.integer(below: 2)] }
      }
  }

  /// Takes texts in parts: many at a time, one by one, and as a dictionary of their own.
  private func check(_ parts: [[[UInt8]]]) {
    var many = TextDictionaryBuilder()
    var single = TextDictionaryBuilder()
    var merged = TextDictionaryBuilder()
    for part in parts {
      let (bytes, ranges) = laidOut(part)
      let codes = part.map { single.code(for: $0.span) }
      #expect(many.codes(for: bytes.span, in: ranges.span) == codes)
      #expect(many.count == single.count)
      var own = TextDictionaryBuilder()
      let ownCodes = part.map { Int(own.code(for: $0.span)) }
      let translation = merged.codes(for: own.build())
      #expect(ownCodes.map { translation[$0] } == codes)
    }
    #expect(many.build() == single.build() && merged.build() == single.build())
    // Both ways go on with texts that are known and texts that are not.
    let known = parts.flatMap(\.self)
    for text in known + [Array("not there".utf8)] {
      #expect(many.code(for: text.span) == single.code(for: text.span))
    }
  }

  @Test("the codes of many texts are those of one after the other", arguments: 0..<20)
  func many(seed: UInt64) {
    let sizes = [1, 15, 16, 17, 700, 0, 1500]
    check(sizes.enumerated().map { randomTexts($1, seed: seed * 100 + UInt64($0)) })
  }

  @Test("so are those of texts in rising order, as far as they rise", arguments: 0..<20)
  func rising(seed: UInt64) {
    let texts = Set(randomTexts(400, seed: seed)).sorted { $0.lexicographicallyPrecedes($1) }
    let middle = Int(seed) * texts.count / 20
    let (low, high) = (Array(texts[..<middle]), Array(texts[middle...]))
    check([texts])
    check([low, high])
    check([low, [low.last ?? []] + high])
    check([low, high, low])
    check([high, low])
    check([texts + [texts[middle]]])
  }

  @Test("texts of any bytes are told apart by every byte and by their length")
  func bytes() {
    let zeros = (0..<20).map { [UInt8](repeating: 0, count: $0) }
    let differing = (0..<17)
      .map { place in
        var text = [UInt8](repeating: 0x80, count: 17)
        text[place] = 0x7F
        return text
      }
    check([zeros, differing, zeros.reversed()])
    check([zeros.reversed()])
    check([differing.reversed() + zeros])
  }

  @Test("columns of sorted and of mixed texts are put one after the other")
  func concatenation() {
    let parts = [["a", "b", "b"], ["b", "c"], ["d", "a"], []]
    let columns = parts.map { texts in
      var builder = ColumnBuilder(.text)
      for text in texts { builder.append(.text(text)) }
      return builder.build()
    }
    let whole = Column.concatenating(columns)
    #expect(whole.codes == [0, 1, 1, 1, 2, 3, 0])
    #expect(whole.dictionary.texts == ["a", "b", "c", "d"])
  }

  @Test("texts that are known to differ are found again, whatever their order")
  func knownToDiffer() {
    func codes(_ texts: [String], _ areDistinct: Bool, _ builder: inout TextDictionaryBuilder)
      -> [UInt32]
    {
      let bytes = Array(texts.joined().utf8)
      var ranges: [Range<Int>] = []
      for text in texts {
        let start = ranges.last?.upperBound ?? 0
        ranges.append(start..<(start + text.utf8.count))
      }
      return builder.codes(for: bytes.span, in: ranges.span, areDistinct: areDistinct)
    }
    for first in [["d", "b", "e"], ["b", "d", "e"]] {
      var builder = TextDictionaryBuilder()
      #expect(codes(first, true, &builder) == [0, 1, 2])
      let places = ["b", "e", "f"].map { first.firstIndex(of: $0).map(UInt32.init) ?? 3 }
      #expect(codes(["b", "e", "f"], false, &builder) == places)
      #expect(codes(["f", "g", "d"], true, &builder)[..<2] == [3, 4])
      #expect(builder.build().texts == first + ["f", "g"])
    }
  }

  @Test("codes in another dictionary are the places of equal texts, −1 where there are none")
  func codesInAnother() {
    func dictionary(_ texts: [String]) -> TextDictionary {
      var builder = TextDictionaryBuilder()
      for text in texts { _ = builder.code(for: text) }
      return builder.build()
    }
    let other = dictionary(["a", "b", "d", "e", ""])
    #expect(dictionary(["a", "b", "d", "e", ""]).codes(in: other) == [0, 1, 2, 3, 4])
    #expect(dictionary(["b", "d"]).codes(in: other) == [1, 2])
    #expect(dictionary(["a", "aa", "b", "", "e", "z"]).codes(in: other) == [0, -1, 1, 4, 3, -1])
    #expect(dictionary([]).codes(in: other) == [])
    #expect(dictionary(["x"]).codes(in: dictionary([])) == [-1])
  }
}
