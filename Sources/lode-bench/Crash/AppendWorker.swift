internal import LodeColumns
internal import LodeRuntime
internal import LodeWarehouse

/// One of several processes that commit to one table at once, with no lock between them.
///
/// `append-worker WAREHOUSE TABLE WRITER FIRST COUNT MODE` does rounds FIRST, FIRST + 1, … . In
/// mode `append` each adds a row (writer, round); in mode `own` each replaces the partition of the
/// writer; in mode `shared` each replaces the partition `all`, which every writer does. A version
/// is printed, at once, only when the warehouse has acknowledged it; a refused commit is printed
/// with its words and tried again. `append-check WAREHOUSE TABLE` reads every version.
struct AppendWorker {
  let warehouse: Warehouse
  let table: String

  /// Runs the command; the exit code.
  static func run(_ arguments: [String]) throws -> Int32 {
    guard arguments.count == 6, let first = Int(arguments[3]), let count = Int(arguments[4]) else {
      say("append-worker WAREHOUSE TABLE WRITER FIRST COUNT append|own|shared")
      return Diagnostic.Category.usage.rawValue
    }
    Parallel.threadCount = 1
    let worker = AppendWorker(
      warehouse: try Warehouse(opening: arguments[0], shardCount: 2),
      table: arguments[1]
    )
    for round in first..<(first + count) {
      try worker.commit(writer: arguments[2], round: round, mode: arguments[5])
    }
    return 0
  }

  /// Reads every version of a table and prints its rows: version, partition, writer, round.
  static func check(_ arguments: [String]) throws -> Int32 {
    guard arguments.count == 2 else {
      say("append-check WAREHOUSE TABLE")
      return Diagnostic.Category.usage.rawValue
    }
    let warehouse = try Warehouse(opening: arguments[0], shardCount: 2)
    guard let latest = try warehouse.snapshot(of: arguments[1]) else { return 0 }
    for version in 0..<latest.version {
      _ = try warehouse.snapshot(of: arguments[1], version: version)?.read()
    }
    for part in try latest.read() {
      let writers = try part.rows.requiredColumn("writer")
      let rounds = try part.rows.requiredColumn("round")
      for row in 0..<part.rows.rowCount {
        say("\(latest.version) \(part.partition ?? "") \(writers[row]) \(rounds[row])")
      }
    }
    let problems = try warehouse.check().problems
    for problem in problems { say("problem: \(problem)") }
    return problems.isEmpty ? 0 : 1
  }

  private func commit(writer: String, round: Int, mode: String) throws {
    let rows = Table([
      "writer": Column(texts: [writer]), "round": Column(integers: [Int64(round)]),
    ])
    let partition = mode == "shared" ? "all" : writer
    let write = TableWrite(
      name: table,
      schema: rows.schema,
      partitionColumn: "part",
      parts: [TableWrite.Part(partition: partition, rows: rows)],
      replaces: mode == "append" ? .nothing : .partitions([partition]),
      operation: "append-worker",
      runID: "\(writer)-\(round)"
    )
    while true {
      do throws(Diagnostic) {
        let version = try warehouse.commit(try warehouse.stage(write))
        say("\(version.version) \(writer) \(round) \(version.isUnchanged ? "unchanged" : "new")")
        return
      } catch {
        guard error.category == .temporary else { throw error }
        say("refused \(error.message)")
      }
    }
  }
}
