/// How a Parquet file is written; the same options and cells give the same bytes.
public struct ParquetOptions: Sendable {
  /// Which readers a file is for.
  public enum Compatibility: String, Sendable, Hashable {
    /// Every reader of today: deltas where they are smaller, the codec of the options.
    case modern
    /// Old readers too: dictionaries, plain values and Snappy only.
    case plain
  }

  /// A column by which the rows of each row group are sorted.
  public struct SortingColumn: Sendable, Hashable {
    /// The name of the column.
    public var column: String
    /// Whether greater values come first.
    public var isDescending: Bool
    /// Whether missing cells come first.
    public var hasMissingFirst: Bool

    /// A column in rising order with missing cells last.
    public init(_ column: String, isDescending: Bool = false, hasMissingFirst: Bool = false) {
      self.column = column
      self.isDescending = isDescending
      self.hasMissingFirst = hasMissingFirst
    }
  }

  /// How pages are compressed: zstd is a third smaller than Snappy at the same speed of writing.
  public var compression = CompressionFormat.zstd
  /// Which share of the bytes put through zstd what takes longer must save: the effort that takes
  /// twice the time to write and to read, beyond what the light one saves, and numbers as they are
  /// beyond what their codes, which are shorter to begin with, take.
  public var leastGain = 0.01
  /// Which readers the file is for.
  public var compatibility = Compatibility.modern
  /// Rows in a row group, the unit that a reader must hold at once.
  public var rowsPerGroup = 1_000_000
  /// About how many bytes a page holds before compression.
  public var pageByteCount = 512 * 1024
  /// The most bytes of distinct values for which a column is written by codes.
  public var dictionaryByteLimit = 4 << 20
  /// Whether bounds and places of pages are written where a chunk has several, for readers to pass
  /// over pages.
  public var writesPageIndex = true
  /// Text and integer columns for which Bloom filters are written, for look-ups of single values.
  public var bloomFilterColumns: [String] = []
  /// By what the rows are sorted already; the writer notes it and does not sort.
  public var sortingColumns: [SortingColumn] = []
  /// Pairs for the footer, in the order in which they are written.
  public var keyValues: [(key: String, value: String)] = []
  /// The program that writes, in the form that readers parse for known bugs.
  public var createdBy = "lode version 0.1.0 (build release)"

  /// The defaults.
  public init() {}

  /// The codec of pages.
  var codec: PageCodec { compatibility == .plain ? .snappy : PageCodec(compression) }

  /// A page compressed with the effort that pays for it.
  ///
  /// - Throws: ``CompressionError`` when the codec fails.
  func compress(_ page: [UInt8]) throws(CompressionError) -> [UInt8] {
    try codec.compress(page, codec.effort(for: page, gain: leastGain))
  }
}
