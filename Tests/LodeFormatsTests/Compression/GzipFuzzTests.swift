import FoundationEssentials
import LodeFormats
import LodeRuntime
import Testing

@Suite("Fuzz: gzip files with any byte damaged")
struct GzipFuzzTests {
  static let content = Array(
    (0..<60).map { "\($0),customer-\($0 % 7),\($0 * 37 % 100).50\n" }.joined().utf8
  )

  /// One member, and three in one file.
  static func files() throws -> [[UInt8]] {
    let parts = [content[..<500], content[500..<501], content[501...]]
    return [
      try Compression.gzip(content), try parts.flatMap { try Compression.gzip(Array($0)) },
    ]
  }

  /// Nothing but an error in words or the right content may come.
  static func check(_ bytes: [UInt8], _ what: String) {
    do throws(CompressionError) {
      let content = try Decompression.inflateGzip(bytes)
      #expect(content == Self.content, "\(what)")
    } catch {
      #expect(!error.description.isEmpty)
    }
  }

  @Test("every changed byte gives an error or the right content, every cut an error")
  func damage() throws {
    for (number, file) in try Self.files().enumerated() {
      for place in file.indices {
        for mask: UInt8 in [0x01, 0x08, 0x55, 0x80, 0xFF] {
          var damaged = file
          damaged[place] ^= mask
          Self.check(damaged, "file \(number), byte \(place), mask \(mask)")
        }
      }
      let ends = file.indices.filter { end in
        (try? Decompression.inflateGzip(Array(file[..<end]))) != nil
      }
      // A file cut between two members is a whole file of fewer members.
      #expect(ends.count == number * 2, "file \(number): \(ends)")
    }
  }

  static let seconds = Double(ProcessInfo.processInfo.environment["LODE_FUZZ_SECONDS"] ?? "") ?? 0

  @Test(
    "gzip files damaged at random at several places give an error or the right content",
    .enabled(if: seconds > 0)
  )
  func long() throws {
    let end = ContinuousClock.now + .seconds(Self.seconds / 4)
    let files = try Self.files()
    var random = CounterRandom(seed: 7, stream: 0)
    var round = 0
    while ContinuousClock.now < end {
      var damaged = files[round % files.count]
      for _ in 0..<(1 + random.next() % 4) {
        damaged[Int(random.next() % UInt64(damaged.count))] = UInt8(
          truncatingIfNeeded: random.next()
        )
      }
      Self.check(damaged, "round \(round)")
      round += 1
    }
  }
}
