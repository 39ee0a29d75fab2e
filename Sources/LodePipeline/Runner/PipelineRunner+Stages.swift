internal import LodeColumns
internal import LodeFormats
internal import LodeRuntime
internal import LodeWarehouse

extension PipelineRunner {
  /// Computes the stages, those that do not need each other side by side, and takes them over one
  /// after the other.
  func runStages(
    _ names: [String],
    _ reader: inout StageInputsReader,
    _ transaction: inout RunTransaction,
    _ reports: inout [StageReport],
    _ observer: (RunEvent) -> Void
  ) throws {
    let lanes = StageLanes(threadCount: Parallel.threadCount)
    defer { for work in lanes.finish() { work?.spool.discard() } }
    let entries = names.compactMap { graph.entry($0) }
    // The reasons of the stages that were looked at.
    var reasons: [Int: [String]] = [:]
    var announced = -1
    while reports.count < entries.count {
      try Interruption.check()
      let next = reports.count
      let name = entries[next].name
      func announce() {
        guard announced < next, let reasons = reasons[next], !reasons.isEmpty else { return }
        announced = next
        observer(.started(stage: name, place: next + 1, of: entries.count, reasons: reasons))
      }
      for place in next..<entries.count
      where reasons[place] == nil && lanes.hasRoom(ahead: place > next)
        && mayStart(entries[place], before: entries[next..<place])
      {
        start(entries[place], at: place, reader, transaction, lanes) {
          reasons[place] = $0
          announce()
        }
      }
      announce()
      guard let result = lanes.take(next) else {
        lanes.wait()
        continue
      }
      guard let work = try result.get() else {
        observer(.skipped(stage: name, place: next + 1, of: entries.count))
        reports.append(StageReport(stage: name, status: .skipped))
        continue
      }
      var report = StageReport(stage: name, status: .ran, reasons: reasons[next] ?? [])
      try takeOver(work, of: entries[next], &transaction, reader, &report)
      reader.overlay = transaction.overlay
      MemoryReuse.giveBackFreedPages()
      observer(.finished(report, place: next + 1, of: entries.count))
      reports.append(report)
    }
  }

  /// Whether a stage may be computed while some before it are not taken over.
  private func mayStart(
    _ entry: PipelineFile.StageEntry,
    before open: ArraySlice<PipelineFile.StageEntry>
  ) -> Bool {
    guard !open.isEmpty else { return true }
    let needs = graph.ancestors[entry.name] ?? []
    let asksCommand = entry.stage.sources.contains { request in
      if case .command = request { return true }
      return false
    }
    // The quarantine is of all stages before, and a program is not asked for nothing.
    return !asksCommand && !tableNames(entry).contains(Self.quarantineTable)
      && !open.contains { needs.contains($0.name) }
  }

  /// Finds whether a stage is stale, tells the reasons and starts it then.
  private func start(
    _ entry: PipelineFile.StageEntry,
    at place: Int,
    _ reader: StageInputsReader,
    _ transaction: RunTransaction,
    _ lanes: StageLanes,
    telling tell: ([String]) -> Void
  ) {
    do {
      let sources = try reader.sources(entry)
      // What never ran is stale whatever it reads, so that is read and hashed at the same time.
      let isNew = readState(entry.name) == nil
      let known = isNew ? nil : try staleness(entry, sources, reader)
      let reasons = known?.reasons ?? forcedReason(entry) + ["it has not run yet"]
      tell(reasons)
      guard !reasons.isEmpty else { return lanes.note(.success(nil), at: place) }
      let spool = transaction.spool(of: entry)
      lanes.start(place) { [self] in
        let start = Self.monotonicNow()
        let fingerprint = BackgroundValue { [self] in
          try known?.fingerprint
            ?? reader.fingerprint(entry, sources: sources, tables: tableNames(entry))
        }
        do {
          let output = try compute(entry, sources, spool, reader)
          return StageWork(
            fingerprint: try fingerprint.value(),
            spool: spool,
            output: output,
            seconds: Self.monotonicNow() - start
          )
        } catch {
          spool.discard()
          throw error
        }
      }
    } catch {
      tell([])
      lanes.note(.failure(error), at: place)
    }
  }

  private func compute(
    _ entry: PipelineFile.StageEntry,
    _ sources: [SourceBytes],
    _ spool: RowSpool,
    _ reader: StageInputsReader
  ) throws -> StageOutput {
    let context = StageContext(
      stageName: entry.name,
      asOf: options.asOf,
      seed: seed,
      currency: file.currency,
      pipelineName: file.name,
      sources: sources,
      spool: spool,
      shardCount: reader.warehouse.shardCount,
      customerColumns: graph.customerColumns,
      rejectLimit: options.rejectLimit
    )
    let output = try entry.stage.run(
      try reader.inputs(entry, tables: tableNames(entry) + entry.stage.previous),
      in: context
    )
    try checkBalance(output, entry)
    return output
  }

  /// Brings the outputs of a stage to disk, to be published with those of all others.
  private func takeOver(
    _ work: StageWork,
    of entry: PipelineFile.StageEntry,
    _ transaction: inout RunTransaction,
    _ reader: StageInputsReader,
    _ report: inout StageReport
  ) throws {
    let start = Self.monotonicNow()
    defer { work.spool.discard() }
    let output = work.output
    let quarantine = try reader.publishedSnapshot(Self.quarantineTable)
    let made = try transaction.add(output, work.spool, of: entry, quarantine: quarantine)
    for name in tableNames(entry) { report.inputs.append((name, reader.versions[name] ?? -1)) }
    report.outputs = output.tables.map { ($0.name, -1, $0.rowCount) }
    report.files = made.files
    report.finding = output.finding
    report.details = output.details
    report.warnings = output.warnings
    report.rowsRead = output.rowsRead
    report.rowsPublished = output.rowsPublished
    report.rowsQuarantined = output.quarantine?.count ?? 0
    report.milliseconds = Int((work.seconds + Self.monotonicNow() - start) * 1000)
    let state = StageState(
      fingerprint: work.fingerprint,
      outputs: made.hashes,
      files: Dictionary(uniqueKeysWithValues: made.files.map { ($0.path, $0.sha256) }),
      runID: options.runID,
      milliseconds: report.milliseconds
    )
    transaction.add(state, at: statePath(entry.name))
  }
}
