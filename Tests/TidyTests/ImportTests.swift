import Testing

@Suite("Imports")
struct ImportTests {
  /// The table of ARCHITECTURE, layers: what each target may import besides the standard library.
  static let allowed: [String: Set<String>] = [
    "LodeRuntime": [
      "CKernels", "CMalloc", "FoundationEssentials", "Dispatch", "Glibc", "Synchronization",
    ],
    "LodeNumerics": ["LodeRuntime", "CKernels", "COpenBLAS", "Glibc"],
    "LodeColumns": ["LodeRuntime", "Glibc"],
    "LodeFormats": [
      "LodeColumns", "LodeRuntime", "CZstd", "CSnappy", "CZlib", "CLZ4", "CBrotli",
      "FoundationEssentials", "Glibc", "Synchronization",
    ],
    "LodeWarehouse": [
      "LodeFormats", "LodeColumns", "LodeRuntime", "FoundationEssentials", "Glibc",
      "Synchronization",
    ],
    "LodeMining": ["LodeNumerics", "LodeColumns", "LodeRuntime", "Glibc"],
    "LodeCustomer": ["LodeMining", "LodeNumerics", "LodeColumns", "LodeRuntime", "Glibc"],
    "LodeReports": ["LodeColumns", "LodeRuntime", "Glibc"],
    "LodePipeline": [
      "LodeReports", "LodeCustomer", "LodeMining", "LodeNumerics", "LodeWarehouse", "LodeFormats",
      "LodeColumns", "LodeRuntime", "FoundationEssentials", "Glibc", "Synchronization",
    ],
    "lode": ["LodePipeline", "LodeRuntime", "FoundationEssentials", "Glibc"],
  ]

  @Test("every target imports only what the architecture allows", arguments: allowed.keys.sorted())
  func importsAreAllowed(target: String) {
    let files = Repository.swiftFiles(under: "Sources/\(target)")
    #expect(!files.isEmpty, "no sources of \(target)")
    for file in files {
      for line in file.lines {
        let words = line.split(separator: " ")
        guard let place = words.firstIndex(of: "import"), place <= 1, place + 1 < words.count else {
          continue
        }
        let name = String(words[place + 1])
        #expect(
          Self.allowed[target]?.contains(name) ?? false,
          "\(file.path) imports \(name)"
        )
      }
    }
  }

  @Test("every source folder is a target of the table or a tool of the developers")
  func everyTargetIsListed() {
    let known = Set(Self.allowed.keys).union(["lode-bench", "SystemLibraries"])
    let folders = Set(
      Repository.swiftFiles(under: "Sources")
        .compactMap { file in
          file.path.split(separator: "/").dropFirst().first.map(String.init)
        }
    )
    #expect(folders.isSubset(of: known), "\(folders.subtracting(known).sorted())")
  }

  @Test("only the BLAS wrapper imports OpenBLAS")
  func oneDoorToBLAS() {
    let importers = Repository.swiftFiles(under: "Sources")
      .filter { file in
        file.lines.contains { $0.hasSuffix("import COpenBLAS") }
      }
    #expect(importers.count == 1, "\(importers.map(\.path))")
  }
}
