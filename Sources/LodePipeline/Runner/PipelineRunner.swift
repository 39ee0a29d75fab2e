internal import Glibc
internal import LodeColumns
internal import LodeFormats
public import LodeRuntime
internal import LodeWarehouse

/// Runs a pipeline: stale stages in order, published together when all of them have succeeded.
public struct PipelineRunner: Sendable {
  let file: PipelineFile
  let graph: StageGraph
  let options: RunOptions
  private let warehouseRoot: String
  private let exportsRoot: String
  let seed: UInt64

  /// A runner for a pipeline file.
  ///
  /// - Throws: a diagnostic if the stages do not fit together.
  public init(_ file: PipelineFile, options: RunOptions) throws(Diagnostic) {
    self.file = file
    self.options = options
    graph = try StageGraph(file)
    warehouseRoot = options.warehouse ?? file.resolved(file.warehouse)
    exportsRoot = options.exports ?? file.resolved(file.exports)
    seed = options.seed ?? file.seed
  }

  /// The stages that a selection names, in running order.
  ///
  /// - Throws: a diagnostic for a term that selects nothing.
  public func stageNames(_ selection: [String]) throws(Diagnostic) -> [String] {
    try StageSelection.names(selection, in: graph)
  }

  /// What a run would do: each selected stage with the reasons to run; no reason means skipped.
  ///
  /// - Throws: a diagnostic for a wrong selection or an unreadable warehouse.
  public func plan(_ selection: [String]) throws -> [(stage: String, reasons: [String])] {
    let names = try StageSelection.names(selection, in: graph)
    let reader = try openReader()
    var willRun: Set<String> = []
    var plan: [(stage: String, reasons: [String])] = []
    for entry in graph.stages where names.contains(entry.name) {
      var reasons = entry.needs.filter { willRun.contains($0) }.map { "stage \($0) runs before it" }
      let asksCommand = entry.stage.sources.contains { request in
        if case .command = request { return true }
        return false
      }
      if asksCommand {
        reasons.append("its command is asked for what is new (a plan starts no program)")
      } else if reasons.isEmpty {
        reasons = try staleness(entry, try reader.sources(entry), reader).reasons
      }
      if !reasons.isEmpty { willRun.insert(entry.name) }
      plan.append((entry.name, reasons))
    }
    return plan
  }

  /// Runs the stale ones of the selected stages.
  ///
  /// - Parameters:
  ///   - selection: the terms; none means all stages.
  ///   - observer: told what happens.
  /// - Returns: a report a stage.
  /// - Throws: the error of the first stage that fails; nothing of the run is published then.
  public func run(
    _ selection: [String],
    observer: (RunEvent) -> Void
  ) throws -> [StageReport] {
    let names = try StageSelection.names(selection, in: graph)
    let lock = try RunLock(
      folder: warehouseRoot,
      runID: options.runID,
      waitingSeconds: options.lockWaitInSeconds
    ) { observer(.waiting(owner: $0)) }
    defer { lock.release() }
    var reader = try openReader()
    if let owner = lock.killedOwner { observer(.tookOver(owner: owner)) }
    try reader.warehouse.sweepLitter()
    AtomicFile.sweepLitter(in: exportsRoot, depth: 2)
    var transaction = RunTransaction(
      reader.warehouse,
      exportsRoot: exportsRoot,
      runID: options.runID,
      pipelineName: file.name
    )
    var reports: [StageReport] = []
    let started = Self.now()
    do {
      try runStages(names, &reader, &transaction, &reports, observer)
      try Interruption.check()
      try transaction.publish(&reader.versions)
    } catch {
      transaction.discard()
      if let failed = names.dropFirst(reports.count).first {
        reports.append(StageReport(stage: failed, status: .failed))
      }
      try? record(reports, reader, started: started, error: error)
      throw error
    }
    for index in reports.indices { reports[index].pinOutputs(reader.versions) }
    try record(reports, reader, started: started, error: nil)
    return reports
  }

