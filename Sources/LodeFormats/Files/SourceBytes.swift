public import LodeRuntime

/// The bytes of an input, on disk or in memory, read from start to end as often as wanted.
///
/// A file is opened anew for each reading and must stay as it was when it was named first: nothing
/// is held between readings, neither its bytes nor a descriptor.
public struct SourceBytes: Sendable {
  private enum Place: Sendable {
    case file(FileIdentity)
    case memory([UInt8])
  }

  /// The path or another name, for messages.
  public let name: String
  /// The number of bytes.
  public let byteCount: Int
  private let place: Place

  /// A regular file.
  ///
  /// - Throws: a diagnostic of category `failure` (or `temporary` if the file is not there yet).
  public init(file path: String) throws(Diagnostic) {
    do throws(InputFileError) {
      let file = try InputFile(opening: path)
      name = path
      byteCount = file.byteCount
      place = .file(file.identity)
    } catch {
      throw FileBytes.failure(path, error)
    }
  }

  /// Bytes that are in memory already.
  public init(_ bytes: [UInt8], name: String) {
    self.name = name
    byteCount = bytes.count
    place = .memory(bytes)
  }

  /// The SHA-256 digest of all bytes as 64 lower-case hexadecimal digits.
  ///
  /// - Throws: a diagnostic if the file cannot be read or has changed.
  public func sha256() throws(Diagnostic) -> String {
    if case .memory(let bytes) = place { return SHA256.hexDigest(of: bytes) }
    var reader = try SourceReader(self)
    var hash = SHA256()
    var buffer = [UInt8](repeating: 0, count: 1 << 17)
    while true {
      let count = try reader.read(buffer.count, into: &buffer, at: 0)
      guard count > 0 else { return hash.hexDigest() }
      hash.update(buffer.span.extracting(0..<count))
    }
  }

  /// Opens the file, nil for bytes in memory.
  fileprivate func open() throws(Diagnostic) -> (file: InputFile?, bytes: [UInt8]) {
    switch place {
    case .memory(let bytes): return (nil, bytes)
    case .file(let identity):
      let file: InputFile
      do throws(InputFileError) {
        file = try InputFile(opening: name)
      } catch {
        throw FileBytes.failure(name, error)
      }
      guard file.identity == identity else { throw changed }
      return (file, [])
    }
  }

  /// That the file is not what it was.
  var changed: Diagnostic {
    Diagnostic(
      .temporary,
      at: name,
      "the file changed while it was read.",
      fix: "run again when nothing writes to it; move finished files into place."
    )
  }
}

/// One reading of a source, from its first byte on.
struct SourceReader {
  private let source: SourceBytes
  private let file: InputFile?
  private let bytes: [UInt8]
  /// The bytes read so far.
  private(set) var position = 0

  /// A reading that has not begun.
  init(_ source: SourceBytes) throws(Diagnostic) {
    self.source = source
    (file, bytes) = try source.open()
  }

  /// The next bytes.
  ///
  /// - Parameters:
  ///   - count: the bytes wanted.
  ///   - buffer: the array that takes them; it keeps its length.
  ///   - place: where the first byte goes.
  /// - Returns: the bytes read, 0 at the end of the source.
  /// - Throws: a diagnostic if the disk cannot be read or the file has changed.
  mutating func read(
    _ count: Int,
    into buffer: inout [UInt8],
    at place: Int
  ) throws(Diagnostic) -> Int {
    let wanted = min(count, source.byteCount - position)
    guard let file else {
      for index in 0..<wanted { buffer[place + index] = bytes[position + index] }
      position += wanted
      return wanted
    }
    var done = 0
    do throws(InputFileError) {
      done = try file.read(into: &buffer, at: place, count: wanted, from: position)
    } catch {
      throw FileBytes.failure(source.name, error)
    }
    position += done
    guard done == wanted, position < source.byteCount || file.isUnchanged else {
      throw source.changed
    }
    return done
  }
}
