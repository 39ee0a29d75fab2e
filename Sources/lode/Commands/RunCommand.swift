internal import FoundationEssentials
internal import LodePipeline
internal import LodeRuntime

/// `lode run`, `lode plan` and one verb per kind of stage.
struct RunCommand {
  private static let options = OptionTable(
    valued: [
      "file", "directory", "as-of", "warehouse", "exports", "seed", "threads", "var", "force",
      "summary", "progress", "max-rejects", "wait-for-lock",
    ],
    flags: ["quiet", "dry-run", "exit-code", "fail-on-warn", "skip-code"]
  )

  private let verb: String
  private let arguments: Arguments

  init(_ verb: String, _ rest: [String]) throws(Diagnostic) {
    self.verb = verb
    arguments = try Arguments(rest, options: Self.options, command: verb)
  }

  /// Plans or runs; the exit code.
  func run() throws -> Int32 {
    if let folder = arguments.value("directory") {
      guard FileManager.default.changeCurrentDirectoryPath(folder) else {
        throw Diagnostic(.usage, at: folder, "there is no such folder.", fix: "correct -C.")
      }
    }
    let environment = ProcessInfo.processInfo.environment
    let threads =
      try arguments.integer("threads", in: 1...1024) ?? Int(environment["LODE_THREADS"] ?? "")
    Interruption.watch()
    Parallel.threadCount = threads ?? ProcessInfo.processInfo.activeProcessorCount
    let path =
      arguments.value("file") ?? environment["LODE_PIPELINE"] ?? "pipelines/weekly-churn.json5"
    let file = try PipelineFile(
      path: path,
      variables: try variables(),
      environment: environment
    )
    var options = RunOptions(
      asOf: try AsOf.date(arguments.value("as-of") ?? environment["LODE_AS_OF"], file: file),
      runID: environment["LODE_RUN_ID"] ?? AsOf.runID()
    )
    options.seed = try arguments.integer("seed", in: 0...Int.max).map { UInt64($0) }
    options.warehouse = arguments.value("warehouse") ?? environment["LODE_WAREHOUSE"]
    options.exports = arguments.value("exports")
    options.lockWaitInSeconds = try arguments.integer("wait-for-lock", in: 0...604_800) ?? 0
    options.forced = arguments.allValues("force")
    if let text = arguments.value("max-rejects") {
      guard let limit = RejectLimit(text) else {
        throw Diagnostic(
          .usage,
          "--max-rejects is \"\(text)\".",
          fix: "write a number of rows such as 20, or a share such as 0.5%."
        )
      }
      options.rejectLimit = limit
    }
    let runner = try PipelineRunner(file, options: options)
    let selection = verb == "run" || verb == "plan" ? arguments.words : try verbSelection(runner)
    if verb == "plan" || arguments.has("dry-run") { return try plan(runner, selection) }
    return try run(runner, selection, file: file, options: options)
  }

  private func variables() throws(Diagnostic) -> [String: String] {
    var variables: [String: String] = [:]
    for text in arguments.allValues("var") {
      let parts = text.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
      guard parts.count == 2 else {
        throw Diagnostic(.usage, "--var is \"\(text)\".", fix: "write --var name=value.")
      }
      variables[String(parts[0])] = String(parts[1])
    }
    return variables
  }

  /// `lode cluster` means all stages of the kind, `lode cluster NAME` just that one.
  private func verbSelection(_ runner: PipelineRunner) throws -> [String] {
    let ofKind = try runner.stageNames(["op:\(verb)"])
    for name in arguments.words where !ofKind.contains(name) {
      throw Diagnostic(
        .usage,
        "\"\(name)\" is no \(verb) stage\(Suggestion.ending(for: name, in: ofKind))",
        fix: "choose one of \(ofKind.joined(separator: ", "))."
      )
    }
    return arguments.words.isEmpty ? ofKind : arguments.words
  }

  private func plan(_ runner: PipelineRunner, _ selection: [String]) throws -> Int32 {
    let plan = try runner.plan(selection)
    for (stage, reasons) in plan {
      let words =
        reasons.isEmpty ? "skip  nothing changed" : "run   \(reasons.joined(separator: "; "))"
      let padding = String(repeating: " ", count: max(1, 20 - stage.count))
      Terminal.print(stage + padding + words)
    }
    let isPending = plan.contains { !$0.reasons.isEmpty }
    return arguments.has("exit-code") && isPending ? 10 : 0
  }

  private func run(
    _ runner: PipelineRunner,
    _ selection: [String],
    file: PipelineFile,
    options: RunOptions
  ) throws -> Int32 {
    let wantsBar =
      Terminal.errorIsTerminal && arguments.value("progress") != "never"
      && ProcessInfo.processInfo.environment["TERM"] != "dumb"
    let progress = ProgressLines(isQuiet: arguments.has("quiet"), drawsBar: wantsBar)
    let summary = arguments.value("summary")
    do {
      let reports = try runner.run(selection) { progress.show($0) }
      progress.end(reports)
      if summary == "json" {
        Terminal.print(RunSummary.json(reports, options: options, isFailed: false))
      }
      return exitCode(reports)
    } catch {
      progress.clear()
      if summary == "json" {
        Terminal.print(RunSummary.json([], options: options, isFailed: true))
      }
      throw error
    }
  }

  /// 0, or what `--fail-on-warn` and `--skip-code` ask for.
  private func exitCode(_ reports: [StageReport]) -> Int32 {
    if arguments.has("fail-on-warn"), reports.contains(where: { !$0.warnings.isEmpty }) { return 4 }
    if arguments.has("skip-code"), reports.allSatisfy({ $0.status == .skipped }) { return 99 }
    return 0
  }
}
