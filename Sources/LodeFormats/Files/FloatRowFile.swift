public import LodeRuntime
internal import Synchronization

/// A file of rows of 32-bit floats, read anew in every pass and held only as far as is allowed.
///
/// The file is nothing but numbers, row after row, the low byte first, as `tofile` of NumPy writes
/// them. What is asked for is read into buffers that are used again: one a thread, of the largest
/// range that was asked for. Reading costs less than mapping: of 24 passes over 64 MB in the page
/// cache, 256 kB at a time, `pread` took 0.04 to 0.06 s of CPU more than numbers in memory, mapped
/// pages that are given back after use 0.10 to 0.15 s (0.11 s for `pread` where the system keeps
/// the file in single pages); and no file that is cut can end the process.
public struct FloatRowFile: FloatRowBlocks {
  /// The path, for messages.
  public let path: String
  /// The number of rows.
  public let rowCount: Int
  /// The number of columns.
  public let columnCount: Int
  private let file: InputFile
  /// The first rows, which are read once.
  private let held: [Float]
  private let buffers = FloatBuffers()

  /// The rows of a file.
  ///
  /// - Parameters:
  ///   - path: the file; it must stay as it is while it is used.
  ///   - columnCount: the numbers of a row, at least 1.
  ///   - heldByteCount: how much of the file may stay in memory, from its first row on.
  /// - Throws: a diagnostic if there is no such file, or it cannot be read, or it holds no whole
  ///   number of rows.
  /// - Precondition: `columnCount` is above 0.
  public init(
    _ path: String,
    columnCount: Int,
    heldByteCount: Int = 0
  ) throws(Diagnostic) {
    precondition(columnCount > 0, "\(columnCount) columns")
    do throws(InputFileError) {
      file = try InputFile(opening: path)
    } catch {
      throw FileBytes.failure(path, error)
    }
    let (rowSize, isFar) = columnCount.multipliedReportingOverflow(by: 4)
    guard !isFar, file.byteCount % rowSize == 0 else {
      throw Diagnostic(
        .failure,
        at: path,
        "the file has \(file.byteCount) bytes, which is no whole number of rows of "
          + "\(columnCount) floats of 4 bytes each.",
        fix: "write all rows as 32-bit floats one after the other, or correct the columns."
      )
    }
    self.path = path
    self.columnCount = columnCount
    rowCount = file.byteCount / rowSize
    var held = [Float](
      repeating: 0,
      count: min(max(heldByteCount, 0) / rowSize, rowCount) * columnCount
    )
    try Self.read(file, into: &held, count: held.count, from: 0, path)
    self.held = held
  }

  /// Lends consecutive rows, row-major, for the time of one call of `body`.
  ///
  /// - Parameters:
  ///   - rows: some of `0..<rowCount`.
  ///   - body: what is done with them.
  /// - Throws: a diagnostic if the disk cannot be read or the file is not what it was.
  /// - Precondition: the rows are there.
  public func withRows(_ rows: Range<Int>, _ body: (Span<Float>) -> Void) throws(Diagnostic) {
    precondition(rows.lowerBound >= 0 && rows.upperBound <= rowCount, "\(rows) of \(rowCount)")
    // No more than the file has, so nothing here is beyond 64 bits.
    let places = rows.lowerBound * columnCount..<rows.upperBound * columnCount
    if places.upperBound <= held.count { return body(held.span.extracting(places)) }
    var buffer = buffers.take(places.count)
    defer { buffers.giveBack(buffer) }
    try Self.read(file, into: &buffer, count: places.count, from: places.lowerBound, path)
    body(buffer.span.extracting(0..<places.count))
  }

  private static func read(
    _ file: InputFile,
    into buffer: inout [Float],
    count: Int,
    from place: Int,
    _ path: String
  ) throws(Diagnostic) {
    var done = 0
    do throws(InputFileError) {
      done = try file.floats(into: &buffer, count: count, from: place)
    } catch {
      throw FileBytes.failure(path, error)
    }
    guard done == count, file.isUnchanged else {
      throw Diagnostic(
        .temporary,
        at: path,
        "the file changed while it was read.",
        fix: "run again when nothing writes to it; move finished files into place."
      )
    }
  }
}

/// Arrays that are used again.
private final class FloatBuffers: Sendable {
  private let free = Mutex<[[Float]]>([])

  /// An array of at least so many numbers, whatever they are.
  func take(_ count: Int) -> [Float] {
    let buffer = free.withLock { $0.popLast() }
    if let buffer, buffer.count >= count { return buffer }
    return Array(repeating: 0, count: count)
  }

  func giveBack(_ buffer: [Float]) {
    free.withLock { $0.append(buffer) }
  }
}
