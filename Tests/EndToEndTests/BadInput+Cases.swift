import Foundation

extension BadInput {
  static let ofFiles: [BadInput] = [
    BadInput(
      name: "missing file",
      exitCode: 75,
      message: """
        orders.csv: there is no such file.
          fix: put the file there, or correct the path in the pipeline file.
        """
    ) {
      try FileManager.default.removeItem(at: $0.folder.appendingPathComponent("orders.csv"))
    },
    BadInput(
      name: "directory",
      exitCode: 1,
      message: """
        orders.csv: this is a directory, not a file.
          fix: name the file, or a pattern such as orders.csv/*.csv.
        """
    ) {
      let path = $0.folder.appendingPathComponent("orders.csv")
      try FileManager.default.removeItem(at: path)
      try FileManager.default.createDirectory(at: path, withIntermediateDirectories: true)
    },
    BadInput(
      name: "empty file",
      exitCode: 1,
      message: """
        orders.csv: the file is empty.
          fix: export it again with a header line, even if there are no rows.
        """
    ) {
      try $0.write("", to: "orders.csv")
    },
    BadInput(
      name: "binary file",
      exitCode: 1,
      message: """
        orders.csv: byte 4 is zero: this is a binary file, not delimited text.
          fix: name a CSV file (plain or gzip); save spreadsheets as CSV UTF-8 first.
        """
    ) {
      try $0.write(bytes: [0x50, 0x4B, 0x03, 0x04, 0, 0, 1, 2], to: "orders.csv")
    },
    BadInput(
      name: "no header",
      exitCode: 1,
      message: """
        orders.csv:1: the first line looks like data, not like a header of column names.
          fix: add a header line, or name the columns: header: ["customer", "date", "amount"].
        """
    ) {
      try $0.write("0001,2026-01-05,10.00\n0002,2026-01-06,20.50\n", to: "orders.csv")
    },
    BadInput(
      name: "damaged gzip file",
      exitCode: 1,
      message: """
        orders.csv: the compressed file cannot be read: the gzip data ends too early: it was \
        cut off while being written or copied.
          fix: fetch the file again.
        """
    ) {
      try $0.write(bytes: [0x1F, 0x8B, 8, 0, 0, 0, 0, 0, 0, 3, 1, 2], to: "orders.csv")
    },
  ]

  static let ofRows: [BadInput] = [
    BadInput(
      name: "ragged row",
      exitCode: 3,
      message: """
        stage sales_in: 1 of 7 rows are bad, and max_bad_share allows 0:
          orders.csv:8: 2 fields where the header has 3
          fix: correct the rows at the source, or raise max_bad_share of this stage to \
        quarantine them.
        """
    ) {
      try $0.write(SmallShop.goodRows + "0004,2026-05-01\n", to: "orders.csv")
    },
    BadInput(
      name: "bad number",
      exitCode: 3,
      message: """
        stage sales_in: 1 of 7 rows are bad, and max_bad_share allows 0:
          orders.csv:8: column "amount" holds "ten", which is not of type decimal(18,2)
          fix: correct the rows at the source, or raise max_bad_share of this stage to \
        quarantine them.
        """
    ) {
      try $0.write(SmallShop.goodRows + "0004,2026-05-01,ten\n", to: "orders.csv")
    },
    BadInput(
      name: "bad date",
      exitCode: 3,
      message: """
        stage sales_in: 1 of 7 rows are bad, and max_bad_share allows 0:
          orders.csv:8: column "day" holds "2026-02-30", which is not of type date
          fix: correct the rows at the source, or raise max_bad_share of this stage to \
        quarantine them.
        """
    ) {
      try $0.write(SmallShop.goodRows + "0004,2026-02-30,10.00\n", to: "orders.csv")
    },
    BadInput(
      name: "bad UTF-8",
      exitCode: 3,
      message: """
        stage sales_in: 1 of 7 rows are bad, and max_bad_share allows 0:
          orders.csv:8: byte 0xfc at offset 153 is not UTF-8
          fix: correct the rows at the source, or raise max_bad_share of this stage to \
        quarantine them.
        """
    ) {
      try $0.write(
        bytes: Array(SmallShop.goodRows.utf8) + [0x4D, 0xFC, 0x6C]
          + Array(",2026-05-01,10.00\n".utf8),
        to: "orders.csv"
      )
    },
    BadInput(
      name: "negative price",
      exitCode: 3,
      message: """
        stage sales: 1 of 7 rows are bad, and max_bad_share allows 0:
          orders.csv:8: the price is -10.00
          fix: correct the rows at the source, or raise max_bad_share of this stage to \
        quarantine them.
        """
    ) {
      try $0.write(SmallShop.goodRows + "0004,2026-05-01,-10.00\n", to: "orders.csv")
    },
    BadInput(
      name: "future date",
      exitCode: 3,
      message: """
        stage sales: 1 of 7 rows are bad, and max_bad_share allows 0:
          orders.csv:8: the date 2062-05-01 is after valid_dates.to
          fix: correct the rows at the source, or raise max_bad_share of this stage to \
        quarantine them.
        """
    ) {
      try $0.write(SmallShop.goodRows + "0004,2062-05-01,10.00\n", to: "orders.csv")
    },
    BadInput(
      name: "quote never closed",
      exitCode: 1,
      message: """
        orders.csv:8: a quote that opens in this record is never closed.
          fix: close the quote, or double it if it is part of the text.
        """
    ) {
      try $0.write(SmallShop.goodRows + "\"0004,2026-05-01,10.00\n", to: "orders.csv")
    },
  ]

