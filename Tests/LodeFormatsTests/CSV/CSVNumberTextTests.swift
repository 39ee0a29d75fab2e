import LodeColumns
import LodeFormats
import LodeRuntime
import Testing

@Suite("Ids in CSV files")
struct CSVNumberTextTests {
  /// Ids by a recipe: each form is a letter and a count of digits.
  private func ids(_ forms: [(String, Int)], count: Int, seed: UInt64) -> [String] {
    var random = CounterRandom(seed: seed)
    return (0..<count)
      .map { place in
        let (letter, digits) = forms[random.integer(below: min(forms.count, 1 + place / 40))]
        let number = String(random.integer(below: 500) + place)
        return letter + String(repeating: "0", count: max(0, digits - number.utf8.count)) + number
      }
  }

  /// The column that a dictionary of plain texts would give.
  private func column(of texts: [String]) -> Column {
    var builder = ColumnBuilder(.text)
    for text in texts { builder.append(text.isEmpty ? .missing : .text(text)) }
    return builder.build()
  }

  private func check(_ texts: [String]) throws {
    let expected = column(of: texts)
    let bytes = Array(("id,n\n" + texts.map { "\($0),1\n" }.joined()).utf8)
    let before = Parallel.threadCount
    defer { Parallel.threadCount = before }
    for (chunkSize, threads) in [(4 << 20, 1), (300, 1), (300, 2), (77, 3), (1000, 8)] {
      Parallel.threadCount = threads
      var reader = CSVReader()
      reader.types = ["id": .text, "n": .integer]
      reader.chunkSize = chunkSize
      let read = try reader.read(SourceBytes(bytes, name: "f.csv")).table.columns[0]
      #expect(read.codes == expected.codes && read.validity == expected.validity)
      #expect(read.dictionary == expected.dictionary)
    }
  }

  @Test("ids of one form have codes in order of first occurrence", arguments: [1, 4, 8])
  func oneForm(digits: Int) throws {
    try check(ids([("C", digits)], count: 600, seed: 1))
    try check(ids([("", digits)], count: 600, seed: 2))
  }

  @Test("so have ids of several forms, one among the other", arguments: 0..<4)
  func severalForms(seed: UInt64) throws {
    let forms = [("C", 6), ("C", 7), ("", 8), ("AB-", 3), ("x", 1)]
    try check(ids(forms, count: 600, seed: seed))
  }

  @Test("a text that is no id, and a cell that is missing, may come at any place")
  func otherTexts() throws {
    for place in [0, 1, 300, 599] {
      var texts = ids([("C", 6), ("D", 6)], count: 600, seed: 9)
      texts[place] = "no id at all"
      try check(texts)
      texts[(place + 7) % 600] = ""
      texts[place] = ""
      try check(texts)
      texts[599 - place] = "C99999999"
      try check(texts)
    }
  }
}
