import LodeColumns
import LodeFormats
import LodeRuntime
import Testing

@Suite("Reading only the rows that fulfil conditions")
struct ParquetPruningTests {
  static let table = ParquetSamples.everyType(rows: 200)

  static func file(_ change: (inout ParquetOptions) -> Void = { _ in }) throws -> ParquetFile {
    var options = ParquetOptions()
    options.rowsPerGroup = 60
    options.pageByteCount = 40
    options.bloomFilterColumns = ["id", "customer"]
    change(&options)
    return try ParquetFile(bytes: ParquetWriter.encode(table, options: options).bytes)
  }

  /// Conditions around cells of the table, and the rows that fulfil them by plain comparison.
  static func conditions(_ seed: Int) -> ([ParquetPredicate], (Int) -> Bool) {
    let row = seed * 37 % 200
    func cell(_ name: String) -> Cell { table.column(name)?[row] ?? .missing }
    let id = Int64(row) * 7_919 - 1_000_000
    switch seed % 7 {
    case 0: return ([.equals("id", .integer(id))], { $0 == row })
    case 1:
      let wanted = ["customer-\(row)", "customer-7", "nobody"]
      return (
        [ParquetPredicate("customer", .isIn(wanted.map { .text($0) }))],
        { $0 == row || $0 == 7 }
      )
    case 2:
      return (
        [ParquetPredicate("id", .isBetween(.integer(id), nil))], { $0 >= row }
      )
    case 3:
      let low = Double(row) / 3 - 100
      return (
        [ParquetPredicate("score", .isBetween(.double(low), .double(low + 5)))],
        { $0 >= row && Double($0) / 3 - 100 <= low + 5 && $0 % 11 != 0 }
      )
    case 4:
      return (
        [
          ParquetPredicate("id", .isBetween(nil, .integer(id))),
          .equals("is_member", .boolean(true)),
        ], { $0 <= row && $0 % 4 != 1 && $0 % 3 == 0 }
      )
    case 5: return ([.equals("city", .text("東京"))], { $0 % 4 == 2 && $0 % 5 != 2 })
    default: return ([.equals("nothing", .decimal(1, scale: 4))], { _ in false })
    }
  }

  @Test("exactly the rows that fulfil the conditions come back", arguments: 0..<28)
  func exact(seed: Int) throws {
    let (conditions, fits) = Self.conditions(seed)
    let expected = Self.table.filtered((0..<200).map(fits))
    for writesPageIndex in [true, false] {
      let file = try Self.file { $0.writesPageIndex = writesPageIndex }
      let rows = try file.read(where: conditions)
      #expect(ParquetSamples.rows(of: rows) == ParquetSamples.rows(of: expected))
      let days = try file.read(columns: ["day"], where: conditions)
      #expect(
        ParquetSamples.rows(of: days) == ParquetSamples.rows(of: try expected.selecting(["day"]))
      )
    }
  }

  @Test("row groups without the value are passed over, by bounds and by Bloom filters")
  func groups() throws {
    let file = try Self.file()
    #expect(try file.rowGroups(where: [.equals("id", .integer(-1_000_000))]) == [0])
    #expect(try file.rowGroups(where: [.equals("id", .integer(-999_999))]) == [])
    #expect(try file.rowGroups(where: [.equals("customer", .text("customer-1x"))]) == [])
    #expect(try file.rowGroups(where: [.equals("nothing", .decimal(0, scale: 4))]) == [])
    #expect(try file.rowGroups(where: []) == [0, 1, 2, 3])
  }

  @Test("NaN fulfils nothing and both zeros are equal")
  func oddNumbers() throws {
    let doubles = Table(["x": Column(doubles: [.nan, -0.0, 0.0, 1, .nan])])
    let file = try ParquetFile(bytes: ParquetWriter.encode(doubles).bytes)
    #expect(try file.read(where: [.equals("x", .double(0))]).rowCount == 2)
    #expect(try file.read(where: [.equals("x", .double(.nan))]).rowCount == 0)
    let all = ParquetPredicate("x", .isBetween(nil, .double(.infinity)))
    #expect(try file.read(where: [all]).rowCount == 3)
  }

  @Test("a value of another type is refused with the column")
  func mismatch() throws {
    let file = try Self.file()
    do {
      _ = try file.read(where: [.equals("id", .text("7"))])
      Issue.record("a text was compared with numbers")
    } catch {
      #expect(
        error.description == """
          <memory>: column "id": the condition does not fit the column: 7 is no integer.
            fix: compare the column with a value of its type.
          """
      )
    }
  }
}
