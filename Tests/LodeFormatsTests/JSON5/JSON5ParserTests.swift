import LodeFormats
import LodeRuntime
import Testing

@Suite("JSON5")
struct JSON5ParserTests {
  private func json(_ text: String) throws -> String {
    try JSON5Parser.parse(text, file: "f.json5").canonicalJSON()
  }

  static let documents: [(String, String)] = [
    ("{}", "{}"), ("[]", "[]"), ("[1, 2,]", "[1,2]"),
    (
      "{a: 1, 'b': 2, \"c\": 3,}",
      "{\"a\":1,\"b\":2,\"c\":3}"
    ),
    ("// note\n{ /* more\n */ a: 1 } // end", "{\"a\":1}"),
    ("// note\r{a: 1}\r", "{\"a\":1}"), ("// note\u{2028}[1]", "[1]"),
    ("\u{FEFF}[true, false, null]", "[true,false,null]"),
    ("[0x1F, .5, 5., +1, -2.5e3, 1E2, 0, -0x10]", "[31,0.5,5,1,-2500,100,0,-16]"),
    ("'it\\'s'", "\"it's\""), ("\"a\\nb\\tc\\\\\"", "\"a\\nb\\tc\\\\\""),
    ("'one \\\ntwo'", "\"one two\""), ("'one \\\r\ntwo'", "\"one two\""),
    ("'\\x41\\u00e9\\uD83D\\uDE00'", "\"Aé😀\""), ("'\\q'", "\"q\""), ("'\\0'", "\"\\u0000\""),
    ("{$a_1: 1, ünï: 2}", "{\"$a_1\":1,\"ünï\":2}"),
    ("{b: 1, a: {d: [], c: null}}", "{\"a\":{\"c\":null,\"d\":[]},\"b\":1}"),
    ("'http://x // no comment'", "\"http://x // no comment\""),
    ("1e-7", "1e-07"),
  ]

  @Test("documents mean what the format says", arguments: documents)
  func values(text: String, expected: String) throws {
    #expect(try json(text) == expected)
  }

  @Test("positions count lines and columns from 1")
  func positions() throws {
    let node = try JSON5Parser.parse("{\n  a: 1,\r\n  'ü': [2,\n 3],\r b: 4 }", file: "f")
    guard case .object(let members) = node.kind, case .array(let items) = members[1].node.kind
    else {
      Issue.record("no object")
      return
    }
    #expect(members.map(\.keyPosition.line) == [2, 3, 5])
    #expect(members.map(\.keyPosition.column) == [3, 3, 2])
    #expect(items.map(\.position.line) == [3, 4] && items.map(\.position.column) == [9, 2])
  }

  static let wrongDocuments: [(String, String)] = [
    ("", "f:1:1: the file ends where a value should be.\n  fix: complete the value."),
    (
      "{a: }",
      "f:1:5: \"}\" where a value should be.\n"
        + "  fix: write a text, a number, true, false, null, [ ] or { }."
    ),
    (
      "{a: 1\n b: 2}",
      "f:1:6: no comma after this value.\n"
        + "  fix: write a comma, or close the object that starts at line 1 with }."
    ),
    (
      "[1 2]",
      "f:1:3: no comma after this value.\n"
        + "  fix: write a comma, or close the list that starts at line 1 with ]."
    ),
    ("{a 1}", "f:1:4: no \":\" after the key \"a\".\n  fix: write a: value."),
    (
      "{a: 1, a: 2}",
      "f:1:8: the key \"a\" stands twice in one object, first at line 1.\n"
        + "  fix: remove one of the two."
    ),
    (
      "{,}",
      "f:1:2: \",\" where a key should be.\n"
        + "  fix: write a name, in quotes if it holds other signs than letters, digits and _."
    ),
    (
      "{a: 1,",
      "f:1:7: the object that starts at line 1, column 1 never ends.\n  fix: close it with }."
    ),
    (
      "[1,",
      "f:1:4: the list that starts at line 1, column 1 never ends.\n  fix: close it with ]."
    ),
    ("{} x", "f:1:4: \"x\" after the end of the document.\n  fix: remove it."),
    ("/* x", "f:1:1: this comment never ends.\n  fix: close it with */."),
    ("'abc", "f:1:1: this text never ends.\n  fix: close it with a quote on its line."),
    ("'abc\ndef'", "f:1:1: this text never ends.\n  fix: close it with a quote on its line."),
    ("'abc\rdef'", "f:1:1: this text never ends.\n  fix: close it with a quote on its line."),
    ("'abc\\", "f:1:1: this text never ends.\n  fix: close it with a quote on its line."),
    ("{a: weekly}", "f:1:5: weekly is not a value.\n  fix: put quotes around it: \"weekly\"."),
    ("Infinity", "f:1:1: Infinity is not a value here.\n  fix: write a finite number."),
    ("NaN", "f:1:1: NaN is not a value here.\n  fix: write a finite number."),
    ("-Infinity", "f:1:1: \"-Infinity\" is not a number.\n  fix: write digits, as in 12.5."),
    ("1.2.3", "f:1:1: \"1.2.3\" is not a number.\n  fix: write digits, as in 12.5."),
    ("1e999", "f:1:1: \"1e999\" is not a number.\n  fix: write digits, as in 12.5."),
    (".", "f:1:1: \".\" is not a number.\n  fix: write digits, as in 12.5."),
    ("0xG", "f:1:1: \"0xG\" is not a number.\n  fix: write digits, as in 12.5."),
    (
      "[012]",
      "f:1:2: \"012\" starts with a zero.\n  fix: leave out the zero, or write a text in quotes."
    ),
    ("'\\x4'", "f:1:3: this escape needs 2 hexadecimal digits.\n  fix: complete it."),
    ("'\\uD800'", "f:1:3: this escape is no character.\n  fix: write the character itself."),
    (
      "'\\uD800\\u0041'",
      "f:1:3: this escape is no character.\n  fix: write the character itself."
    ),
    ("'\\1'", "f:1:3: \\1 is no escape.\n  fix: write the character itself."),
    (
      String(repeating: "[", count: 101),
      "f:1:101: more than 100 levels of nesting.\n  fix: flatten the file."
    ),
  ]

  @Test("wrong documents are refused with place and fix", arguments: wrongDocuments)
  func refusals(text: String, message: String) {
    let error = #expect(throws: Diagnostic.self) { try JSON5Parser.parse(text, file: "f") }
    #expect(error?.description == message)
    #expect(error?.category == .usage)
  }

  @Test("canonical text reads back to itself")
  func canonical() throws {
    let once = try json("{z: [1, 2.5, 'x\\u0001'], a: {q: 1e300}, m: \"\\\"\"}")
    #expect(try json(once) == once)
  }

  @Test("random texts are read or refused, never a trap", arguments: 0..<20 as Range<UInt64>)
  func randomTexts(seed: UInt64) {
    var random = CounterRandom(seed: seed)
    let signs = Array("{}[]:,'\"\\/*a1x0.-u\n".unicodeScalars)
    for _ in 0..<100 {
      var text = String.UnicodeScalarView()
      for _ in 0..<random.integer(below: 25) {
        text.append(signs[random.integer(below: signs.count)])
      }
      guard let node = try? JSON5Parser.parse(String(text), file: "f") else { continue }
      #expect(throws: Never.self) { try JSON5Parser.parse(node.canonicalJSON(), file: "f") }
    }
  }
}
