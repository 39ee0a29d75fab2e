import LodeColumns
import LodeRuntime
import Testing

@testable import LodeFormats

@Suite("Texts of Parquet pages")
struct CellValuesTests {
  private func laidOut(_ texts: [String]) -> ByteStrings {
    var bytes: [UInt8] = [1, 2, 3]
    let ranges = texts.map { text in
      bytes += Array(text.utf8)
      return bytes.count - text.utf8.count..<bytes.count
    }
    return ByteStrings(bytes: bytes, ranges: ranges)
  }

  private func codes(_ cells: CellValues) -> [UInt32]? {
    if case .codes(let codes) = cells { codes } else { nil }
  }

  @Test(
    "codes are those of one text after the other, wherever texts repeat",
    arguments: [
      [], ["a"], ["a", "a"], ["a", "b", "c"], ["c", "b", "a", "b"], ["a", "b", "b", "a", "a", "c"],
      ["", "", "x", ""], (0..<100).map { "C\($0 / 3 % 20)" }, (0..<100).map { "C\($0)" },
    ]
  )
  func texts(texts: [String]) throws {
    var builder = TextDictionaryBuilder()
    var single = TextDictionaryBuilder()
    for part in [texts, texts.reversed(), texts] {
      let cells = try CellValues(.strings(laidOut(part)), .texts(.text), texts: &builder)
      #expect(codes(cells) == part.map { single.code(for: $0) })
    }
    #expect(builder.build() == single.build())
  }

  @Test("only a dictionary of different texts needs no translation")
  func ownCodes() throws {
    for (texts, isOwn) in [(["b", "a"], true), (["a", "a"], false), (["a", "b", "a"], false)] {
      var builder = TextDictionaryBuilder()
      let cells = try CellValues(.strings(laidOut(texts)), .texts(.text), texts: &builder)
      #expect(cells.areOwnCodes == isOwn)
      let all = (0..<UInt32(texts.count)).map { $0 }
      #expect(codes(try cells.looked(up: all)) == codes(cells))
    }
    #expect(!CellValues.integers([0, 1]).areOwnCodes)
    #expect(throws: ParquetError.Reason.corrupt("a code beyond the dictionary")) {
      try CellValues.require([0, 3, 1], below: 3)
    }
  }
}
