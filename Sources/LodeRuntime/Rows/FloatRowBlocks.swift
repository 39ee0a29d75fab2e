/// Rows of floats that a fit reads in ranges, anew in every pass: a file that memory need not hold.
///
/// Ranges may be asked for by several threads at once; a range must give the same numbers each
/// time.
public protocol FloatRowBlocks: Sendable {
  /// The number of rows `n`.
  var rowCount: Int { get }
  /// The number of columns `d`.
  var columnCount: Int { get }

  /// Lends consecutive rows, row-major, for the time of one call of `body`.
  ///
  /// - Parameters:
  ///   - rows: some of `0..<rowCount`; fits ask for at most 4,096 rows at a time.
  ///   - body: what is done with them; called exactly once unless an error is thrown.
  /// - Throws: why they cannot be read.
  func withRows(_ rows: Range<Int>, _ body: (Span<Float>) -> Void) throws
}
