import Testing

@Suite("Safety of the code")
struct SafetyTests {
  static let files = Repository.swiftFiles(under: "Sources")

  @Test("sources never trap on purpose: no fatalError, try! or forced unwrapping")
  func noTraps() {
    for file in Self.files {
      for (index, line) in file.lines.enumerated() {
        let code = line.firstRange(of: "//").map { line[..<$0.lowerBound] } ?? line[...]
        for banned in ["fatalError(", "try!", "as!"] where code.contains(banned) {
          Issue.record("\(file.path):\(index + 1) holds \(banned)")
        }
      }
    }
  }

  /// The files that may hold unsafe code, doors to C and to the system: keep the list short.
  static let unsafeFiles: Set<String> = [
    "Sources/LodeColumns/Columns/TextDictionaryBuilder.swift",
    "Sources/LodeFormats/Compression/Brotli.swift",
    "Sources/LodeFormats/Compression/Gzip.swift",
    "Sources/LodeFormats/Compression/LZ4.swift",
    "Sources/LodeFormats/Compression/Snappy.swift",
    "Sources/LodeFormats/Compression/Zstandard.swift",
    "Sources/LodeFormats/Files/DurableFiles.swift",
    "Sources/LodeFormats/Files/ByteWords.swift",
    "Sources/LodeFormats/Files/FileBytes.swift",
    "Sources/LodeFormats/Files/FileTree.swift",
    "Sources/LodeFormats/Files/InputFile.swift",
    "Sources/LodeFormats/Files/SystemFailure.swift",
    "Sources/LodeFormats/Files/TemporaryNames.swift",
    "Sources/LodeFormats/Parquet/Encoding/BitPacking.swift",
    "Sources/LodeFormats/Parquet/Encoding/RawNumbers.swift",
    "Sources/LodeNumerics/Kernels/LogisticKernel.swift",
    "Sources/LodeNumerics/Kernels/ExactRowSums.swift",
    "Sources/LodeNumerics/Kernels/NearestCentroids.swift",
    "Sources/LodeNumerics/LinearAlgebra/BLAS.swift",
    "Sources/LodeNumerics/SpecialFunctions/Gamma.swift",
    "Sources/LodePipeline/Runner/ChildProcess.swift",
    "Sources/LodePipeline/Runner/PipelineRunner.swift",
    "Sources/LodePipeline/Runner/RunLock.swift",
    "Sources/LodeRuntime/Hashing/SHA256.swift",
    "Sources/LodeRuntime/Interruption/Interruption.swift",
    "Sources/LodeWarehouse/Warehouse+Commit.swift",
    "Sources/lode/CommandLineTool.swift",
  ]

  @Test("unsafe code is only in the listed files")
  func unsafeIsFenced() {
    for file in Self.files where Self.usesUnsafe(file) {
      #expect(Self.unsafeFiles.contains(file.path), "\(file.path) has unsafe code")
    }
  }

  @Test("unsafe code says why it is safe")
  func unsafeIsExplained() {
    for file in Self.files where Self.usesUnsafe(file) {
      let isExplained = file.lines.contains { $0.contains("SAFETY:") }
      #expect(isExplained, "\(file.path) has unsafe code without a SAFETY line")
    }
  }

  private static func usesUnsafe(_ file: Repository.SourceFile) -> Bool {
    file.lines.contains { line in
      !line.drop { $0 == " " }.hasPrefix("//") && line.contains("unsafe ")
    }
  }

  @Test("no stage reads the clock or the environment")
  func stagesArePure() {
    let stages = Repository.swiftFiles(under: "Sources/LodePipeline/Stages")
    for file in stages + Repository.swiftFiles(under: "Sources/LodeMining") {
      for (index, line) in file.lines.enumerated() {
        for banned in ["Date()", "clock_gettime", "time(nil)", "getenv", "ProcessInfo"]
        where line.contains(banned) {
          Issue.record("\(file.path):\(index + 1) holds \(banned)")
        }
      }
    }
  }

  @Test("no result depends on the hash value of the process")
  func noHashValues() {
    for file in Self.files {
      for (index, line) in file.lines.enumerated() where line.contains(".hashValue") {
        Issue.record("\(file.path):\(index + 1) uses hashValue")
      }
    }
  }
}
