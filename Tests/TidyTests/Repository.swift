import Foundation

/// The files of the repository, as the tidy tests read them.
enum Repository {
  /// The root folder.
  static let root = URL(fileURLWithPath: #filePath)
    .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()

  /// A source file with its path relative to the root and its lines.
  struct SourceFile {
    let path: String
    let lines: [String]
  }

  /// All Swift files under a folder, ordered by path.
  static func swiftFiles(under folder: String) -> [SourceFile] {
    let base = root.appendingPathComponent(folder)
    guard let walker = FileManager.default.enumerator(atPath: base.path) else { return [] }
    let names = walker.compactMap { $0 as? String }.filter { $0.hasSuffix(".swift") }
    return names.sorted()
      .compactMap { name in
        guard let text = try? String(contentsOf: base.appendingPathComponent(name), encoding: .utf8)
        else { return nil }
        return SourceFile(path: "\(folder)/\(name)", lines: text.components(separatedBy: "\n"))
      }
  }
}
