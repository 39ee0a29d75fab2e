internal import LodeRuntime

/// The rows of floats of one fit; remembers why they could not be read.
struct ReadFloatRows: Sendable {
  private let blocks: any FloatRowBlocks
  private let memory = FirstMessage()

  init(_ blocks: any FloatRowBlocks) { self.blocks = blocks }

  var rowCount: Int { blocks.rowCount }
  var columnCount: Int { blocks.columnCount }
  /// Why rows could not be read; nil as long as all could be.
  var failure: String? { memory.text }

  /// Lends rows; from a failure on these are zeros, and what is worked out of them is thrown away.
  func lend(_ rows: Range<Int>, _ body: (Span<Float>) -> Void) {
    if failure == nil {
      do {
        try blocks.withRows(rows, body)
        return
      } catch {
        memory.note("\(error)")
      }
    }
    body([Float](repeating: 0, count: rows.count * columnCount).span)
  }
}
