internal import FoundationEssentials
internal import LodeFormats
public import LodeRuntime

extension Warehouse {
  private var tagsPath: String { root + "/tags.json" }

  /// The versions of tables that a tag names; nil if there is no such tag.
  ///
  /// - Throws: a diagnostic if the tags cannot be read.
  public func readTag(_ name: String) throws(Diagnostic) -> [String: Int]? {
    try readTags()[name]
  }

  /// The names of all tags, ordered by their bytes.
  ///
  /// - Throws: a diagnostic if the tags cannot be read.
  public func tagNames() throws(Diagnostic) -> [String] {
    try readTags().keys.sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) }
  }

  /// Gives a set of versions of tables a name, all of them or none.
  ///
  /// - Parameters:
  ///   - name: the tag.
  ///   - versions: the version of each table.
  /// - Throws: a diagnostic if the tags cannot be read or written.
  public func setTag(_ name: String, _ versions: [String: Int]) throws(Diagnostic) {
    try changeTags { $0[name] = versions }
  }

  /// Takes a name away from a set of versions; the versions stay.
  ///
  /// - Throws: a diagnostic if the tags cannot be read or written.
  public func deleteTag(_ name: String) throws(Diagnostic) {
    try changeTags { $0[name] = nil }
  }

  private func changeTags(_ change: (inout [String: [String: Int]]) -> Void) throws(Diagnostic) {
    try files.locked(root + "/tmp/tags.lock") { () throws(Diagnostic) in
      var tags = try readTags()
      change(&tags)
      let members = tags.keys.sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) }
        .map { tag -> (key: String, json: String) in
          let versions = tags[tag] ?? [:]
          let tables = versions.keys.sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) }
          return (tag, JSONText.object(tables.map { ($0, String(versions[$0] ?? 0)) }))
        }
      try replace(tagsPath, with: JSONText.object(members) + "\n")
    }
  }

  func readTags() throws(Diagnostic) -> [String: [String: Int]] {
    guard FileTree.exists(tagsPath) else { return [:] }
    let bytes = try FileTree.contents(of: tagsPath)
    do {
      return try JSONDecoder().decode([String: [String: Int]].self, from: Data(bytes))
    } catch {
      throw Diagnostic(
        .failure,
        at: tagsPath,
        "the tags of the warehouse cannot be read.",
        fix: "restore the file from a copy."
      )
    }
  }

  /// Keeps the record of a run as `runs/<id>.json`.
  ///
  /// - Parameters:
  ///   - id: the run: letters, digits, `_`, `-` and dots.
  ///   - json: the record.
  /// - Throws: a diagnostic for a name that cannot be a file's, or if it cannot be written.
  public func writeRun(id: String, json: String) throws(Diagnostic) {
    try TableName.requireRun(id)
    try replace(root + "/runs/\(id).json", with: json)
  }

  /// The record of a run; nil if there is none.
  ///
  /// - Throws: a diagnostic if it cannot be read.
  public func readRun(id: String) throws(Diagnostic) -> String? {
    try TableName.requireRun(id)
    let path = root + "/runs/\(id).json"
    guard FileTree.exists(path) else { return nil }
    return String(decoding: try FileTree.contents(of: path), as: UTF8.self)
  }

  /// The runs that have a record, ordered by their bytes.
  public func runIDs() -> [String] {
    FileTree.names(in: root + "/runs").filter { $0.hasSuffix(".json") }
      .map { String($0.dropLast(5)) }
  }
}
