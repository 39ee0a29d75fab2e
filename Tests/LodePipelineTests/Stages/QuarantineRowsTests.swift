import LodeColumns
import LodeRuntime
import Testing

@testable import LodePipeline

@Suite("Quarantine")
struct QuarantineRowsTests {
  private func quarantine(_ count: Int, reasons: [String] = ["bad_date"]) -> QuarantineRows {
    var rows = QuarantineRows()
    for row in 0..<count {
      rows.append(
        source: "raw.sales",
        file: "f.csv",
        line: Int64(row + 2),
        offset: Int64(10 * row),
        reasons: reasons,
        message: "row \(row) is bad",
        raw: "x,\(row)"
      )
    }
    return rows
  }

  @Test("rows keep their place and all reasons, and reasons are counted")
  func table() throws {
    var rows = quarantine(1, reasons: ["b", "a"])
    rows.append(
      source: "s",
      file: "g",
      line: 9,
      offset: nil,
      reasons: ["a"],
      message: "m",
      raw: "r"
    )
    #expect(rows.counts().map { "\($0.reason) \($0.rows)" } == ["a 2", "b 1"])
    #expect(
      try StageLab.cells(rows.table())
        == ["raw.sales f.csv 2 0 b a row 0 is bad x,0", "s g 9 - a m r"]
    )
    let personal = rows.table().schema.fields.filter(\.isPersonal).map(\.name)
    #expect(personal == ["message", "raw"])
  }

  @Test("a share at the limit passes, one above is refused with the first places")
  func limit() throws {
    try quarantine(1).check(against: 100, limit: .share(0.01), stageName: "s")
    try quarantine(5, reasons: ["twice"])
      .check(against: 5, limit: .share(0), expected: ["twice"], stageName: "s")
    #expect(
      StageLab.message {
        try quarantine(2).check(against: 100, limit: .share(0.01), stageName: "s")
      }
        == "stage s: 2 of 100 rows are bad, and max_bad_share allows 0.01:\n"
        + "  f.csv:2: row 0 is bad\n  f.csv:3: row 1 is bad\n"
        + "  fix: correct the rows at the source, or raise max_bad_share of this stage to "
        + "quarantine them."
    )
    #expect(
      StageLab.message { try quarantine(3).check(against: 9, limit: .count(2), stageName: "s") }?
        .hasPrefix("stage s: 3 of 9 rows are bad, and max_bad_rows allows 2:\n") ?? false
    )
    try quarantine(3).check(against: 9, limit: .count(3), stageName: "s")
    let many = StageLab.message {
      try quarantine(25).check(against: 25, limit: .share(0), stageName: "s")
    }
    #expect(many?.contains("\n  … and 5 more\n") ?? false)
  }

  @Test("a limit is a number of rows or a share, and nothing else")
  func limitWords() {
    #expect(RejectLimit("0") == .count(0) && RejectLimit("20") == .count(20))
    #expect(RejectLimit("0.5%") == .share(0.005) && RejectLimit("100%") == .share(1))
    for text in ["", "-1", "1.5", "x%", "101%", "-1%", "%", "nan%"] {
      #expect(RejectLimit(text) == nil, "\(text)")
    }
    #expect(
      StageLab.message {
        _ = try StageLab.stage(
          "{op: 'extract', from: {csv: 'x'}, into: 'raw.x', max_bad_share: 0, max_bad_rows: 1}"
        )
      }?
      .contains("has both \"max_bad_share\" and \"max_bad_rows\".") ?? false
    )
  }
}
