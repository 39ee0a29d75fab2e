import FoundationEssentials
import LodeFormats
import LodeTestSupport
import Testing

@Suite("Unfinished files of killed runs")
struct LitterTests {
  @Test("they are swept wherever they lie; those of living processes and other names stay")
  func sweep() throws {
    let folder = try TemporaryFolder()
    let inner = folder.path + "/2026-06-01/lists"
    try FileManager.default.createDirectory(atPath: inner, withIntermediateDirectories: true)
    let living = try AtomicFile.prepare([1], for: inner + "/list.csv")
    for name in ["old.csv.tmp-99999999.1.0", "kept.csv.tmp-mine", "kept.csv"] {
      try Data("x".utf8).write(to: URL(filePath: "\(inner)/\(name)"))
    }
    AtomicFile.sweepLitter(in: folder.path, depth: 1)
    #expect(try FileManager.default.contentsOfDirectory(atPath: inner).count == 4)
    AtomicFile.sweepLitter(in: folder.path, depth: 2)
    let left = try FileManager.default.contentsOfDirectory(atPath: inner).sorted()
    #expect(left.count == 3 && left[0] == "kept.csv" && left[1] == "kept.csv.tmp-mine")
    try living.publish()
    #expect(FileManager.default.fileExists(atPath: inner + "/list.csv"))
  }
}
