import LodeColumns
import LodeRuntime
import Testing

@Suite("Grouping and aggregation")
struct AggregationTests {
  /// Rows with every kind of key: texts, near and far whole numbers, doubles, missing cells.
  static func rows(_ count: Int, seed: UInt64) -> Table {
    var random = CounterRandom(seed: seed)
    var near = ColumnBuilder(.integer)
    var far = ColumnBuilder(.integer)
    var text = ColumnBuilder(.text)
    var number = ColumnBuilder(.double)
    var money = ColumnBuilder(.money(scale: 2))
    for _ in 0..<count {
      let isMissing = random.uniform() < 0.1
      let key = random.integer(below: 40)
      near.append(integer: isMissing ? nil : Int64(key))
      far.append(integer: isMissing ? nil : Int64(key) &* 0x1234_5678_9ABC_DEF1)
      text.append(text: isMissing ? nil : "id\(key)")
      number.append(double: random.uniform() < 0.1 ? nil : Double(random.integer(below: 9)) / 4)
      money.append(integer: random.uniform() < 0.2 ? nil : Int64(random.integer(below: 1000)) - 500)
    }
    return Table([
      "near": near.build(), "far": far.build(), "text": text.build(), "number": number.build(),
      "money": money.build(),
    ])
  }

  /// The groups of rows as one would find them with a dictionary.
  static func plainGroups(_ table: Table, _ keys: [String]) throws -> [[Int]] {
    let columns = try keys.map { try table.requiredColumn($0) }
    var places: [[Cell]: Int] = [:]
    var groups: [[Int]] = []
    for row in 0..<table.rowCount {
      let key = columns.map { $0[row] }
      if let place = places[key] {
        groups[place].append(row)
      } else {
        places[key] = groups.count
        groups.append([row])
      }
    }
    return groups
  }

  @Test(
    "groups are those of a dictionary, in order of first occurrence, on any thread count",
    arguments: [
      ["near"], ["far"], ["text"], ["number"], ["far", "text"], ["near", "number", "far"],
    ]
  )
  func groups(_ keys: [String]) throws {
    let table = Self.rows(3000, seed: 8)
    let expected = try Self.plainGroups(table, keys)
    let before = Parallel.threadCount
    defer { Parallel.threadCount = before }
    for threads in [1, 3] {
      Parallel.threadCount = threads
      let grouping = try table.grouping(by: keys)
      #expect(grouping.rows() == expected)
      #expect(grouping.firstRows == expected.map { $0[0] })
    }
  }

  @Test("many scattered keys are told apart, and their rows folded", arguments: [70_000, 140_000])
  func manyKeys(_ count: Int) throws {
    let rows = Array(0..<2 * count)
    let keys = rows.map { Int64($0 % count) &* 0x9E37_79B9_7F4A_7C1 }
    let table = Table([
      "key": Column(integers: keys), "place": Column(integers: rows.map { Int64($0) }),
    ])
    let grouping = try table.grouping(by: ["key"])
    #expect(grouping.count == count)
    #expect(grouping.groupOfRow == rows.map { UInt32($0 % count) })
    let folded = try table.aggregated(
      by: ["key"],
      [
        Aggregate("sum", .sum("place")), Aggregate("first", .minimum("place")),
        Aggregate("last", .maximum("place")),
      ]
    )
    let groups = 0..<Int64(count)
    let last = Int64(count)
    #expect(try folded.requiredColumn("sum").integers == groups.map { 2 * $0 + last })
    #expect(try folded.requiredColumn("first").integers == Array(groups))
    #expect(try folded.requiredColumn("last").integers == groups.map { $0 + last })
  }

  @Test("aggregates equal those worked out row by row", arguments: ["text", "far"])
  func aggregates(_ key: String) throws {
    let table = Self.rows(2000, seed: 3)
    let result = try table.aggregated(
      by: [key],
      [
        Aggregate("rows", .rowCount), Aggregate("cells", .count("money")),
        Aggregate("sum", .sum("money")), Aggregate("total", .sum("number")),
        Aggregate("least", .minimum("money")), Aggregate("most", .maximum("number")),
        Aggregate("last", .maximum("text")), Aggregate("different", .distinctCount("number")),
      ]
    )
    let money = try table.requiredColumn("money")
    let number = try table.requiredColumn("number")
    let text = try table.requiredColumn("text")
    for (group, rows) in try Self.plainGroups(table, [key]).enumerated() {
      func cell(_ name: String) throws -> Cell { try result.requiredColumn(name)[group] }
      let amounts = rows.filter { !money.isMissing($0) }.map { money.integers[$0] }
      let numbers = rows.filter { !number.isMissing($0) }.map { number.doubles[$0] }
      let texts = rows.compactMap { text.isMissing($0) ? nil : text[$0].description }
      #expect(try cell("rows") == .integer(Int64(rows.count)))
      #expect(try cell("cells") == .integer(Int64(amounts.count)))
      #expect(try cell("sum") == .decimal(amounts.reduce(0, +), scale: 2))
      #expect(try cell("total") == .double(numbers.reduce(0, +)))
      #expect(try cell("least") == .decimal(amounts.min() ?? 0, scale: 2))
      #expect(try cell("most") == .double(numbers.max() ?? 0))
      #expect(try cell("last").description == texts.max() ?? "")
      #expect(try cell("different") == .integer(Int64(Set(numbers).count)))
    }
  }

