import LodeColumns
import LodeRuntime
import Testing

@Suite("Concatenation")
struct ConcatenationTests {
  @Test("dictionaries of texts are merged and missing cells stay missing")
  func texts() {
    let first = Table(["name": Column(texts: ["b", nil, "a"])])
    let second = Table(["name": Column(texts: ["c", "b"])])
    let column = Table.concatenating([first, second]).columns[0]
    #expect((0..<5).map { column[$0].description } == ["b", "", "a", "c", "b"])
    #expect(column.missingCount == 1 && column.isMissing(1))
    #expect(column.codes[0] == column.codes[4])
  }

  @Test("tables without rows add nothing")
  func empty() {
    let table = Table(["n": Column(integers: [1])])
    let none = Table(emptyWith: table.schema)
    #expect(Table.concatenating([none, table, none]) == table)
  }

  @Test("tables without a text in common are joined as any tables, cells and codes")
  func tablesApart() throws {
    let names: [[String?]] = [["bo", "al", nil, "bo"], ["cy"], ["di", "ed", "di"]]
    let tables = names.map { texts in
      Table([
        "id": Column(texts: texts),
        "n": Column(integers: texts.indices.map { Int64($0) }),
      ])
    }
    #expect(Table.concatenating(tables, apart: ["id"]) == Table.concatenating(tables))
    let missing = Table(["id": Column(texts: [nil, nil]), "n": Column(integers: [1, 2])])
    let both = Table.concatenating([missing, tables[1]], apart: ["id"])
    #expect((0..<3).map { both.columns[0][$0].description } == ["", "", "cy"])
    #expect(both.columns[0].isMissing(1) && !both.columns[0].isMissing(2))
  }

  @Test("parts hold their rows in order, with the texts that occur in them")
  func parts() {
    let table = Table([
      "t": Column(texts: ["x", nil, "y", "x", "z"]),
      "n": Column(integers: [1, 2, 3, 4, 5]),
      "d": Column(doubles: [0.5, 1.5, 2.5, 3.5, 4.5]),
      "b": Column(type: .boolean, storage: .booleans([true, false, true, true, false])),
    ])
    let rows = [[1, 3], [], [0, 2, 4]]
    let parts = table.parted(by: [2, 0, 2, 0, 2], into: 3)
    #expect(parts == rows.map { table.gathering($0).compacted() })
    #expect(parts[2].columns[0].dictionary.texts == ["x", "y", "z"])
    let empty = Table(emptyWith: table.schema).parted(by: [], into: 2)
    #expect(empty.map(\.rowCount) == [0, 0])
  }

  @Test("parts that share a dictionary keep it")
  func sharedDictionary() {
    let all = Table(["id": Column(texts: ["bo", "al", "cy", "bo"])])
    let joined = Table.concatenating([all.gathering([3, 2]), all.gathering([1])])
    #expect(joined.columns[0].dictionary == all.columns[0].dictionary)
    #expect(joined.columns[0].codes == [0, 2, 1])
  }
}

@Suite("Sorting")
struct SortingTests {
  private func order(_ column: Column, descending: Bool = false) throws -> [Int] {
    try Table(["key": column]).sortedRows(by: [SortKey("key", isDescending: descending)])
  }

  private func doubles(_ numbers: [Double?]) -> Column {
    var builder = ColumnBuilder(.double)
    for number in numbers { builder.append(double: number) }
    return builder.build()
  }

  @Test("missing cells come last in both directions, NaN before them")
  func missingLast() throws {
    let column = doubles([nil, 2, .nan, -1, 0])
    #expect(try order(column) == [3, 4, 1, 2, 0])
    #expect(try order(column, descending: true) == [1, 4, 3, 2, 0])
  }

  @Test("negative numbers, zeros and infinities are in order")
  func negatives() throws {
    let column = doubles([1, -1, -2, 0, -.infinity, .infinity, -0.0, -1e-300])
    #expect(try order(column) == [4, 2, 1, 7, 3, 6, 0, 5])
  }

  @Test("texts go by their bytes, capitals first")
  func texts() throws {
    let column = Column(texts: ["b", "a", nil, "B", "ä", "aa", ""])
    #expect(try order(column) == [6, 3, 1, 5, 0, 4, 2])
    #expect(try order(column, descending: true) == [4, 0, 5, 1, 3, 6, 2])
  }

