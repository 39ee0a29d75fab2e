import LodeColumns
import LodeRuntime
import Testing

@testable import LodePipeline

@Suite("Segments from run to run")
struct SegmentStageTests {
  private static let text = #"{ op: "cluster", method: "kmeans", k: 3, seedings: 3 }"#
  private static let ids = (0..<30).map { "c\($0 / 10)\($0 % 10)" }

  /// Three groups of ten: loyal, new and silent customers; `moved` of the loyal turn silent.
  private func features(_ asOf: String, moved: Int = 0, newcomers: Int = 0) throws -> Table {
    let day = Int64(try #require(CivilDate(asOf)).daysSinceEpoch)
    let groups = (0..<30).map { $0 < moved ? 2 : $0 / 10 } + Array(repeating: 1, count: newcomers)
    let ids = Self.ids + (0..<newcomers).map { "n\($0)" }
    func numbers(_ levels: [Double]) -> Column {
      Column(doubles: groups.indices.map { levels[groups[$0]] * (1 + Double($0 % 7) / 50) })
    }
    return Table([
      "customer_id": Column(texts: ids),
      "as_of": Column(.date, integers: ids.map { _ in day }),
      "days_since_last": numbers([10, 12, 300]),
      "orders": numbers([40, 2, 5]),
      "value_total": numbers([9000, 60, 400]),
    ])
  }

  private func run(
    _ asOf: String,
    _ features: Table,
    after output: StageOutput? = nil,
    text: String = text
  ) throws -> StageOutput {
    var tables = ["customer_features": features]
    for name in try StageLab.stage(text).previous {
      if let output { tables[name] = try StageLab.table(name, output) }
    }
    return try StageLab.run(text, tables, asOf: asOf)
  }

  @Test("the first run numbers segments by falling value and tells no transitions")
  func firstRun() throws {
    let output = try run("2026-06-01", features("2026-06-01"))
    let clusters = try StageLab.table("customer_cluster", output)
    let expected = (0..<30).map { [1, 3, 2][$0 / 10] }
    #expect(try clusters.requiredColumn("segment").integers.map { Int($0) } == expected)
    #expect(try StageLab.table("segment_transitions", output).rowCount == 0)
    #expect(try StageLab.table("segment_history", output).rowCount == 9)
  }

  @Test("segments keep the limits of their shares, and limits that nothing keeps are refused")
  func shareLimits() throws {
    let limited = #"{ op: "cluster", method: "kmeans", k: 3, share_limits: { largest: 0.4 } }"#
    let table = try features("2026-06-01", moved: 0, newcomers: 10)
    func sizes(_ text: String) throws -> [Int] {
      let output = try run("2026-06-01", table, text: text)
      let segments = try StageLab.table("customer_cluster", output).requiredColumn("segment")
      return (1...3).map { number in segments.integers.count { $0 == Int64(number) } }.sorted()
    }
    #expect(try sizes(Self.text) == [10, 10, 20])
    #expect(try sizes(limited).allSatisfy { $0 <= 16 })
    #expect(
      StageLab.message {
        _ = try StageLab.stage(limited.replacing("largest: 0.4", with: "least: 0.4"))
      }
        == "p.json5:1:56: no shares of stage \"s\" keep the limits from 0.4 to 1.0.\n"
        + "  fix: let least times the number of segments be at most 1, and largest times it at "
        + "least 1."
    )
  }

