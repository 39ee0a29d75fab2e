/// How a Parquet file is written; the same options and cells give the same bytes.
public struct ParquetOptions: Sendable {
  /// How pages are compressed: zstd is a third smaller than Snappy at the same speed of writing.
  public var compression = CompressionFormat.zstd
  /// Rows in a row group, the unit that a reader must hold at once.
  public var rowsPerGroup = 1_000_000
  /// About how many bytes a page holds before compression.
  public var pageByteCount = 512 * 1024
  /// The most bytes of distinct values for which a column is written by codes.
  public var dictionaryByteLimit = 1 << 20
  /// Pairs for the footer, in the order in which they are written.
  public var keyValues: [(key: String, value: String)] = []
  /// The program that writes, in the form that readers parse for known bugs.
  public var createdBy = "lode version 0.1.0 (build release)"

  /// The defaults.
  public init() {}
}
