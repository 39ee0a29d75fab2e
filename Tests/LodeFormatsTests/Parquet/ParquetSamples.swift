import LodeColumns
import LodeRuntime

/// Tables for the tests of the Parquet format.
enum ParquetSamples {
  /// Every column type, with and without missing cells, from a seedless formula.
  static func everyType(rows: Int) -> Table {
    var builders: [ColumnBuilder] = fields.map { ColumnBuilder($0.type) }
    for row in 0..<rows {
      let cells: [Cell] = [
        .integer(Int64(row) &* 7_919 &- 1_000_000),
        row % 3 == 0 ? .missing : .integer(Int64(row % 5)),
        row % 7 == 0 ? .missing : .decimal(Int64(row) * 125 - 5000, scale: 2),
        row % 11 == 0 ? .missing : .double(Double(row) / 3 - 100),
        row % 4 == 1 ? .missing : .boolean(row % 3 == 0),
        .text("customer-\(row)"),
        row % 5 == 2 ? .missing : .text(["", "München", "東京", "x"][row % 4]),
        row % 6 == 3 ? .missing : .date(CivilDate(daysSinceEpoch: 18_000 + row % 900 - 400)),
        row % 9 == 4
          ? .missing : .timestamp(Timestamp(microseconds: Int64(row) * 1_000_001 - 5_000_000)),
        .missing,
        .text("always the same"),
      ]
      for (index, cell) in cells.enumerated() { builders[index].append(cell) }
    }
    return Table(Schema(fields), builders.map { $0.build() })
  }

  static let fields: [Field] = [
    Field("id", .integer), Field("grade", .integer), Field("amount", .money(scale: 2)),
    Field("score", .double), Field("is_member", .boolean), Field("customer", .text),
    Field("city", .text), Field("day", .date), Field("placed_at", .timestamp),
    Field("nothing", .decimal(precision: 9, scale: 4)), Field("constant", .text),
  ]

  /// The rows of a table as cells, which do not depend on the layout of dictionaries.
  static func rows(of table: Table) -> [[Cell]] {
    (0..<table.rowCount).map { row in table.columns.map { $0[row] } }
  }
}
