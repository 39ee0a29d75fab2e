internal import FoundationEssentials

/// A folder in memory where the machine has one (`/dev/shm`), so that `fsync` costs nothing.
package final class MemoryFolder: Sendable {
  /// The path of the folder.
  package let path: String

  /// Makes an empty folder.
  ///
  /// - Throws: an error of the file system.
  package init() throws {
    let manager = FileManager.default
    var place = manager.isWritableFile(atPath: "/dev/shm") ? "/dev/shm" : "/tmp"
    if !manager.fileExists(atPath: place) { place = manager.temporaryDirectory.path() }
    path = "\(place)/lode-test-\(UUID().uuidString)"
    try manager.createDirectory(atPath: path, withIntermediateDirectories: true)
  }

  deinit { try? FileManager.default.removeItem(atPath: path) }
}
