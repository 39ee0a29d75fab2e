internal import LodeFormats
internal import LodeMining
internal import LodeNumerics
internal import LodePipeline
internal import LodeRuntime

/// `lode-bench bench` and `lode-bench kernel`.
struct BenchCommand {
  private let words: [String]
  private let options: [String: String]
  private let isQuick: Bool

  /// Reads the arguments behind the command.
  init(_ arguments: [String]) throws(Diagnostic) {
    var words: [String] = []
    var options: [String: String] = [:]
    var rest = arguments[...]
    while let word = rest.popFirst() {
      if word == "--quick" {
        options["quick"] = ""
      } else if word.hasPrefix("--") {
        guard let value = rest.popFirst() else {
          throw Diagnostic(.usage, "\(word) has no value.", fix: "write \(word) VALUE.")
        }
        options[String(word.dropFirst(2))] = value
      } else {
        words.append(word)
      }
    }
    self.words = words
    self.options = options
    isQuick = options["quick"] != nil
  }

  /// Measures one kernel in this process and prints one line of JSON.
  func kernel() throws -> Int32 {
    guard let name = words.first, let folder = options["data"],
      let threads = Int(options["threads"] ?? "")
    else {
      throw Diagnostic(
        .usage,
        "a kernel needs its name, --data and --threads.",
        fix: "lode-bench kernel csv --data .bench/data/quick --threads 2."
      )
    }
    Parallel.threadCount = threads
    if let name = options["instructions"] {
      guard name == "baseline" else {
        throw Diagnostic(
          .usage,
          "--instructions is \"\(name)\".",
          fix: "write --instructions baseline, or leave it out."
        )
      }
      NearestCentroids.Instructions.limit(to: .baseline)
    }
    let lines = LineKernels(folder: folder, stem: options["lines"] ?? "lines")
    let customers = CustomerKernels(folder: folder, stem: lines.stem)
    let matrices = MatrixKernels(folder: folder)
    let argument = words.dropFirst().first ?? ""
    let measurement: Measurement
    switch name {
    case "weekly":
      measurement = try WeeklyKernel(folder: folder, stem: lines.stem).run()
    case "csv": measurement = try lines.csv(isTyped: true)
    case "csv-inferred": measurement = try lines.csv(isTyped: false)
    case "parquet-scan": measurement = try lines.parquetScan()
    case "rfm-grouping": measurement = try customers.rfmByGrouping()
    case "rfm-shards": measurement = try customers.rfmFromShards()
    case "rfm-features": measurement = try customers.rfmByFeatures()
    case "bgnbd": measurement = try LifetimeKernels(folder: folder).betaGeometric()
    case "pareto": measurement = try LifetimeKernels(folder: folder).pareto()
    case "lifetime-scores": measurement = try LifetimeKernels(folder: folder).scores()
    case "lifetime-study": measurement = try LifetimeKernels(folder: folder).study("large")
    case "gamma-gamma": measurement = try LifetimeKernels(folder: folder).values()
    case "features": measurement = try customers.features()
    case "parquet-write": measurement = try lines.parquetWrite(to: "\(folder)/ours.parquet")
    case "parquet-read": measurement = try lines.parquetRead()
    case "itemsets": measurement = try lines.itemsets(support: Double(argument) ?? 0.01)
    case "kmeans":
      measurement = try matrices.kMeans(
        clusterCount: Int(argument) ?? 8,
        precision: words.contains("float32") ? .float32 : .float64,
        readsFile: words.contains("file")
      )
    case "logistic": measurement = try matrices.logistic(tolerance: Double(argument) ?? 1e-14)
    case "trees":
      measurement = try ClassifierKernels(rowCount: Int(argument) ?? 1_000_000, columnCount: 30)
        .trees(200)
    case "binned":
      measurement = try ClassifierKernels(rowCount: Int(argument) ?? 10_000, columnCount: 20)
        .binned()
    default: throw Diagnostic(.usage, "there is no kernel \"\(name)\".")
    }
    say(try measurement.line())
    return 0
  }

  /// Measures all kernels against all peers and writes the page.
  func bench(tool: String) throws -> Int32 {
    let root = options["root"] ?? ".bench"
    let python = try PeerEnvironment(root: root).python()
    let data = try BenchData(isQuick ? .quick : .full, below: "\(root)/data")
    let run = BenchRun(
      data: data,
      rounds: Int(options["rounds"] ?? "") ?? (isQuick ? 3 : 5),
      budget: isQuick ? .seconds(100) : nil,
      python: python,
      tool: tool
    )
    let cases = BenchCase.all(data.sizes)
      .filter { bench in options["only"].map { bench.name.contains($0) } ?? true }
      .flatMap { bench in bench.threadCounts.map { (bench: bench, threads: $0) } }
    var report = BenchReport()
    let outcome = try run.run(cases)
    for (entry, result) in zip(cases, outcome.results) {
      report.add(entry.bench, threads: entry.threads, result)
    }
    let rounds = outcome.loads.count
    try AtomicFile.write(Array(outcome.log.utf8), to: "\(root)/measurements-\(data.sizes.name).log")
    say("\n" + report.table)
    let circumstances = [
      "Machine: \(options["machine"] ?? "not told")",
      "Load average before the run: \(options["load"] ?? "not told"); of the last minute at the "
        + "start of each round: \(outcome.loads.joined(separator: ", "))",
      "Date: \(options["date"] ?? "not told")",
      "Size: \(data.sizes.name), medians of \(rounds) round\(rounds == 1 ? "" : "s")",
    ]
    guard let path = options["report"] else { return 0 }
    let command = isQuick ? "make bench-quick" : "make bench"
    let page = report.page(circumstances: circumstances, command: command)
    try AtomicFile.write(Array(page.utf8), to: path)
    say("\nwritten to \(path)")
    return 0
  }
}

/// The Python environment of the peers, made where it is missing.
struct PeerEnvironment {
  let root: String

  /// The path of its Python.
  func python() throws -> String {
    let python = "\(root)/venv/bin/python"
    let requirements = "Tests/Bench/requirements.txt"
    let stamp = "\(root)/venv/requirements.txt"
    let wanted = try FileBytes.read(requirements)
    if FileBytes.exists(stamp), try FileBytes.read(stamp) == wanted { return python }
    say("making \(root)/venv with the peers of \(requirements)")
    try call("/usr/bin/env", ["python3", "-m", "venv", "\(root)/venv"])
    try call(python, ["-m", "pip", "install", "-q", "-r", requirements])
    try AtomicFile.write(wanted, to: stamp)
    return python
  }

  private func call(_ program: String, _ arguments: [String]) throws {
    let command = [program] + arguments
    let place = command.joined(separator: " ")
    if let failure = try ChildProcess.run(command, at: place).failure {
      throw Diagnostic(
        .failure,
        at: place,
        "the command \(failure).",
        fix: "install Python 3 with its venv module, and be online for the first run."
      )
    }
  }
}