  @Test("equal rows keep their order, and the second key breaks ties")
  func stability() throws {
    let table = Table([
      "a": Column(integers: [1, 0, 1, 0, 1]), "b": Column(integers: [5, 5, 3, 5, 3]),
    ])
    #expect(try table.sortedRows(by: [SortKey("a")]) == [1, 3, 0, 2, 4])
    let keys = [SortKey("a", isDescending: true), SortKey("b")]
    #expect(try table.sortedRows(by: keys) == [2, 4, 0, 1, 3])
    #expect(try table.sorted(by: keys).column("b")?.integers == [3, 3, 5, 5, 5])
  }

  @Test("whole numbers sort over their whole range")
  func integers() throws {
    #expect(try order(Column(integers: [.max, 0, .min])) == [2, 1, 0])
    #expect(try order(Column(integers: [.max, 0, .min]), descending: true) == [0, 1, 2])
  }
}

@Suite("Grouping")
struct GroupingTests {
  @Test("missing cells are equal to each other and differ from 0 and from empty text")
  func missing() throws {
    var numbers = ColumnBuilder(.integer)
    for number in [0, nil, 0, nil, 1] as [Int64?] { numbers.append(integer: number) }
    let table = Table(["n": numbers.build(), "t": Column(texts: ["", nil, nil, "", ""])])
    #expect(try table.grouping(by: ["n"]).groupOfRow == [0, 1, 0, 1, 2])
    #expect(try table.grouping(by: ["t"]).groupOfRow == [0, 1, 1, 0, 0])
    #expect(try table.grouping(by: ["n", "t"]).groupOfRow == [0, 1, 2, 3, 4])
    #expect(try table.grouping(by: ["n"]).firstRows == [0, 1, 4])
    #expect(try table.grouping(by: ["n"]).rows() == [[0, 2], [1, 3], [4]])
  }

  @Test("both zeros are one group, and no column is one group")
  func zeros() throws {
    let table = Table(["x": Column(doubles: [0.0, -0.0, 1])])
    #expect(try table.grouping(by: ["x"]).groupOfRow == [0, 0, 1])
    #expect(try table.grouping(by: []).count == 1)
  }

  @Test("groups are those of a dictionary of cells", arguments: 0..<10 as Range<UInt64>)
  func law(seed: UInt64) throws {
    var random = CounterRandom(seed: seed)
    let first = (0..<300).map { _ in Int64(random.integer(below: 12)) }
    let second = (0..<300).map { _ in "t\(random.integer(below: 5))" }
    let table = Table(["a": Column(integers: first), "b": Column(texts: second)])
    var codes: [String: Int] = [:]
    let expected = zip(first, second)
      .map { a, b in
        let code = codes["\(a) \(b)"] ?? codes.count
        codes["\(a) \(b)"] = code
        return code
      }
    #expect(try table.grouping(by: ["a", "b"]).groupOfRow.map { Int($0) } == expected)
  }
}

@Suite("Sharding")
struct ShardingTests {
  /// Source: python-xxhash 4.1.0, seed 42, signed remainder: pmod(xxhash64(cell), 8).
  @Test("texts and whole numbers go to the shards of Spark, missing cells to that of the seed")
  func shards() {
    #expect(Column(texts: ["a", "abc", "Spark", nil]).shards(count: 8) == [4, 6, 7, 2])
    #expect(Column(integers: [0, 1, -1]).shards(count: 8) == [4, 2, 2])
    #expect(Column(texts: ["a", "b"]).shards(count: 1) == [0, 0])
  }
}

@Suite("Joining")
struct JoiningTests {
  private let people = Table([
    "id": Column(texts: ["b", "x", nil, "a"]), "note": Column(texts: ["1", "2", "3", "4"]),
  ])
  private let scores = Table([
    "id": Column(texts: ["a", nil, "b", "a"]), "score": Column(doubles: [1, 2, 3, 4]),
  ])

  @Test("every row stays, the first match counts, no match is missing")
  func rows() throws {
    let joined = try people.joining(scores, on: "id", taking: ["score"])
    #expect(joined.schema.names == ["id", "note", "score"])
    let column = try joined.requiredColumn("score")
    #expect((0..<4).map { column[$0] } == [.double(3), .missing, .missing, .double(1)])
  }

  @Test("keys are compared by their bytes")
  func bytes() throws {
    let left = Table(["id": Column(texts: ["Zoe\u{308}"])])
    let right = Table(["id": Column(texts: ["Zo\u{EB}"]), "n": Column(integers: [1])])
    let joined = try left.joining(right, on: "id", taking: ["n"])
    #expect(joined.columns[1].isMissing(0))
  }

  @Test("an unknown column of the other table is refused")
  func unknown() {
    #expect(
      throws: Diagnostic(.failure, "there is no column \"age\". The columns are id, score.")
    ) { try people.joining(scores, on: "id", taking: ["age"]) }
  }
}
