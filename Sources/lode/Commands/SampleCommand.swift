internal import LodePipeline
internal import LodeRuntime

/// `lode sample`: writes the sample retailer.
struct SampleCommand {
  private let arguments: Arguments

  init(_ rest: [String]) throws(Diagnostic) {
    let options = OptionTable(
      valued: ["seed", "customers", "years", "out", "threads"],
      flags: ["plain"]
    )
    arguments = try Arguments(rest, options: options, command: "sample")
  }

  /// Generates and writes the files; the exit code.
  func run() throws -> Int32 {
    var shop = SampleRetailer()
    if let seed = try arguments.integer("seed", in: 0...Int.max) { shop.seed = UInt64(seed) }
    if let count = try arguments.integer("customers", in: 1...100_000_000) {
      shop.customerCount = count
    }
    if let years = try arguments.integer("years", in: 1...20) { shop.years = years }
    Parallel.threadCount = try arguments.integer("threads", in: 1...1024) ?? 2
    let folder = arguments.value("out") ?? "datasets/sample-retailer"
    for file in shop.files() {
      let path = try file.write(to: folder, compressed: !arguments.has("plain"))
      Terminal.print(path)
    }
    return 0
  }
}
