import LodeColumns
import LodeFormats
import LodeRuntime
import LodeWarehouse
import Testing

@testable import LodePipeline

@Suite("Running a pipeline")
struct PipelineRunnerTests {
  private func folder() throws -> PipelineFolder {
    let folder = try PipelineFolder()
    try folder.write(PipelineFolder.pipeline(), to: "p.json5")
    try folder.write(PipelineFolder.sales, to: "sales.csv")
    return folder
  }

  private func features(_ folder: PipelineFolder) throws -> [String] {
    let table = try folder.table("customer_features")
      .sorted(by: [
        SortKey("as_of"), SortKey("customer_id"),
      ])
    return try StageLab.cells(table, ["as_of", "customer_id", "orders", "value_total"])
  }

  @Test("clean tables hold everything, stages behind them see nothing from the date on")
  func eventTime() throws {
    let folder = try folder()
    _ = try folder.run(asOf: "2026-06-15", run: "r1")
    #expect(try folder.table("order_lines").rowCount == 5)
    let seen = [
      "2026-05-16 ann 2 40.00", "2026-05-16 bob 1 20.00", "2026-06-15 ann 2 40.00",
      "2026-06-15 bob 1 20.00",
    ]
    #expect(try features(folder) == seen)
    // The same file without its future gives the same features.
    let past = try PipelineFolder()
    try past.write(PipelineFolder.pipeline(), to: "p.json5")
    let lines = PipelineFolder.sales.split(separator: "\n").dropLast(2)
    try past.write(lines.joined(separator: "\n") + "\n", to: "sales.csv")
    _ = try past.run(asOf: "2026-06-15", run: "r1")
    #expect(try features(past) == seen)
  }

  @Test("stages side by side are told one after the other; of several failures the first counts")
  func sideBySide() throws {
    let folder = try PipelineFolder()
    let more = """
      cube: { op: "transform", method: "cube", needs: ["sales"] },
          life: { op: "forecast", method: "bgnbd+gamma_gamma", needs: ["sales"] },
          features: {
      """
    try folder.write(
      PipelineFolder.pipeline().replacing("features: {", with: more),
      to: "p.json5"
    )
    try folder.write(PipelineFolder.sales, to: "sales.csv")
    let names = ["raw", "sales", "cube", "life", "features"]
    let told = names.enumerated()
      .flatMap { ["\($0 + 1)/5 \($1) started", "\($0 + 1)/5 \($1) ran"] }
    #expect(try folder.events(asOf: "2026-06-15", run: "r1") == told)
    #expect(
      try folder.events(asOf: "2026-06-15", run: "r2")
        == names.enumerated().map { "\($0 + 1)/5 \($1) skipped" }
    )
    // Before the first order neither values nor features can be computed.
    let early = try folder.events(asOf: "2026-01-15", run: "r3")
    #expect(early.last == "stage life" && early.dropLast().last == "4/5 life started")
    #expect(try folder.events(asOf: "2026-06-15", run: "r4").allSatisfy { $0.hasSuffix("skipped") })
  }

  @Test("a second run skips everything, a later date runs what depends on it")
  func staleness() throws {
    let folder = try folder()
    #expect(
      try folder.plan(asOf: "2026-06-15") == [
        "raw: it has not run yet", "sales: stage raw runs before it",
        "features: stage sales runs before it",
      ]
    )
    #expect(
      try folder.run(asOf: "2026-06-15", run: "r1") == ["raw ran", "sales ran", "features ran"]
    )
    #expect(
      try folder.run(asOf: "2026-06-15", run: "r2")
        == ["raw skipped", "sales skipped", "features skipped"]
    )
    #expect(
      try folder.run(asOf: "2026-06-16", run: "r3")
        == ["raw skipped", "sales skipped", "features ran"]
    )
    #expect(try features(folder).contains("2026-06-16 ann 3 80.00"))
    #expect(
      try folder.plan(asOf: "2026-06-15")
        == ["raw: ", "sales: ", "features: the as-of date changed (2026-06-16 → 2026-06-15)"]
    )
  }

  @Test("changed settings and changed files are told as reasons")
  func reasons() throws {
    let folder = try folder()
    _ = try folder.run(asOf: "2026-06-15", run: "r1")
    try folder.write(PipelineFolder.pipeline(step: 14), to: "p.json5")
    #expect(
      try folder.plan(asOf: "2026-06-15") == ["raw: ", "sales: ", "features: its settings changed"]
    )
    try folder.write(PipelineFolder.sales + "o6,bob,2026-05-05,1.00\n", to: "sales.csv")
    let plan = try folder.plan(asOf: "2026-06-15")
    #expect(plan[0].hasPrefix("raw: the file ") && plan[0].hasSuffix("/sales.csv changed"))
    #expect(plan[1] == "sales: stage raw runs before it")
  }

  @Test("a stage that fails publishes nothing, what ran before it stays")
  func failure() throws {
    let folder = try folder()
    _ = try folder.run(asOf: "2026-06-15", run: "r1")
    try folder.write(PipelineFolder.sales + "o6,bob\n", to: "sales.csv")
    let message = StageLab.message { _ = try folder.run(asOf: "2026-06-15", run: "r2") }
    #expect(message?.hasPrefix("stage raw: 1 of 6 rows are bad") ?? false)
    #expect(try folder.table("raw.sales").rowCount == 5)
    #expect(try folder.table("order_lines").rowCount == 5)
  }

  @Test("an event time of another type is refused with what to declare")
  func wrongType() throws {
    let folder = try PipelineFolder()
    let stages = ["order_lines", "return_matches"]
      .map { "\($0): { op: 'extract', from: { csv: 'x.csv' }, into: '\($0)' }," }
    try folder.write(
      "{lode: 1, name: 'small', currency: 'EUR', warehouse: 'w', stages: {\(stages.joined()) "
        + "features: { op: 'transform', method: 'customer_features', "
        + "needs: ['order_lines', 'return_matches'] } }}",
      to: "p.json5"
    )
    try folder.write("ordered_at,returned_at\n1.2.26,1.3.26\n", to: "x.csv")
    #expect(
      StageLab.message { _ = try folder.run(asOf: "2026-06-15", run: "r1") }
        == "stage features: the column \"ordered_at\" of the table order_lines is of type text, "
        + "where date or timestamp is needed.\n"
        + "  fix: declare it in the extract stage, types: { \"ordered_at\": \"timestamp\" }."
    )
  }
}

