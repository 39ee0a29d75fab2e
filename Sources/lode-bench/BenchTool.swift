internal import FoundationEssentials
internal import Glibc
internal import LodeRuntime

/// The tool of the developers: checks published figures and measures against peers.
struct BenchTool {
  let arguments: [String]

  static let usage = """
    lode-bench verify-real --data DIR      check published figures on the real files
    lode-bench coverage [WORLDS]           how often intervals hold in simulated worlds
    lode-bench recovery [CUSTOMERS]        whether lifetime fits find what simulations had
    lode-bench bench [--quick]             measure side by side with the peers
      --date D --machine M --load L          what the page says about the run
      --report FILE --rounds N --only NAME   the page; rounds; kernels with NAME in their name
    lode-bench kernel NAME --data DIR --threads N    measure one kernel in this process
    """

  /// Runs the command; the exit code.
  func run() -> Int32 {
    let rest = Array(arguments.dropFirst())
    Parallel.threadCount = ProcessInfo.processInfo.activeProcessorCount
    do {
      switch arguments.first {
      case "verify-real": return try verify()
      case "coverage":
        return LifetimeCoverage(worlds: rest.first.flatMap { Int($0) } ?? 200).run()
      case "recovery":
        return LifetimeRecovery(customers: rest.first.flatMap { Int($0) } ?? 100_000).run()
      case "bench": return try BenchCommand(rest).bench(tool: CommandLine.arguments[0])
      case "kernel": return try BenchCommand(rest).kernel()
      case "append-worker": return try AppendWorker.run(rest)
      case "append-check": return try AppendWorker.check(rest)
      case "fuzz-memory": return try FuzzMemory.run(rest)
      case "parquet-dump", "parquet-zoo", "parquet-copy":
        return try ParquetPeerTool(arguments: arguments).run()
      default:
        say(Self.usage)
        return Diagnostic.Category.usage.rawValue
      }
    } catch let diagnostic as Diagnostic {
      say("error: \(diagnostic)")
      return diagnostic.category.rawValue
    } catch {
      say("error: \(error)")
      return Diagnostic.Category.failure.rawValue
    }
  }

  private func verify() throws -> Int32 {
    guard let place = arguments.firstIndex(of: "--data"), place + 1 < arguments.count else {
      throw Diagnostic(.usage, "verify-real needs --data.", fix: "write --data DIR.")
    }
    return try RealDataVerification(data: arguments[place + 1]).run()
  }
}

/// Prints a line at once, also into a pipe.
func say(_ line: String) {
  print(line)
  fflush(nil)
}
