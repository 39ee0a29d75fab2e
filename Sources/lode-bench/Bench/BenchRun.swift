internal import FoundationEssentials
internal import LodePipeline
internal import LodeRuntime

/// The medians of one side at one thread count.
struct BenchResult {
  let side: String
  let measurement: Measurement
}

/// All medians of a run.
struct BenchOutcome {
  /// For each case our medians, then those of each peer.
  let results: [[BenchResult]]
  /// The load average of the last minute at the start of each round.
  let loads: [String]
  /// Every single measurement, one a line.
  let log: String
}

/// Runs our kernels and the peers' scripts by turns, each as a process of its own.
struct BenchRun {
  let data: BenchData
  /// The most rounds.
  let rounds: Int
  /// No round begins that would end after this time.
  let budget: Duration?
  let python: String
  /// This program.
  let tool: String

  /// Runs every case on all sides, round after round, and takes medians.
  ///
  /// - Parameter cases: the kernels with their thread counts.
  /// - Returns: the medians.
  /// - Throws: a diagnostic when a process fails.
  func run(_ cases: [(bench: BenchCase, threads: Int)]) throws -> BenchOutcome {
    var samples = cases.map { [[Measurement]](repeating: [], count: $0.bench.peers.count + 1) }
    var loads: [String] = []
    var log = ""
    let start = ContinuousClock.now
    for round in 0..<rounds {
      let elapsed = ContinuousClock.now - start
      // A round takes as long as those before it: no round begins that would end too late.
      if let budget, round > 0, elapsed / round * (round + 1) > budget { break }
      let text = (try? String(contentsOfFile: "/proc/loadavg", encoding: .utf8)) ?? "?"
      loads.append(text.split(separator: " ").first.map(String.init) ?? "?")
      say("round \(round + 1), load average \(loads[round])")
      for (place, (bench, threads)) in cases.enumerated() {
        // Every other round runs backwards, so that no side is always first or last.
        let sides = Array(samples[place].indices)
        for side in round % 2 == 0 ? sides : sides.reversed() {
          try data.bringIntoMemory(of: bench)
          let sample = try measurement(bench, side: side, threads: threads)
          samples[place][side].append(sample)
          log += "\(round + 1) \(bench.name), \(threads) threads: \(try sample.line())\n"
        }
      }
    }
    let results = zip(cases, samples)
      .map { entry, sides in
        sides.enumerated()
          .map { side, measurements in
            BenchResult(
              side: side == 0 ? "Lode" : entry.bench.peers[side - 1].name,
              measurement: Self.median(measurements)
            )
          }
      }
    return BenchOutcome(results: results, loads: loads, log: log)
  }

  private func measurement(_ bench: BenchCase, side: Int, threads: Int) throws -> Measurement {
    var environment = ProcessInfo.processInfo.environment
    guard side > 0 else {
      let arguments =
        ["kernel"] + bench.kernel + ["--data", data.folder, "--threads", "\(threads)"]
        + ["--lines", bench.stem] + (bench.isBaseline ? ["--instructions", "baseline"] : [])
      return try Self.process(tool, arguments, environment)
    }
    let peer = bench.peers[side - 1]
    // They tune OpenBLAS for Lode's build of it; numpy brings its own, which they would slow down.
    for name in ["OPENBLAS_CORETYPE", "OPENBLAS_L2_SIZE"] {
      environment.removeValue(forKey: name)
    }
    for name in ["OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "POLARS_MAX_THREADS"] {
      environment[name] = "\(threads)"
    }
    environment["LODE_BENCH_LINES"] = bench.stem
    if bench.isBaseline {
      environment["OPENBLAS_CORETYPE"] = "NEHALEM"
      environment["FAISS_SIMD_LEVEL"] = "NONE"
    }
    let arguments = ["Tests/Bench/\(peer.script).py", data.folder, "\(threads)"] + peer.arguments
    return try Self.process(python, arguments, environment)
  }

  private static func process(
    _ program: String,
    _ arguments: [String],
    _ environment: [String: String]
  ) throws -> Measurement {
    let command = [program] + arguments
    let place = command.joined(separator: " ")
    let outcome = try ChildProcess.run(command, environment: environment, at: place)
    guard outcome.failure == nil,
      let measurement = try? JSONDecoder().decode(Measurement.self, from: Data(outcome.output))
    else {
      throw Diagnostic(
        .failure,
        at: place,
        "the process \(outcome.failure ?? "ended") without a measurement: "
          + String(decoding: outcome.errors.suffix(2000), as: UTF8.self),
        fix: "run it by hand."
      )
    }
    return measurement
  }

  /// The median of each figure for itself; values and version are those of the first round.
  private static func median(_ samples: [Measurement]) -> Measurement {
    func middle(_ figure: (Measurement) -> Double) -> Double {
      let sorted = samples.map(figure).sorted()
      return (sorted[(sorted.count - 1) / 2] + sorted[sorted.count / 2]) / 2
    }
    var median = samples[0]
    median.cpu = middle(\.cpu)
    median.wall = middle(\.wall)
    median.rss = middle(\.rss)
    return median
  }
}
