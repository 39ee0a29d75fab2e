import LodeColumns
import LodeRuntime
import Testing

@Suite("The first rows by rank")
struct FirstRowsTests {
  private func table(seed: UInt64, rows: Int) -> Table {
    var random = CounterRandom(seed: seed)
    var amounts = ColumnBuilder(.money(scale: 2))
    var scores = ColumnBuilder(.double)
    var names = ColumnBuilder(.text)
    for row in 0..<rows {
      let draw = random.next()
      // Many ties, some missing, a few far above the others.
      let amount = Int64(draw % 50) * (draw % 97 == 0 ? 1_000_000_000_000 : 1) - 20
      amounts.append(integer: draw % 13 == 0 ? nil : amount)
      scores.append(double: draw % 11 == 0 ? nil : draw % 7 == 0 ? .nan : Double(draw % 1000) - 500)
      names.append(text: "c\(row * 7919 % rows)")
    }
    return Table(["amount": amounts.build(), "score": scores.build(), "name": names.build()])
  }

  @Test("they are the head of the sorted rows, with ties, missing cells and both directions")
  func head() throws {
    for seed in 0..<20 as Range<UInt64> {
      let table = table(seed: seed, rows: 500)
      let rows = (0..<500).filter { $0 % 3 != 0 }
      for first in ["amount", "score", "name"] {
        for isDescending in [false, true] {
          let keys = [SortKey(first, isDescending: isDescending), SortKey("name")]
          let sorted = try table.sorted(rows, by: keys)
          for count in [0, 1, 7, 80, 300, 333, 334, 1000] {
            let head = try table.first(count, of: rows, by: keys)
            #expect(head == Array(sorted.prefix(count)))
          }
        }
      }
    }
  }

  @Test("rows that are all missing, all equal or none")
  func extremes() throws {
    var none = ColumnBuilder(.integer)
    for _ in 0..<20 { none.append(integer: nil) }
    let same = Column(integers: Array(repeating: 4, count: 20))
    let table = Table(["none": none.build(), "same": same])
    for name in ["none", "same"] {
      #expect(try table.first(3, of: Array(0..<20), by: [SortKey(name)]) == [0, 1, 2])
      #expect(try table.first(3, of: [], by: [SortKey(name)]).isEmpty)
    }
    #expect(throws: Diagnostic.self) {
      try table.first(3, of: Array(0..<20), by: [SortKey("same"), SortKey("else")])
    }
  }
}