  static let ofPipelines: [BadInput] = [
    BadInput(
      name: "unknown column in the pipeline",
      exitCode: 2,
      message: """
        table raw.sales: there is no column "date". The columns are customer, day, amount, \
        _file, _line.
          fix: correct "columns" of the clean stage.
        """
    ) {
      try $0.changePipeline("at: \"day\"", to: "at: \"date\"")
    },
    BadInput(
      name: "unknown key",
      exitCode: 2,
      message: """
        pipeline.json5:16:42: unknown key "max_bad_shar" in stage "sales" – did you mean \
        "max_bad_share"?
          fix: remove it, or use one of: op, method, needs, tags, from, columns, \
        cancellation_prefix, adjustment_prefix, non_products, valid_dates, net_returns, \
        max_bad_share, max_bad_rows, expected_reasons.
        """
    ) {
      try $0.changePipeline("max_bad_share: 0,", to: "max_bad_shar: 0,")
    },
    BadInput(
      name: "cycle",
      exitCode: 2,
      message: """
        pipeline.json5:13:5: the stages need each other in a circle: sales → value → features \
        → sales.
          fix: remove one of these needs.
        """
    ) {
      try $0.changePipeline(
        "op: \"clean\", needs: [\"sales_in\"]",
        to: "op: \"clean\", needs: [\"sales_in\", \"value\"]"
      )
    },
    BadInput(
      name: "typo in a stage name",
      exitCode: 2,
      message: """
        pipeline.json5:18:5: stage "features" needs the unknown stage "slaes" – did you mean \
        "sales"?
          fix: correct "needs"; the stages are sales_in, sales, features, value.
        """
    ) {
      try $0.changePipeline("needs: [\"sales\"]", to: "needs: [\"slaes\"]")
    },
    BadInput(
      name: "typo in a kind of stage",
      exitCode: 2,
      message: """
        pipeline.json5:14:11: "op" of stage "sales" is "claen" – did you mean "clean"?
          fix: choose one of "extract", "clean", "transform", "cluster", "correlate", \
        "classify", "forecast", "export", "report".
        """
    ) {
      try $0.changePipeline("op: \"clean\"", to: "op: \"claen\"")
    },
    BadInput(
      name: "wrong type",
      exitCode: 2,
      message: """
        pipeline.json5:16:57: "max_bad_share" of stage "sales" is a text, not a number.
          fix: write a number.
        """
    ) {
      try $0.changePipeline("max_bad_share: 0,", to: "max_bad_share: \"none\",")
    },
    BadInput(
      name: "duplicate key",
      exitCode: 2,
      message: """
        pipeline.json5:2:44: the key "currency" stands twice in one object, first at line 2.
          fix: remove one of the two.
        """
    ) {
      try $0.changePipeline("currency: \"EUR\",", to: "currency: \"EUR\", currency: \"USD\",")
    },
    BadInput(
      name: "syntax error",
      exitCode: 2,
      message: """
        pipeline.json5:2:36: no ":" after the key "currency".
          fix: write currency: value.
        """
    ) {
      try $0.changePipeline("currency: \"EUR\",", to: "currency \"EUR\",")
    },
    BadInput(
      name: "declared type of a missing column",
      exitCode: 1,
      message: """
        orders.csv:1: the header has no column "custmer", whose type is declared – did you \
        mean "customer"?
          fix: correct the name in types; the columns are customer, day, amount.
        """
    ) {
      try $0.changePipeline("customer: \"text\"", to: "custmer: \"text\"")
    },
  ]

  static let ofSurroundings: [BadInput] = [
    BadInput(
      name: "as-of before the first row",
      exitCode: 2,
      message: """
        stage features: no order of a known customer lies before the as-of date 2020-01-01.
          fix: choose a later --as-of, or check the dates of the source.
        """,
      arguments: ["--as-of", "2020-01-01"]
    ) { _ in },
    BadInput(
      name: "unwritable warehouse",
      exitCode: 1,
      message: """
        /proc/lode: lode cannot make the folder here (No such file or directory).
          fix: check the path and the disk, then run again; nothing was published.
        """,
      arguments: ["--warehouse", "/proc/lode"]
    ) { _ in },
    BadInput(
      name: "full disk",
      exitCode: 75,
      message: """
        warehouse/tmp: disk full: there is no room for a file of N bytes.
          fix: free at least N bytes there and run again; nothing was published.
        """,
      environment: ["LODE_TEST_DISK_LIMIT": "2000"]
    ) {
      try $0.write(SmallShop.goodRows + "0004,2026-05-01,10.00\n", to: "orders.csv")
    },
    BadInput(
      name: "no date",
      exitCode: 2,
      message: """
        --as-of is "yesteryear", which is no date.
          fix: write YYYY-MM-DD, yesterday or last-monday.
        """,
      arguments: ["--as-of", "yesteryear"]
    ) { _ in },
    BadInput(
      name: "unknown stage",
      exitCode: 2,
      message: """
        unknown stage "featurs" – did you mean "features"?
          fix: choose one of sales_in, sales, features, value.
        """,
      arguments: ["featurs"]
    ) { _ in },
    BadInput(
      name: "unknown option",
      exitCode: 2,
      message: """
        unknown option "--thread" of lode run – did you mean "--threads"?
          fix: lode help run shows the options.
        """,
      arguments: ["--thread", "2"]
    ) {
      _ in
    },
  ]
}
