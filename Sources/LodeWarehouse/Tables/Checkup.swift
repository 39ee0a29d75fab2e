/// What a check of a warehouse found.
public struct Checkup: Sendable, Hashable {
  /// Something that is not as the logs say.
  public struct Problem: Sendable, Hashable, CustomStringConvertible {
    /// The file or folder.
    public let place: String
    /// What is wrong with it.
    public let words: String
    /// How to fix it.
    public let fix: String

    /// Place, words and fix, in two lines.
    public var description: String { "\(place): \(words)\n  fix: \(fix)" }
  }

  /// The tables that were checked.
  public internal(set) var tableCount = 0
  /// Their versions.
  public internal(set) var versionCount = 0
  /// The data files of all versions that are there.
  public internal(set) var fileCount = 0
  /// The bytes of those files.
  public internal(set) var byteCount = 0
  /// The data files of earlier versions that a vacuum has removed.
  public internal(set) var vacuumedFileCount = 0
  /// What is wrong, in the order of tables and paths.
  public internal(set) var problems: [Problem] = []
}

/// What a vacuum removes, or would remove.
public struct VacuumPlan: Sendable, Hashable {
  /// One file to remove.
  public struct Removal: Sendable, Hashable {
    /// The table.
    public let table: String
    /// The path within the table's folder.
    public let path: String
    /// The path from the working folder or the root of the file system.
    public let absolutePath: String
    /// Its bytes.
    public let byteCount: Int
    /// Why it is not needed: an earlier version's, or that of a run that did not finish.
    public let reason: String
  }

  /// The files, in the order of tables and paths.
  public let removals: [Removal]
  /// The versions that stay readable, by table.
  public let keptVersions: [String: [Int]]

  /// The bytes of all files to remove.
  public var byteCount: Int { removals.reduce(0) { $0 + $1.byteCount } }
}
