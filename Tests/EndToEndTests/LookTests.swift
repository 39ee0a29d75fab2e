import Foundation
import Testing

@Suite("Looking at a warehouse")
struct LookTests {
  let shop: SmallShop

  init() throws {
    shop = try SmallShop()
    #expect(try shop.run(["--quiet"]).exitCode == 0)
    let more = SmallShop.goodRows + "0004,2026-05-21,7.00\n"
    try shop.write(more, to: "orders.csv")
    #expect(try shop.run(["--quiet"]).exitCode == 0)
  }

  func lode(_ arguments: String...) throws -> LodeProcess.Outcome {
    try LodeProcess.run(arguments, in: shop.folder)
  }

  @Test("schema, profile, diff and files answer for any version")
  func answers() throws {
    #expect(
      try lode("schema", "raw.sales").output == """
        column,type,personal
        customer,text,no
        day,date,no
        amount,"decimal(18,2)",no
        _file,text,no
        _line,integer,no

        """
    )
    let profile = try lode("profile", "raw.sales@0").output.split(separator: "\n")
    #expect(profile.count == 6)
    #expect(profile[1] == "customer,text,6,0,3,0001,,,,0003,,\"0001 (3); 0002 (2); 0003 (1)\"")
    #expect(
      profile[3] == "amount,\"decimal(18,2)\",6,0,6,10.00,11.00,12.00,20.50,99.90,"
        + "28.608333333333334,\"10.00 (1); 11.00 (1); 12.00 (1)\""
    )
    let diff = try lode("diff", "raw.sales", "0", "small", "--exit-code")
    #expect(diff.exitCode == 10)
    #expect(
      diff.output == "what,count\nrows before,6\nrows after,7\nrows added,1\nrows removed,0\n"
    )
    let keyed = try lode("diff", "raw.sales", "1", "0", "--key", "_line")
    #expect(keyed.exitCode == 0)
    #expect(
      keyed.output
        == "what,count\nrows before,7\nrows after,6\nrows added,0\nrows removed,1\n"
        + "rows changed,0\n"
    )
    #expect(try lode("diff", "raw.sales", "1", "1", "--exit-code").exitCode == 0)
    let files = try lode("files", "orders@0").output.split(separator: "\n")
    #expect(!files.isEmpty && files.allSatisfy { $0.hasPrefix("DIR/warehouse/tables/orders/") })
    #expect(
      try lode("files", "raw.sales", "--sql").output
        .hasPrefix("SELECT * FROM read_parquet(['DIR/warehouse/tables/raw.sales/part-00000-")
    )
    let history = try lode("history", "raw.sales").output.split(separator: "\n")
    #expect(history[0] == "version,time,operation,run,rows,files,tags")
    #expect(history[1].hasPrefix("1,") && history[1].hasSuffix(",7,1,small"))
    #expect(history[2].hasPrefix("0,") && history[2].hasSuffix(",6,1,"))
  }

  @Test("tags are set, read by, and deleted; those of pipelines stay")
  func tags() throws {
    #expect(try lode("tag", "set", "before", "raw.sales@0").exitCode == 0)
    #expect(try lode("tag", "list").output.hasPrefix("tag,table,version\nbefore,raw.sales,0\n"))
    #expect(try lode("show", "raw.sales@before").output.split(separator: "\n").count == 7)
    #expect(try lode("tag", "delete", "before").exitCode == 0)
    #expect(
      try lode("tag", "delete", "before").error == """
        error: there is no tag "before".
          fix: lode tag list shows the tags.

        """
    )
    let kept = try lode("tag", "delete", "small")
    #expect(kept.exitCode == 2)
    #expect(
      kept.error == """
        error: the tag "small" is kept by the pipeline of that name, whose tables are read by it.
          fix: choose another name, for example small-kept.

        """
    )
    #expect(
      try lode("tag", "set", "2026-01-05").error == """
        error: "2026-01-05" cannot be the name of a tag.
          fix: use letters of a-z, digits, _, - and dots, but not a number or a date.

        """
    )
    #expect(
      try lode("tag", "move").error == """
        error: lode tag does not know "move".
          fix: write lode tag list, lode tag set NAME [TABLE[@VERSION]…] or lode tag delete NAME.

        """
    )
  }

  @Test("fsck and vacuum speak in figures, and wrong usage is refused in words")
  func keeping() throws {
    let check = try lode("fsck")
    #expect(check.exitCode == 0)
    #expect(check.output.hasSuffix(" bytes: all whole\n"))
    let vacuum = try lode("vacuum", "--keep-days", "0")
    #expect(vacuum.output == "file,bytes,reason\n")
    #expect(
      vacuum.error
        == "0 files of 0 bytes would be removed; lode vacuum --delete removes them.\n"
    )
    #expect(
      try lode("diff", "raw.sales", "0").error == """
        error: lode diff needs a table and two of its versions.
          fix: write lode diff orders 3 4; dates and tags do as well.

        """
    )
    #expect(
      try lode("diff", "raw.sales", "0", "1", "--key", "customer").error == """
        error: table raw.sales: rows of raw.sales@0 share the key customer.
          fix: name more columns with --key, or leave it out to compare whole rows.

        """
    )
    #expect(
      try lode("profile").error == """
        error: lode profile needs the name of one table.
          fix: lode ls lists them.

        """
    )
    #expect(
      try lode("ls", "orders").error == """
        error: lode ls takes no table.
          fix: lode show orders prints its rows, lode history orders its versions.

        """
    )
    let file = try lode("files", "raw.sales").output.dropLast()
    let path = file.replacing("DIR", with: shop.folder.path)
    try Data("PAR1".utf8).write(to: URL(fileURLWithPath: String(path)))
    let broken = try lode("fsck")
    #expect(broken.exitCode == 1)
    #expect(broken.output.hasSuffix(" bytes: 1 problem\n"))
    #expect(broken.error.contains("the file has 4 bytes where the log has "))
  }
}
