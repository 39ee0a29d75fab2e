import LodeColumns
import LodeRuntime
import Testing

@testable import LodePipeline

@Suite("Weekly sales")
struct WeeklySalesTests {
  /// 2026-06-01 is a Monday.
  private func weekly(_ lines: String, _ returns: String, asOf: String) throws -> WeeklySales {
    let types: [String: ColumnType] = [
      "order_id": .text, "ordered_at": .timestamp, "returned_at": .timestamp, "kind": .text,
      "amount": .money(scale: 2),
    ]
    func table(_ text: String, _ names: [String]) throws -> Table {
      var kept = types
      for name in types.keys where !names.contains(name) { kept[name] = nil }
      return try StageLab.csv(names.joined(separator: ",") + "\n" + text, types: kept)
    }
    var tally = WeeklyTally()
    try tally.add(
      orderLines: table(lines, ["order_id", "ordered_at", "kind", "amount"]),
      returnMatches: table(returns, ["returned_at", "kind", "amount"])
    )
    return try WeeklySales(tally, asOf: #require(CivilDate(asOf)))
  }

  @Test("whole weeks only, orders counted once, products net of their returns, gaps as zero")
  func workedExample() throws {
    let sales = try weekly(
      """
      1,2026-05-28,product,99.00
      2,2026-06-01,product,10.00
      2,2026-06-01,product,5.50
      2,2026-06-01,postage,4.95
      3,2026-06-07T23:59,product,1.00
      4,2026-06-15,product,20.00
      5,2026-06-22,product,7.00

      """,
      "2026-06-03,product,5.50\n2026-06-03,postage,4.95\n2026-06-25,product,9.00\n",
      asOf: "2026-06-24"
    )
    #expect(sales.weeks.map(\.description) == ["2026-06-01", "2026-06-08", "2026-06-15"])
    #expect(sales.revenue == [11, 0, 20])
    #expect(sales.orders == [2, 0, 1])
    #expect(sales.nextWeek.description == "2026-06-22")
    #expect(
      try StageLab.cells(sales.table())
        == ["2026-06-01 11.00 2", "2026-06-08 0.00 0", "2026-06-15 20.00 1"]
    )
  }

  private func lines(_ rows: [(day: String, category: String?, cents: Int64)]) throws -> Table {
    let times = try rows.map { Timestamp(try #require(CivilDate($0.day))).microseconds }
    return Table([
      "order_id": Column(texts: rows.indices.map { "o\($0)" }),
      "ordered_at": Column(.timestamp, integers: times),
      "kind": Column(texts: rows.map { _ in "product" }),
      "amount": Column(.money(scale: 2), integers: rows.map(\.cents)),
      "category": Column(texts: rows.map(\.category)),
    ])
  }
  private let noReturns = Table([
    "returned_at": Column(.timestamp, integers: []),
    "amount": Column(.money(scale: 2), integers: []),
  ])

  @Test("the largest groups are told apart, from one shard as from two")
  func groups() throws {
    let rows: [(day: String, category: String?, cents: Int64)] = [
      ("2026-06-01", "a", 100), ("2026-06-08", "b", 900), ("2026-06-09", "a", 300),
      ("2026-06-14", nil, 5_000), ("2026-06-10", "c", 1),
    ]
    func sales(_ parts: [ArraySlice<(day: String, category: String?, cents: Int64)>]) throws
      -> WeeklySales
    {
      var whole = WeeklyTally(dimensions: ["category"])
      for part in parts {
        var tally = WeeklyTally(dimensions: ["category"])
        try tally.add(orderLines: lines(Array(part)), returnMatches: noReturns)
        whole.add(tally)
      }
      return try WeeklySales(whole, asOf: #require(CivilDate("2026-06-15")))
    }
    for sales in [try sales([rows[...]]), try sales([rows[3...], rows[..<3]])] {
      let groups = sales.groups(0, limit: 2)
      #expect(groups.map(\.name) == ["b", "a"])
      #expect(groups.map(\.values) == [[0, 9], [1, 3]])
      #expect(sales.revenue == [1, 62.01])
    }
  }

  @Test("sums of groups beyond 64 bits stay exact")
  func hugeSums() throws {
    let most: Int64 = 900_000_000_000_000_000
    let rows = (0..<12).map { (day: "2026-06-01", category: $0 < 11 ? "a" : "b", cents: most) }
    var tally = WeeklyTally(dimensions: ["category"])
    try tally.add(orderLines: lines(rows), returnMatches: noReturns)
    let sales = try WeeklySales(tally, asOf: #require(CivilDate("2026-06-08")))
    #expect(sales.groups(0, limit: 2).map(\.values) == [[99e15], [9e15]])
    #expect(sales.revenue == [108e15])
  }

  @Test("no product before the date is refused")
  func nothing() {
    #expect(
      StageLab.message {
        _ = try weekly("1,2026-06-01,postage,4.95\n", "", asOf: "2026-06-24")
      }
        == "no sale lies before the as-of date 2026-06-24.\n"
        + "  fix: choose a later --as-of, or check the dates of the source."
    )
  }
}
