internal import FoundationEssentials
internal import Glibc
internal import LodeColumns
internal import LodeFormats
internal import LodeMining
internal import LodeNumerics
internal import LodeRuntime

/// How many order lines there are, of how many customers.
struct LineSizes {
  let stem: String
  let lines: Int
  let customers: Int
}

/// How much the kernels get to do.
struct BenchSizes {
  let name: String
  let lines: LineSizes
  /// The larger set of lines, for storage and groups.
  let large: LineSizes
  let points: Int
  let logisticRows: Int
  let baskets: Int
  let items: Int

  static let quick = BenchSizes(
    name: "quick",
    lines: LineSizes(stem: "lines", lines: 500_000, customers: 20_000),
    large: LineSizes(stem: "large", lines: 1_000_000, customers: 100_000),
    points: 200_000,
    logisticRows: 200_000,
    baskets: 20_000,
    items: 300
  )
  static let full = BenchSizes(
    name: "full",
    lines: LineSizes(stem: "lines", lines: 5_000_000, customers: 100_000),
    large: LineSizes(stem: "large", lines: 10_000_000, customers: 1_000_000),
    points: 1_000_000,
    logisticRows: 1_000_000,
    baskets: 100_000,
    items: 870
  )
}

/// The input of all kernels: made once from a seed, the same bytes on every machine.
struct BenchData {
  static let pointDimension = 16
  static let logisticDimension = 50

  let sizes: BenchSizes
  let folder: String

  /// The data of a size below a folder, which are made if they are not there.
  init(_ sizes: BenchSizes, below root: String) throws {
    self.sizes = sizes
    folder = "\(root)/\(sizes.name)"
    try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    try make("points.f64") { try BenchFiles.write(points(), to: $0) }
    try make("points.f32") { try BenchFiles.writeFloats(points(), to: $0) }
    try make("logistic.f64") { try writeLogistic($0) }
    try make("customers.f64") {
      try BenchFiles.write(LifetimeKernels.simulated(sizes.points), to: $0)
    }
    try make("baskets.txt") { try AtomicFile.write(baskets(), to: $0) }
    for set in [sizes.lines, sizes.large] {
      let stem = set.stem
      try make("\(stem).csv") { try AtomicFile.write(orderLines(set), to: $0) }
      try make("\(stem).parquet") { try BenchLines.csvToParquet("\(folder)/\(stem).csv", $0) }
      try make("\(stem)-ids.parquet") {
        let table = try BenchLines.purchases("\(folder)/\(stem).parquet")
        try AtomicFile.write(try ParquetWriter.encode(try BenchLines.numbered(table)).bytes, to: $0)
      }
    }
    try makeShards(sizes.large)
  }

  /// The columns that RFM needs in files by customer, each sorted by customer and time.
  private func makeShards(_ set: LineSizes) throws {
    let name = "\(set.stem)-shards"
    guard !FileBytes.exists("\(folder)/\(name)/15.parquet") else { return }
    say("making \(folder)/\(name)")
    try FileManager.default.createDirectory(
      atPath: "\(folder)/\(name)",
      withIntermediateDirectories: true
    )
    let table = try BenchLines.purchases("\(folder)/\(set.stem).parquet")
    let shards = try table.requiredColumn("customer_id").shards(count: 16)
    for place in 0..<16 {
      let sorted = try table.filtered(shards.map { $0 == place })
        .sorted(by: [SortKey("customer_id"), SortKey("ordered_at")])
      let bytes = try ParquetWriter.encode(sorted).bytes
      try AtomicFile.write(bytes, to: "\(folder)/\(name)/\(BenchLines.twoDigits(place)).parquet")
    }
  }

  /// Reads every file that a kernel may need once, so that its process finds it in the page cache.
  func bringIntoMemory(of bench: BenchCase) throws {
    let others = [sizes.lines.stem, sizes.large.stem].filter { $0 != bench.stem }
    var piece = [UInt8](repeating: 0, count: 1 << 20)
    for folder in [folder, "\(folder)/\(bench.stem)-shards"] {
      for name in FileTree.names(in: folder) where !others.contains(where: name.hasPrefix) {
        let path = "\(folder)/\(name)"
        guard !FileTree.isFolder(path) else { continue }
        let file = try InputFile(opening: path)
        for start in stride(from: 0, to: file.byteCount, by: piece.count) {
          _ = try file.read(into: &piece, at: 0, count: piece.count, from: start)
        }
      }
    }
  }

  private func make(_ name: String, _ body: (String) throws -> Void) throws {
    let path = "\(folder)/\(name)"
    guard !FileBytes.exists(path) else { return }
    say("making \(path)")
    try body(path)
  }