  @Test("aggregates are the same to the bit for rows and shards in any order, on any thread count")
  func anyOrder() throws {
    let table = Self.rows(3000, seed: 17)
    let results = [
      Aggregate("rows", .rowCount), Aggregate("sum", .sum("money")),
      Aggregate("total", .sum("number")), Aggregate("most", .maximum("number")),
      Aggregate("different", .distinctCount("far")),
    ]
    let keys = [SortKey("text")]
    let expected = try table.aggregated(by: ["text"], results).sorted(by: keys)
    let shards = (0..<5)
      .map { shard in table.gathering((0..<3000).filter { ($0 * 7919) % 5 == shard }.reversed()) }
    let before = Parallel.threadCount
    defer { Parallel.threadCount = before }
    for threads in [1, 2, 3, 8] {
      Parallel.threadCount = threads
      for order in [[0, 1, 2, 3, 4], [4, 2, 0, 3, 1]] {
        let mixed = Table.concatenating(order.map { shards[$0] })
        let again = try mixed.aggregated(by: ["text"], results).sorted(by: keys)
        #expect(again.schema == expected.schema)
        for row in 0..<expected.rowCount {
          for column in expected.columns.indices {
            #expect(again.columns[column][row] == expected.columns[column][row])
          }
        }
      }
    }
  }

  @Test("a group without a cell has no sum, and one beyond 64 bits is refused")
  func edges() throws {
    let table = Table([
      "key": Column(integers: [1, 1, 2]),
      "value": Column(
        type: .integer,
        storage: .integers([.max, -5, 0]),
        validity: [true, true, false]
      ),
    ])
    let sums = try table.aggregated(by: ["key"], [Aggregate("sum", .sum("value"))])
    #expect(try sums.requiredColumn("sum")[0] == .integer(.max - 5))
    #expect(try sums.requiredColumn("sum")[1] == .missing)
    let large = Table(["key": Column(integers: [1, 1]), "value": Column(integers: [.max, 1])])
    #expect(throws: Diagnostic.self) {
      try large.aggregated(by: ["key"], [Aggregate("sum", .sum("value"))])
    }
    // A running sum may leave 64 bits if the whole one does not.
    let passing = Table([
      "key": Column(integers: [1, 1, 1]), "value": Column(integers: [.max, 1, -1]),
    ])
    let sum = try passing.aggregated(by: ["key"], [Aggregate("sum", .sum("value"))])
    #expect(try sum.requiredColumn("sum")[0] == .integer(.max))
  }

  @Test("rows sort by several keys, missing last, equal rows in their order")
  func sorting() throws {
    let table = Self.rows(2500, seed: 5)
    let keys = [SortKey("number", isDescending: true), SortKey("text"), SortKey("far")]
    let rows = try table.sortedRows(by: keys)
    let number = try table.requiredColumn("number")
    let text = try table.requiredColumn("text")
    let far = try table.requiredColumn("far")
    /// Whether `a` must stand before `b`.
    func precedes(_ a: Int, _ b: Int) -> Bool {
      if number.isMissing(a) != number.isMissing(b) { return number.isMissing(b) }
      if number[a] != number[b] { return number.doubles[a] > number.doubles[b] }
      if text.isMissing(a) != text.isMissing(b) { return text.isMissing(b) }
      if text[a] != text[b] { return text[a].description < text[b].description }
      if far[a] != far[b] { return far.isMissing(b) || far.integers[a] < far.integers[b] }
      return a < b
    }
    #expect(zip(rows, rows.dropFirst()).allSatisfy { precedes($0, $1) })
    #expect(rows.sorted() == Array(0..<2500))
  }
}
