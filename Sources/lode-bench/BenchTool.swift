internal import FoundationEssentials
internal import LodeRuntime

/// The tool of the developers: checks published figures and measures against peers.
struct BenchTool {
  let arguments: [String]

  static let usage = """
    lode-bench verify-real --data DIR      check published figures on the real files
    """

  /// Runs the command; the exit code.
  func run() -> Int32 {
    Parallel.threadCount = ProcessInfo.processInfo.activeProcessorCount
    do {
      switch arguments.first {
      case "verify-real": return try verify()
      case "parquet-dump", "parquet-zoo", "parquet-copy":
        return try ParquetPeerTool(arguments: arguments).run()
      default:
        print(Self.usage)
        return Diagnostic.Category.usage.rawValue
      }
    } catch let diagnostic as Diagnostic {
      print("error: \(diagnostic)")
      return diagnostic.category.rawValue
    } catch {
      print("error: \(error)")
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
