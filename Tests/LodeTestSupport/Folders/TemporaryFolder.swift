internal import FoundationEssentials

/// A folder that lives as long as a test holds it.
public final class TemporaryFolder: Sendable {
  /// The path of the folder.
  public let path: String

  /// Makes an empty folder.
  ///
  /// - Throws: an error of the file system.
  public init() throws {
    var folder = FileManager.default.temporaryDirectory.path()
    while folder.hasSuffix("/") { folder.removeLast() }
    path = "\(folder)/lode-test-\(UUID().uuidString)"
    try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
  }

  deinit { try? FileManager.default.removeItem(atPath: path) }
}