  /// Points around 64 centres, standard deviation 1 within and 2 between, `n × 16`.
  private func points() -> [Double] {
    let d = Self.pointDimension
    var random = CounterRandom(seed: 1)
    let centres = (0..<64 * d).map { _ in 2 * random.normal() }
    return
      Parallel.map(rows: sizes.points, chunkSize: 4096) { rows in
        var random = CounterRandom(seed: 2, stream: UInt64(rows.lowerBound))
        var numbers: [Double] = []
        for _ in rows {
          let centre = random.integer(below: 64) * d
          for j in 0..<d { numbers.append(centres[centre + j] + random.normal()) }
        }
        return numbers
      }
      .flatMap(\.self)
  }

  /// Standardised features, `n × 50`, with neighbours correlated by 0.6, and outcomes behind them.
  private func writeLogistic(_ path: String) throws {
    let d = Self.logisticDimension
    let raw =
      Parallel.map(rows: sizes.logisticRows, chunkSize: 4096) { rows in
        var random = CounterRandom(seed: 3, stream: UInt64(rows.lowerBound))
        var numbers: [Double] = []
        for _ in rows {
          var last = random.normal()
          for _ in 0..<d {
            numbers.append(last)
            last = 0.6 * last + 0.8 * random.normal()
          }
        }
        return numbers
      }
      .flatMap(\.self)
    let matrix = Matrix(rowCount: sizes.logisticRows, columnCount: d, elements: raw)
    let features = Standardization(matrix).encode(matrix)
    var random = CounterRandom(seed: 4)
    let weights = (0..<d).map { Double($0 % 7 - 3) * 0.1 }
    let outcomes = (0..<sizes.logisticRows)
      .map { row in
        var odds = -1.0
        for j in 0..<d { odds += weights[j] * features.elements[row * d + j] }
        return random.uniform() < 1 / (1 + exp(-odds)) ? 1.0 : 0.0
      }
    try BenchFiles.write(outcomes, to: "\(folder)/outcomes.f64")
    try BenchFiles.write(features.elements, to: path)
  }

  /// Baskets of items whose popularity falls, with 60 bundles planted; one basket a line.
  private func baskets() -> [UInt8] {
    var random = CounterRandom(seed: 5)
    let bundles = (0..<60)
      .map { _ in
        (0..<2 + random.integer(below: 4)).map { _ in random.integer(below: sizes.items) }
      }
    var text = ""
    for _ in 0..<sizes.baskets {
      var basket: Set<Int> = []
      for _ in 0..<1 + random.poisson(mean: 1.2) {
        for item in bundles[random.integer(below: 60)] where random.uniform() < 0.8 {
          basket.insert(item)
        }
      }
      for _ in 0..<1 + random.poisson(mean: 4) {
        let share = random.uniform()
        basket.insert(Int(share * share * Double(sizes.items)))
      }
      text += basket.sorted().map { "i\($0)" }.joined(separator: " ") + "\n"
    }
    return Array(text.utf8)
  }

  /// Order lines as a shop exports them, by time.
  private func orderLines(_ sizes: LineSizes) -> [UInt8] {
    var random = CounterRandom(seed: 6)
    var bytes = Array(
      "order_id,customer_id,ordered_at,product_id,category,channel,kind,quantity,amount\n".utf8
    )
    bytes.reserveCapacity(sizes.lines * 85)
    let start = 1_704_067_200.0
    let secondsPerLine = 730 * 86_400 / Double(sizes.lines)
    var order = 0
    var left = 0
    var head = ""
    var channel = ""
    for line in 0..<sizes.lines {
      if left == 0 {
        left = 1 + random.poisson(mean: 4)
        order += 1
        let isGuest = random.uniform() < 0.05
        let share = random.uniform()
        let customer = Int(share * share * Double(sizes.customers))
        let second = Int64(start + Double(line) * secondsPerLine)
        let time = Timestamp(microseconds: second * 1_000_000).description
        head = "\(1_000_000 + order),\(isGuest ? "" : "C\(100_000 + customer)"),\(time.dropLast()),"
        channel = ["shop", "web", "app", "phone"][random.integer(below: 4)]
      }
      left -= 1
      let product = random.integer(below: 4000)
      let quantity = 1 + random.integer(below: 5)
      let cents = quantity * (99 + 50 * (product % 97))
      let kind = random.uniform() < 0.01 ? "postage" : "product"
      let rest = "P\(10_000 + product),cat\(product % 40),\(channel),\(kind),\(quantity),"
      let fraction = cents % 100
      bytes += head.utf8
      bytes += rest.utf8
      bytes += "\(cents / 100).\(fraction < 10 ? "0" : "")\(fraction)\n".utf8
    }
    return bytes
  }
}
