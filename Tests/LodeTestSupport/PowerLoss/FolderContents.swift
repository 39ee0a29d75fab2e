internal import FoundationEssentials

/// Whole folders as bytes by path.
package enum FolderContents {
  /// The bytes of all files in a folder by their path within it; nil for a folder.
  ///
  /// - Throws: an error of the file system.
  package static func read(_ folder: String) throws -> [String: [UInt8]?] {
    var found: [String: [UInt8]?] = [:]
    for path in try FileManager.default.subpathsOfDirectory(atPath: folder) {
      var isFolder = false
      _ = FileManager.default.fileExists(atPath: "\(folder)/\(path)", isDirectory: &isFolder)
      let bytes = isFolder ? nil : Array(try Data(contentsOf: URL(filePath: "\(folder)/\(path)")))
      found.updateValue(bytes, forKey: path)
    }
    return found
  }

  /// Makes a folder hold just these files.
  ///
  /// - Parameters:
  ///   - contents: the bytes by path; nil for a folder.
  ///   - folder: the folder, which is emptied first.
  /// - Throws: an error of the file system.
  package static func write(_ contents: [String: [UInt8]?], to folder: String) throws {
    let manager = FileManager.default
    for name in try manager.contentsOfDirectory(atPath: folder) {
      try manager.removeItem(atPath: "\(folder)/\(name)")
    }
    for path in contents.keys.sorted() {
      let target = "\(folder)/\(path)"
      if let bytes = contents[path] ?? nil {
        try Data(bytes).write(to: URL(filePath: target))
      } else {
        try manager.createDirectory(atPath: target, withIntermediateDirectories: true)
      }
    }
  }
}
