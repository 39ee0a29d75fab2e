import LodeColumns
import LodeRuntime
import Testing

@Suite("Column types")
struct ColumnTypeTests {
  @Test(
    "names go to types and back",
    arguments: [
      .integer, .double, .boolean, .text, .date, .timestamp, .money(scale: 2),
      .decimal(precision: 1, scale: 0), .decimal(precision: 18, scale: 18),
    ] as [ColumnType]
  )
  func names(type: ColumnType) {
    #expect(ColumnType(type.description) == type)
  }

  @Test(
    "other names are refused",
    arguments: [
      "", "Integer", "int", "decimal", "decimal(18)", "decimal(19,2)", "decimal(0,0)",
      "decimal(5,6)", "decimal(5,-1)", "decimal(a,b)", "decimal(18,2",
    ]
  )
  func refusals(name: String) {
    #expect(ColumnType(name) == nil)
  }
}

@Suite("Cells")
struct CellTests {
  @Test(
    "cells have exact and short texts",
    arguments: [
      (.missing, ""), (.integer(-7), "-7"), (.decimal(-1205, scale: 2), "-12.05"),
      (.decimal(5, scale: 3), "0.005"), (.decimal(-5, scale: 0), "-5"),
      (.decimal(.min, scale: 2), "-92233720368547758.08"), (.double(0.1), "0.1"),
      (.double(3), "3"), (.double(-0.0), "0"), (.double(1e300), "1e+300"), (.boolean(true), "true"),
      (.text("a,b"), "a,b"), (.date(CivilDate(daysSinceEpoch: 1)), "1970-01-02"),
      (.timestamp(Timestamp(microseconds: 60_000_000)), "1970-01-01T00:01:00Z"),
    ] as [(Cell, String)]
  )
  func texts(cell: Cell, text: String) {
    #expect(cell.description == text)
  }

  @Test("the shortest text of a number reads back equal", arguments: 0..<20 as Range<UInt64>)
  func doubles(seed: UInt64) {
    var random = CounterRandom(seed: seed)
    for _ in 0..<50 {
      let number = random.normal() * 1e10 / (random.uniform() + 1e-12)
      #expect(Double(Cell.doubleText(number)) == number)
    }
  }

  @Test("numbers stand behind all cells but texts and missing ones")
  func numbers() {
    #expect(Cell.decimal(10, scale: 2).number == 0.1)
    #expect(Cell.boolean(true).number == 1)
    #expect(Cell.text("1").number == nil && Cell.missing.number == nil)
    #expect(Cell.date(CivilDate(daysSinceEpoch: 9)).number == 9)
  }
}

@Suite("Columns")
struct ColumnTests {
  @Test("a builder gives back every cell of every type", arguments: cellsOfTypes)
  func builder(type: ColumnType, cells: [Cell]) {
    var builder = ColumnBuilder(type)
    for cell in cells { builder.append(cell) }
    let column = builder.build()
    #expect(builder.count == cells.count && column.count == cells.count)
    #expect((0..<column.count).map { column[$0] } == cells)
    #expect(column.missingCount == cells.count { $0 == .missing })
    let turned = column.gathering(Array((0..<column.count).reversed()))
    #expect((0..<column.count).map { turned[$0] } == cells.reversed())
  }

  static let cellsOfTypes: [(ColumnType, [Cell])] = [
    (.integer, [.integer(0), .missing, .integer(.max), .integer(.min)]),
    (.money(scale: 2), [.decimal(125, scale: 2), .missing]),
    (.double, [.double(0), .missing, .double(-1.5)]),
    (.boolean, [.boolean(false), .missing, .boolean(true)]),
    (.text, [.text(""), .missing, .text("a"), .text("a"), .text("東京")]),
    (.date, [.date(CivilDate(daysSinceEpoch: -1)), .missing]),
    (.timestamp, [.missing, .timestamp(Timestamp(microseconds: 7))]),
  ]

  @Test(
    "a column may be all missing or empty",
    arguments: [.integer, .double, .boolean, .text, .date, .timestamp] as [ColumnType]
  )
  func allMissing(type: ColumnType) {
    var builder = ColumnBuilder(type)
    #expect(builder.build().count == 0)
    builder.appendMissing()
    builder.appendMissing()
    let column = builder.build()
    #expect(column.missingCount == 2 && column[0] == .missing && column[1] == .missing)
    #expect(Column.concatenating([column, column]).missingCount == 4)
  }

  @Test("missing cells are NaN among the numbers, decimals have their value")
  func numbers() {
    var builder = ColumnBuilder(.money(scale: 2))
    builder.append(integer: 1250)
    builder.appendMissing()
    let numbers = builder.build().numbers()
    #expect(numbers[0] == 12.5 && numbers[1].isNaN)
  }

  @Test("marks that say that nothing is missing are dropped")
  func validity() {
    let column = Column(type: .integer, storage: .integers([1, 2]), validity: [true, true])
    #expect(column.validity == nil && column == Column(integers: [1, 2]))
  }
}

@Suite("Text dictionaries")
struct TextDictionaryTests {
  @Test("codes come in order of first occurrence and survive growth")
  func growth() {
    var builder = TextDictionaryBuilder()
    let codes = (0..<5000).map { builder.code(for: "customer-\($0)") }
    #expect(codes == (0..<5000).map { UInt32($0) })
    #expect((0..<5000).map { builder.code(for: "customer-\($0)") } == codes)
    let dictionary = builder.build()
    #expect(dictionary.count == 5000 && dictionary[4999] == "customer-4999")
    #expect(dictionary.code(of: "customer-77") == 77 && dictionary.code(of: "x") == nil)
  }

  @Test("looking for a text adds none")
  func search() {
    var builder = TextDictionaryBuilder()
    for number in 0..<3000 { _ = builder.code(for: "o\(number)") }
    #expect(builder.existingCode(of: Array("o2999".utf8).span) == 2999)
    #expect(builder.existingCode(of: Array("o3000".utf8).span) == nil)
    #expect(builder.existingCode(of: [UInt8]().span) == nil && builder.count == 3000)
  }

  @Test("ranks go by bytes, and composed letters differ from decomposed ones")
  func ranks() {
    var builder = TextDictionaryBuilder()
    for text in ["b", "", "ä", "Z", "a", "ab", "a\u{308}"] { _ = builder.code(for: text) }
    let dictionary = builder.build()
    #expect(dictionary.count == 7)
    #expect(dictionary.ranks() == [5, 0, 6, 1, 2, 3, 4])
  }

  @Test("some cells as numbers are those of all cells")
  func copiedNumbers() {
    let columns = [
      Column(
        type: .money(scale: 2),
        storage: .integers([150, -225, 0]),
        validity: [true, true, false]
      ),
      Column(doubles: [0.5, .infinity, -1]),
      Column(type: .boolean, storage: .booleans([true, false, true])),
    ]
    let rows = [2, 0, 1, 0]
    for column in columns {
      var numbers = [Double](repeating: 7, count: 5)
      column.copyNumbers(of: rows.span, into: &numbers)
      let all = column.numbers()
      for (place, row) in rows.enumerated() {
        #expect(numbers[place] == all[row] || numbers[place].isNaN && all[row].isNaN)
      }
      #expect(numbers[4] == 7)
    }
  }
}
