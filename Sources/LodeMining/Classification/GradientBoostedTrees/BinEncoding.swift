internal import LodeRuntime

/// How cells become bins of one byte: quantile bins for numbers, one bin a level for categories.
///
/// The last bin is that of missing cells, of levels that training had not seen, and of the rarest
/// levels of a column with more than 254.
public struct BinEncoding: Sendable, Hashable, Codable {
  /// The most bins of a column beside the one for missing cells.
  static let binLimit = 255

  /// How the cells of one column become bins.
  public struct Bins: Sendable, Hashable, Codable {
    /// The column.
    public let name: String
    /// The upper ends of the bins of a numeric column but the last, ascending; nil for categories.
    public let edges: [Double]?
    /// The levels of a categorical column, one a bin; nil for numbers.
    public let levels: [String]?

    /// The bins without that of missing cells.
    var valueBinCount: Int { edges.map { $0.count + 1 } ?? levels?.count ?? 0 }
    /// The bin of missing cells.
    var missingBin: Int { valueBinCount }
    /// All bins.
    var binCount: Int { valueBinCount + 1 }
    /// Whether bins are levels.
    var isCategorical: Bool { levels != nil }
  }

  /// The bins, one entry a column.
  public let columns: [Bins]

  /// The bins of the training rows.
  ///
  /// - Complexity: O(`d·n` log `n`), columns in parallel.
  init(_ features: FeatureColumns, maximumBinCount: Int) {
    columns = Parallel.map(features.columns.count) { place in
      let column = features.columns[place]
      switch column.values {
      case .numeric(let numbers):
        let sorted = numbers.filter { !$0.isNaN }.sorted()
        let edges = Self.edges(sorted, maximumBinCount: maximumBinCount)
        return Bins(name: column.name, edges: edges, levels: nil)
      case .categorical(let levels, let codes):
        return Bins(name: column.name, edges: nil, levels: Self.frequent(levels, codes))
      }
    }
  }

  /// Borders halfway between neighbours of sorted values: all, or those nearest to quantiles.
  static func edges(_ sorted: [Double], maximumBinCount: Int) -> [Double] {
    var starts: [Int] = []
    for i in sorted.indices.dropFirst() where sorted[i] != sorted[i - 1] { starts.append(i) }
    if starts.count >= maximumBinCount {
      // The first start of a value at or behind each quantile.
      var chosen: [Int] = []
      var place = 0
      for bin in 1..<maximumBinCount {
        let target = bin * sorted.count / maximumBinCount
        while place < starts.count, starts[place] < target { place += 1 }
        guard place < starts.count else { break }
        if chosen.last != starts[place] { chosen.append(starts[place]) }
      }
      starts = chosen
    }
    return starts.map { i in
      let (low, high) = (sorted[i - 1], sorted[i])
      let middle = low / 2 + high / 2
      return middle >= low && middle < high ? middle : low
    }
  }

  /// The levels that occur, the 254 most frequent if there are more, in the order of `levels`.
  private static func frequent(_ levels: [String], _ codes: [Int32]) -> [String] {
    var counts = [Int](repeating: 0, count: levels.count)
    for code in codes where code >= 0 { counts[Int(code)] += 1 }
    let present = levels.indices.filter { counts[$0] > 0 }
    let kept = present.sorted { (counts[$1], $0) < (counts[$0], $1) }.prefix(binLimit - 1)
    return kept.sorted().map { levels[$0] }
  }

  /// The bins of the cells, one array a column.
  ///
  /// - Throws: ``ClassifierError`` when a column is not there or is of the other kind.
  func encode(_ features: FeatureColumns) throws(ClassifierError) -> [[UInt8]] {
    var sources: [FeatureColumns.Column] = []
    for bins in columns {
      sources.append(try features.required(bins.name, isCategorical: bins.isCategorical))
    }
    let found = sources
    return Parallel.map(columns.count) { place in
      let bins = columns[place]
      let missing = UInt8(bins.missingBin)
      switch found[place].values {
      case .numeric(let numbers):
        let edges = bins.edges ?? []
        return numbers.map { $0.isNaN ? missing : UInt8(Self.bin(of: $0, edges)) }
      case .categorical(let levels, let codes):
        var places: [String: UInt8] = [:]
        for (bin, level) in (bins.levels ?? []).enumerated() { places[level] = UInt8(bin) }
        let table = levels.map { places[$0] ?? missing }
        return codes.map { $0 < 0 ? missing : table[Int($0)] }
      }
    }
  }

  /// The number of edges below `value`.
  private static func bin(of value: Double, _ edges: [Double]) -> Int {
    var low = 0
    var high = edges.count
    while low < high {
      let middle = (low + high) / 2
      if edges[middle] < value { low = middle + 1 } else { high = middle }
    }
    return low
  }
}