@Suite("Extracting files")
struct ExtractStageTests {
  private func run(_ options: String, _ files: [String]) throws -> StageOutput {
    let sources = files.enumerated()
      .map { SourceBytes(Array($1.utf8), name: "f\($0 + 1).csv") }
    return try StageLab.stage("{op: 'extract', from: {csv: '*.csv'}, into: 'raw.x', \(options)}")
      .run(StageInputs([:]), in: StageLab.context("2026-07-01", sources: sources))
  }

  @Test("quarantine tells the byte of a bad row, in a compressed file that of its text")
  func offsets() throws {
    let text = Array("who,n\nann,1\nbob\neve,3\n".utf8)
    for bytes in [text, try Compression.gzip(text), try Compression.zstd(text)] {
      let output =
        try StageLab.stage(
          "{op: 'extract', from: {csv: 'f'}, into: 'raw.x', on_bad_row: 'quarantine', "
            + "max_bad_rows: 1}"
        )
        .run(
          StageInputs([:]),
          in: StageLab.context("2026-07-01", sources: [SourceBytes(bytes, name: "f")])
        )
      let table = try #require(output.quarantine).table()
      #expect(
        try StageLab.cells(table, ["file", "line", "offset", "reasons", "raw"])
          == ["f 3 12 ragged bob"]
      )
    }
  }

  @Test("the limit that the user asks for goes before that of the stage")
  func askedLimit() throws {
    let source = SourceBytes(Array("a,b\n1,2\n3\n".utf8), name: "f")
    let stage = try StageLab.stage("{op: 'extract', from: {csv: 'f'}, into: 'raw.x'}")
    var context = try StageLab.context("2026-07-01", sources: [source])
    #expect(throws: Diagnostic.self) { try stage.run(StageInputs([:]), in: context) }
    context.rejectLimit = .count(1)
    #expect(try stage.run(StageInputs([:]), in: context).quarantine?.count == 1)
  }

  @Test("rows that go to disk by batches are those that are read at once")
  func spooled() throws {
    let folder = try PipelineFolder()
    let warehouse = try Warehouse(opening: "\(folder.path)/wh", shardCount: 2)
    let texts = [
      "a,b\n1,x\n2,y\n3\n4,z\n5,x\n", "a,b\n6,\n7,w\n", "a,b\n8,x\n9,y\n10,z\n",
    ]
    let sources = texts.enumerated().map { SourceBytes(Array($1.utf8), name: "f\($0)") }
    let stage = try StageLab.stage(
      "{op: 'extract', from: {csv: 'f'}, into: 'raw.x', on_bad_row: 'quarantine', "
        + "max_bad_rows: 1}"
    )
    var context = try StageLab.context("2026-07-01", sources: sources)
    let whole = try stage.run(StageInputs([:]), in: context)
    let spool = RowSpool(warehouse, batchRows: 3) { name, schema, _ in
      TableWrite(name: name, schema: schema, parts: [], operation: "lode extract", runID: "r")
    }
    context.spool = spool
    let output = try stage.run(StageInputs([:]), in: context)
    #expect(output.tables[0].rows.rowCount == 0 && output.tables[0].rowCount == 9)
    #expect(output.finding == whole.finding && output.rowsRead == whole.rowsRead)
    #expect(output.quarantine?.table() == whole.quarantine?.table())
    let staged = try #require(try spool.finished("raw.x"))
    #expect(staged.rowCount == 9)
    let version = try warehouse.commit(staged).version
    let snapshot = try #require(try warehouse.snapshot(of: "raw.x", version: version))
    let parts = try snapshot.read().map(\.rows)
    #expect(parts.map(\.rowCount) == [3, 3, 3])
    #expect(
      try StageLab.cells(Table.concatenating(parts)) == StageLab.cells(whole.tables[0].rows)
    )
    #expect(try spool.finished("raw.x") == nil)
  }

  @Test("batches that are being written while a later file fails are removed with the others")
  func failsWhileWriting() throws {
    let folder = try PipelineFolder()
    let warehouse = try Warehouse(opening: "\(folder.path)/wh", shardCount: 2)
    let stage = try StageLab.stage("{op: 'extract', from: {csv: 'f'}, into: 'raw.x'}")
    let sources = ["a,b\n1,x\n2,y\n3,z\n", "a,b\n4,\"open\n"].enumerated()
      .map { SourceBytes(Array($1.utf8), name: "f\($0)") }
    for _ in 0..<20 {
      var context = try StageLab.context("2026-07-01", sources: sources)
      let spool = RowSpool(warehouse, batchRows: 3) { name, schema, _ in
        TableWrite(name: name, schema: schema, parts: [], operation: "lode extract", runID: "r")
      }
      context.spool = spool
      #expect(throws: Diagnostic.self) { try stage.run(StageInputs([:]), in: context) }
      spool.discard()
      let left = FileTree.names(in: "\(folder.path)/wh/tables/raw.x")
      #expect(left.filter { $0.hasSuffix(".parquet") }.isEmpty)
    }
  }

  @Test("rows of customers lie apart in batches, and are cleaned as rows that are laid apart later")
  func layingApart() throws {
    let folder = try PipelineFolder()
    let warehouse = try Warehouse(opening: "\(folder.path)/wh", shardCount: 3)
    let lines = (0..<40)
      .map {
        "o\($0 / 2),\($0 % 9 == 0 ? "" : "c\($0 / 4)"),2026-01-\(10 + $0 / 4),p\($0 % 3),\($0)"
      }
    let text = (["order,who,day,product,paid"] + lines + [lines[39]]).joined(separator: "\n") + "\n"
    let source = SourceBytes(Array(text.utf8), name: "f")
    let extract = try StageLab.stage(
      "{op: 'extract', from: {csv: 'f', types: {paid: 'decimal(18,2)'}}, into: 'raw.x'}"
    )
    var context = try StageLab.context("2026-07-01", sources: [source])
    let whole = try extract.run(StageInputs([:]), in: context).tables[0].rows
    let spool = RowSpool(warehouse, batchRows: 7) { name, schema, partition in
      TableWrite(
        name: name,
        schema: schema,
        partitionColumn: partition,
        parts: [],
        operation: "lode extract",
        runID: "r"
      )
    }
    (context.spool, context.shardCount, context.customerColumns) = (spool, 3, ["raw.x": "who"])
    #expect(try extract.run(StageInputs([:]), in: context).tables[0].rowCount == 41)
    let staged = try #require(try spool.finished("raw.x"))
    let version = try warehouse.commit(staged).version
    let snapshot = try #require(try warehouse.snapshot(of: "raw.x", version: version))
    #expect(snapshot.partitionColumn == "shard" && snapshot.files.count > 9)
    let clean = try StageLab.stage(
      "{op: 'clean', from: 'raw.x', max_bad_share: 1, columns: {customer: 'who', at: 'day', "
        + "order: 'order', product: 'product', amount: 'paid'}}"
    )
    #expect(clean.customerColumns == ["raw.x": "who"])
    context.spool = nil
    let apart = StageInputs(sources: [
      "raw.x": StageInputs.Source(
        schema: snapshot.schema,
        shards: snapshot.files.map { $0.partition.flatMap { Int($0) } }
      ) { (part: Int, columns: [String]?) throws(Diagnostic) -> Table in
        try snapshot.rows(ofFile: part, columns: columns)
      }
    ])
    let (one, other) = (
      try clean.run(apart, in: context),
      try clean.run(StageInputs(["raw.x": [whole]]), in: context)
    )
    #expect(one.finding == other.finding && one.finding.hasPrefix("39 order lines"))
    for (left, right) in zip(one.tables, other.tables) {
      #expect(try StageLab.cells(left.rows) == StageLab.cells(right.rows))
    }
    #expect(one.quarantine?.table() == other.quarantine?.table())
    // Laid apart by another column, the rows are laid apart anew.
    let byOrder = try StageLab.stage(
      "{op: 'clean', from: 'raw.x', max_bad_share: 1, columns: {customer: 'product', at: 'day', "
        + "order: 'order', amount: 'paid'}}"
    )
    #expect(
      try StageLab.cells(byOrder.run(apart, in: context).tables[0].rows).sorted()
        == StageLab.cells(byOrder.run(StageInputs(["raw.x": [whole]]), in: context).tables[0].rows)
        .sorted()
    )
  }

  @Test("rows of all files carry file and line, bad rows go to quarantine, and they balance")
  func places() throws {
    let output = try run(
      "on_bad_row: 'quarantine', max_bad_share: 0.5, personal: ['who']",
      ["who,n\nann,1\nbob\neve,3\n", "who,n\nzoe,4\n"]
    )
    let table = try StageLab.table("raw.x", output)
    #expect(try StageLab.cells(table) == ["ann 1 f1.csv 2", "eve 3 f1.csv 4", "zoe 4 f2.csv 2"])
    #expect(table.schema.fields.filter(\.isPersonal).map(\.name) == ["who"])
    #expect(output.rowsRead == 4 && output.rowsPublished == 3 && output.quarantine?.count == 1)
    #expect(output.finding == "3 rows of 2 columns from 2 files")
  }

  @Test("files of different columns and columns with the names of places are refused")
  func refusals() {
    #expect(
      StageLab.message { _ = try run("", ["a,b\n1,x\n", "a,b\nq,x\n"]) }
        == "f2.csv: its columns (a text, b text, _file text, _line integer) differ from those of "
        + "the first file (a integer, b text, _file text, _line integer).\n"
        + "  fix: declare the types in from.types, or read the files by two stages."
    )
    #expect(
      StageLab.message { _ = try run("", ["a,_line\n1,x\n"]) }
        == "f1.csv: the file has a column \"_line\", a name that Lode needs for the place of a "
        + "row.\n  fix: rename the column in the file."
    )
  }

  private func read(_ from: String, _ text: String) throws -> [String] {
    let source = SourceBytes(Array(text.utf8), name: "f")
    let output = try StageLab.stage("{op: 'extract', from: {\(from)}, into: 'raw.x'}")
      .run(StageInputs([:]), in: StageLab.context("2026-07-01", sources: [source]))
    return try StageLab.cells(try StageLab.table("raw.x", output))
  }

  @Test("days and thousands are read as the options say")
  func writtenValues() throws {
    let options = "csv: 'f', dates: 'DD.MM.YYYY', decimal: ',', thousands: '.'"
    #expect(
      try read(options, "on;amount\n02.01.2026;1.234,50\n") == ["2026-01-02 1234.50 f 2"]
    )
    #expect(
      (StageLab.message { _ = try read("csv: 'f', dates: 'DDMM'", "a\nx\n") } ?? "")
        .contains("write YYYY, MM and DD (or M and D) with signs between")
    )
  }

  @Test("JSON Lines are read by the same stage, without the options of delimited text")
  func jsonLines() throws {
    #expect(
      try read("jsonl: 'f'", "{\"id\":1,\"n\":\"x\"}\n{\"n\":\"y\",\"id\":2}\n")
        == ["1 x f 1", "2 y f 2"]
    )
    #expect(
      (StageLab.message { _ = try read("jsonl: 'f', decimal: ','", "{\"a\":1}\n") } ?? "")
        .contains("\"decimal\" does not apply to JSON Lines.")
    )
  }
}
