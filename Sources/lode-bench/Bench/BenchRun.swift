internal import Foundation
internal import LodeRuntime

/// The medians of one side at one thread count.
struct BenchResult {
  let side: String
  let measurement: Measurement
}

/// Runs our kernels and the peers' scripts by turns, each as a process of its own.
struct BenchRun {
  let data: BenchData
  let rounds: Int
  let python: String
  /// This program.
  let tool: String

  /// Runs one kernel on all sides.
  ///
  /// - Parameters:
  ///   - bench: the kernel.
  ///   - threads: how many threads each side may use.
  /// - Returns: our medians, then those of each peer.
  /// - Throws: a diagnostic when a process fails.
  func run(_ bench: BenchCase, threads: Int) throws -> [BenchResult] {
    var samples = [[Measurement]](repeating: [], count: bench.peers.count + 1)
    for round in 0..<rounds {
      // Every other round runs backwards, so that no side is always first or last.
      let sides = Array(samples.indices)
      for side in round % 2 == 0 ? sides : sides.reversed() {
        samples[side].append(try measurement(bench, side: side, threads: threads))
      }
    }
    return samples.enumerated()
      .map { side, measurements in
        BenchResult(
          side: side == 0 ? "Lode" : bench.peers[side - 1].name,
          measurement: Self.median(measurements)
        )
      }
  }

  private func measurement(_ bench: BenchCase, side: Int, threads: Int) throws -> Measurement {
    var environment = ProcessInfo.processInfo.environment
    guard side > 0 else {
      let arguments =
        ["kernel"] + bench.kernel + ["--data", data.folder, "--threads", "\(threads)"]
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
    let arguments = ["Tests/Bench/\(peer.script).py", data.folder, "\(threads)"] + peer.arguments
    return try Self.process(python, arguments, environment)
  }

  private static func process(
    _ program: String,
    _ arguments: [String],
    _ environment: [String: String]
  ) throws -> Measurement {
    let process = Process()
    process.executableURL = URL(filePath: program)
    process.arguments = arguments
    process.environment = environment
    let pipe = Pipe()
    process.standardOutput = pipe
    try process.run()
    let output = pipe.fileHandleForReading.readDataToEndOfFile()
    process.waitUntilExit()
    guard process.terminationStatus == 0,
      let measurement = try? JSONDecoder().decode(Measurement.self, from: output)
    else {
      throw Diagnostic(
        .failure,
        at: ([program] + arguments).joined(separator: " "),
        "the process ended with \(process.terminationStatus) and no measurement.",
        fix: "run it by hand; its messages are above."
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