  private func openReader() throws -> StageInputsReader {
    let warehouse = try Warehouse(opening: warehouseRoot, shardCount: file.shardCount)
    return StageInputsReader(
      file: file,
      warehouse: warehouse,
      asOf: options.asOf,
      seed: seed,
      versions: try warehouse.readTag(file.name) ?? [:]
    )
  }

  /// The tables that a stage reads: the required ones, and the optional ones that its needs make.
  func tableNames(_ entry: PipelineFile.StageEntry) -> [String] {
    let makers = graph.ancestors[entry.name] ?? []
    let made = graph.stages.filter { makers.contains($0.name) }.flatMap { $0.stage.outputs }
    let optional = entry.stage.optionalInputs.filter { name in
      name == Self.quarantineTable || made.contains(name)
    }
    return entry.stage.inputs + optional
  }

  static let quarantineTable = "quarantine"
}

extension PipelineRunner {
  /// Why a stage is stale, with the fingerprint that says so.
  func staleness(
    _ entry: PipelineFile.StageEntry,
    _ sources: [SourceBytes],
    _ reader: StageInputsReader
  ) throws -> (reasons: [String], fingerprint: StageFingerprint) {
    let fingerprint = try reader.fingerprint(entry, sources: sources, tables: tableNames(entry))
    var reasons = forcedReason(entry)
    guard let state = readState(entry.name) else {
      return (reasons + ["it has not run yet"], fingerprint)
    }
    reasons += fingerprint.differences(from: state.fingerprint)
    for table in state.outputs.keys.sorted() {
      let present = try reader.snapshot(table)?.contentHash
      if present != state.outputs[table] { reasons.append("its output \(table) is not there") }
    }
    for path in state.files.keys.sorted() {
      let bytes = try? FileBytes.read("\(exportsRoot)/\(path)")
      if bytes.map({ SHA256.hexDigest(of: $0) }) != state.files[path] {
        reasons.append("its file \(path) is gone or was changed")
      }
    }
    return (reasons, fingerprint)
  }

  func forcedReason(_ entry: PipelineFile.StageEntry) -> [String] {
    options.forced.contains(entry.name) ? ["forced"] : []
  }

  func checkBalance(
    _ output: StageOutput,
    _ entry: PipelineFile.StageEntry
  ) throws(Diagnostic) {
    guard let read = output.rowsRead, let published = output.rowsPublished else { return }
    let refused = output.quarantine?.count ?? 0
    guard read == published + refused else {
      throw Diagnostic(
        .failure,
        at: "stage \(entry.name)",
        "\(read) rows were read, but \(published) published and \(refused) put in quarantine.",
        fix: "this is a defect of Lode: nothing was published; please report it."
      )
    }
  }

  func statePath(_ stage: String) -> String {
    "\(warehouseRoot)/stages/\(file.name)/\(stage).json"
  }

  /// The state of a stage, nil if it never ran.
  func readState(_ stage: String) -> StageState? {
    let path = statePath(stage)
    guard let bytes = try? FileBytes.read(path) else { return nil }
    return StageState(json: String(decoding: bytes, as: UTF8.self), path: path)
  }

  private func record(
    _ reports: [StageReport],
    _ reader: StageInputsReader,
    started: Double,
    error: (any Error)?
  ) throws {
    let record = RunRecord(
      runID: options.runID,
      pipeline: file.name,
      asOf: options.asOf,
      seed: seed,
      startedAt: started,
      milliseconds: Int((Self.now() - started) * 1000),
      reports: reports,
      error: error.map { ($0 as? Diagnostic)?.description ?? String(describing: $0) }
    )
    try reader.warehouse.writeRun(id: options.runID, json: record.json)
  }

  /// Seconds since the epoch; read by the runner only, never by a stage.
  static func now() -> Double { seconds(of: CLOCK_REALTIME) }

  /// Seconds of a clock that nobody sets, for waiting.
  static func monotonicNow() -> Double { seconds(of: CLOCK_MONOTONIC) }

  private static func seconds(of identifier: clockid_t) -> Double {
    var clock = timespec()
    // SAFETY: the structure is filled by the call that gets its address.
    unsafe clock_gettime(identifier, &clock)
    return Double(clock.tv_sec) + Double(clock.tv_nsec) / 1e9
  }
}
