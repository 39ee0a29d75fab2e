import LodeFormats
import LodeRuntime
import Testing

@Suite("Configuration reader")
struct ConfigurationReaderTests {
  private enum Color: String, CaseIterable {
    case red
    case green
  }

  private func reader(_ text: String) throws -> ConfigurationReader {
    try ConfigurationReader(JSON5Parser.parse(text, file: "f"), file: "f", subject: "stage \"s\"")
  }

  private func message(_ text: String, _ body: (ConfigurationReader) throws -> Void) -> String? {
    let error = #expect(throws: Diagnostic.self) { try body(try reader(text)) }
    return error?.description
  }

  @Test("values are read by kind, absent and null ones are nil")
  func values() throws {
    let reader = try reader(
      "{t: 'x', n: 2.5, i: 3, b: true, l: ['a'], m: [1, 2], c: 'green', o: {k: 1}, z: null}"
    )
    #expect(try reader.string("t") == "x" && reader.requiredString("t") == "x")
    #expect(try reader.number("n", in: 0...3) == 2.5)
    #expect(try reader.integer("i", in: 0...3) == 3)
    #expect(try reader.boolean("b") == true)
    #expect(try reader.strings("l") == ["a"] && reader.numbers("m") == [1, 2])
    #expect(try reader.choice("c", of: Color.self) == .green)
    #expect(try reader.object("o")?.integer("k", in: 0...9) == 1)
    #expect(try reader.string("z") == nil && reader.string("none") == nil)
    try reader.finish()
  }

  @Test("every refusal says what, where and how to mend it")
  func refusals() {
    #expect(
      message("[]") { _ in }
        == "f:1:1: stage \"s\" is a list, not an object.\n  fix: write { key: value, … }."
    )
    #expect(
      message("{}") { _ = try $0.requiredString("op") }
        == "f:1:1: stage \"s\" has no \"op\".\n  fix: add op: …."
    )
    #expect(
      message("{opp: 'x'}") { _ = try $0.requiredString("op") }
        == "f:1:1: stage \"s\" has no \"op\".\n  fix: is \"opp\" meant to be \"op\"?"
    )
    #expect(
      message("{a: 1}") { _ = try $0.string("a") }
        == "f:1:5: \"a\" of stage \"s\" is a number, not a text.\n  fix: write a text."
    )
    #expect(
      message("{a: 'x'}") { _ = try $0.number("a", in: 0...1) }
        == "f:1:5: \"a\" of stage \"s\" is a text, not a number.\n  fix: write a number."
    )
    #expect(
      message("{a: 1.5}") { _ = try $0.number("a", in: 0...1) }
        == "f:1:5: \"a\" of stage \"s\" is 1.5.\n  fix: write a number from 0 to 1."
    )
    #expect(
      message("{a: 1.5}") { _ = try $0.integer("a", in: 0...3) }
        == "f:1:5: \"a\" of stage \"s\" is 1.5.\n  fix: write a whole number from 0 to 3."
    )
    #expect(
      message("{a: []}") { _ = try $0.boolean("a") }
        == "f:1:5: \"a\" of stage \"s\" is a list, not true or false.\n  fix: write true or false."
    )
    #expect(
      message("{a: ['x', 2]}") { _ = try $0.strings("a") }
        == "f:1:11: \"a\" of stage \"s\" is a number, not a list of texts.\n"
        + "  fix: write a list of texts."
    )
    #expect(
      message("{a: {}}") { _ = try $0.numbers("a") }
        == "f:1:5: \"a\" of stage \"s\" is an object, not a list of numbers.\n"
        + "  fix: write a list of numbers."
    )
    #expect(
      message("{a: 'gren'}") { _ = try $0.choice("a", of: Color.self) }
        == "f:1:5: \"a\" of stage \"s\" is \"gren\" – did you mean \"green\"?\n"
        + "  fix: choose one of \"red\", \"green\"."
    )
    #expect(
      message("{o: 'x'}") { _ = try $0.object("o") }
        == "f:1:5: \"o\" of stage \"s\" is a text, not an object.\n  fix: write { key: value, … }."
    )
  }

  @Test("an unknown key is refused with a suggestion and the known keys")
  func unknownKey() {
    #expect(
      message("{op: 'x',\n  nedes: []}") { reader in
        _ = try reader.string("op")
        _ = try reader.strings("needs")
        try reader.finish()
      }
        == "f:2:3: unknown key \"nedes\" in stage \"s\" – did you mean \"needs\"?\n"
        + "  fix: remove it, or use one of: op, needs."
    )
  }
}
