internal import FoundationEssentials
internal import Glibc
internal import LodeRuntime

/// What one process measured of one kernel; both sides print it as one line of JSON.
struct Measurement: Codable {
  /// Processor seconds of the timed call, all threads together.
  var cpu: Double
  /// Seconds on the wall of the timed call.
  var wall: Double
  /// The largest resident memory of the whole process in MB (10⁶ bytes), input included.
  var rss: Double
  /// The version of the measured library.
  var version: String
  /// What came out; names that start with `~` are told, not compared.
  var values: [String: Double]

  /// Measures one call; what it returns is summed up outside of the timed part.
  static func of<Result>(
    _ body: () throws -> Result,
    values: (Result) throws -> [String: Double]
  ) throws -> Measurement {
    let clockAtStart = clock()
    let start = ContinuousClock.now
    let result = try body()
    let wall = ContinuousClock.now - start
    let cpu = Double(clock() - clockAtStart) / 1e6
    let peak = peakMemory()
    return Measurement(
      cpu: cpu,
      wall: Double(wall.components.seconds) + Double(wall.components.attoseconds) * 1e-18,
      rss: peak,
      version: "lode 0.1.0",
      values: try values(result)
    )
  }

  /// The line of JSON.
  func line() throws -> String {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys]
    return String(decoding: try encoder.encode(self), as: UTF8.self)
  }

  /// The high-water mark of resident memory in MB, as the kernel tells it; 0 if it does not.
  private static func peakMemory() -> Double {
    guard let text = try? String(contentsOfFile: "/proc/self/status", encoding: .utf8),
      let line = text.split(separator: "\n").first(where: { $0.hasPrefix("VmHWM:") }),
      let kibibytes = line.split(whereSeparator: \.isWhitespace).dropFirst().first
    else { return 0 }
    return (Double(kibibytes) ?? 0) * 1024 / 1e6
  }
}