  @Test("the next run keeps the numbers and counts who moved")
  func nextRun() throws {
    let first = try run("2026-06-01", features("2026-06-01"))
    let second = try run("2026-06-08", features("2026-06-08", moved: 4, newcomers: 2), after: first)
    #expect(
      try StageLab.cells(StageLab.table("segment_transitions", second)) == [
        "2026-06-01 last_segments - 3 2 1", "2026-06-01 last_segments 1 1 6 0.6",
        "2026-06-01 last_segments 1 2 4 0.4", "2026-06-01 last_segments 2 2 10 1",
        "2026-06-01 last_segments 3 3 10 1",
      ]
    )
    #expect(second.finding.hasSuffix("; 86.7 % of 30 customers in the segment of 2026-06-01"))
    #expect(try StageLab.table("segment_history", second).rowCount == 18)
  }

  @Test("numbers stay with the segments where an order by value would swap them")
  func valuesSwap() throws {
    let first = try run("2026-06-01", features("2026-06-01"))
    let table = try features("2026-06-08")
    // The silent are suddenly worth more than the loyal.
    let values = try table.requiredColumn("value_total").numbers()
    let swapped = table.setting(
      Field("value_total", .double),
      Column(doubles: values.indices.map { $0 >= 20 ? 20_000 + values[$0] : values[$0] })
    )
    let second = try run("2026-06-08", swapped, after: first)
    let segments = try StageLab.table("customer_cluster", second).requiredColumn("segment")
    #expect(segments.integers.map { Int($0) } == (0..<30).map { [1, 3, 2][$0 / 10] })
  }

  @Test("a run again as of the same date, or after later ones, gives the same bytes")
  func again() throws {
    let first = try run("2026-06-01", features("2026-06-01"))
    let second = try run("2026-06-08", features("2026-06-08", moved: 4), after: first)
    let repeated = try run("2026-06-08", features("2026-06-08", moved: 4), after: second)
    #expect(repeated.tables.map(\.rows) == second.tables.map(\.rows))
    #expect(repeated.finding == second.finding)
    let old = try run("2026-06-01", features("2026-06-01"), after: second)
    #expect(try StageLab.table("segment_transitions", old).rowCount == 0)
    let clusters = "customer_cluster"
    #expect(try StageLab.table(clusters, old) == StageLab.table(clusters, first))
    // The later run is still known, and a run after it goes on from there.
    #expect(try StageLab.table("segment_history", old).rowCount == 18)
    let third = try run("2026-06-15", features("2026-06-15", moved: 4), after: old)
    let transitions = try StageLab.table("segment_transitions", third)
    #expect(
      try StageLab.cells(transitions, ["previous_as_of", "basis"])[0]
        == "2026-06-08 last_centroids"
    )
  }

  @Test("a segment that is new gets a number never used before")
  func newSegment() throws {
    let two = #"{ op: "cluster", method: "kmeans", k: 2, seedings: 3 }"#
    let first = try run("2026-06-01", features("2026-06-01"), text: two)
    let second = try run("2026-06-08", features("2026-06-08"), after: first)
    let numbers = try StageLab.table("segment_profiles", second).requiredColumn("segment").integers
    #expect(Set(numbers) == [1, 2, 3])
    #expect(second.finding.hasSuffix(", new: 3"))
    let third = try run("2026-06-15", features("2026-06-15"), after: second, text: two)
    let fourth = try run("2026-06-22", features("2026-06-22"), after: third)
    let last = try StageLab.table("segment_profiles", fourth).requiredColumn("segment").integers
    #expect(Set(last).contains(4) && last.count == 9)
  }

  @Test("other features begin new numbers, with a warning")
  func otherFeatures() throws {
    let first = try run("2026-06-01", features("2026-06-01"))
    let other = #"""
      { op: "cluster", method: "kmeans", k: 3, seedings: 3, features: { orders: "identity" } }
      """#
    let second = try run("2026-06-08", features("2026-06-08"), after: first, text: other)
    #expect(
      second.warnings == [
        "the last run's segments are of other features: this run's are numbered anew"
      ]
    )
    let segments = try StageLab.table("customer_cluster", second).requiredColumn("segment")
    #expect(Set(segments.integers) == [4, 5, 6])
  }

  @Test("profiles carry the rule of their segment, the choice of k its evidence")
  func rules() throws {
    let output = try run("2026-06-01", features("2026-06-01"))
    let profiles = try StageLab.table("segment_profiles", output)
    let rows = try StageLab.cells(profiles, ["segment", "rule", "rule_precision", "rule_recall"])
    #expect(rows.count == 9)
    #expect(rows[0] == "1 days_since_last <= 11.6 1 1")
    #expect(rows[3] == "2 days_since_last > 200 1 1")
    #expect(rows[6] == "3 orders <= 4 1 1")
    let choice = try StageLab.table("segment_count_choice", output)
    #expect(
      try StageLab.cells(choice, ["k", "silhouette_name", "stability"]) == ["3 silhouette 1"]
    )
    #expect(try choice.requiredColumn("silhouette").numbers()[0] > 0.8)
  }
}
