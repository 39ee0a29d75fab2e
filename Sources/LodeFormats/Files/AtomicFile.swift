public import LodeRuntime

/// Writes whole files so that a reader sees the old or the new content, never a part.
public enum AtomicFile {
  private static var files: DurableFiles { .standard() }

  /// Writes `bytes` to `path`: a temporary file beside it, fsync, rename, fsync of the folder.
  ///
  /// Missing folders are made. On any error the old file stays and the temporary one is removed;
  /// only if the last fsync fails, the new file may be there already, and the message says so.
  ///
  /// - Parameters:
  ///   - bytes: the content.
  ///   - path: where it goes.
  ///   - mode: the permission bits.
  /// - Throws: a diagnostic; of category `temporary` when the disk is full.
  public static func write(
    _ bytes: [UInt8],
    to path: String,
    mode: UInt32 = 0o644
  ) throws(Diagnostic) {
    try prepare(bytes, for: path, mode: mode).publish()
  }

  /// A file that is written and on disk, but not yet under its name.
  public struct Prepared: Sendable {
    /// Where it goes.
    public let path: String
    fileprivate let temporary: String

    /// Gives the file its name, in place of the file that has it.
    ///
    /// - Throws: a diagnostic if the file cannot be renamed, or if the disk does not confirm it.
    public func publish() throws(Diagnostic) {
      do throws(Diagnostic) {
        try files.rename(temporary, to: path)
      } catch {
        discard()
        throw error
      }
      do throws(Diagnostic) {
        try files.synchronizeFolder(FileTree.parent(of: path) ?? ".")
      } catch {
        throw Diagnostic(
          error.category,
          at: path,
          "the file is written, but the disk does not confirm it: \(error.message)",
          fix: "check the disk, then run again."
        )
      }
    }

    /// Removes the file.
    public func discard() {
      files.remove(temporary)
    }
  }

  /// Writes `bytes` beside `path` and brings them to disk.
  ///
  /// Unfinished files for the same path are removed if the processes that wrote them have ended.
  ///
  /// - Parameters:
  ///   - bytes: the content.
  ///   - path: where the file will go.
  ///   - mode: the permission bits.
  /// - Returns: the file, to publish or to discard.
  /// - Throws: a diagnostic; of category `temporary` when the disk is full.
  public static func prepare(
    _ bytes: [UInt8],
    for path: String,
    mode: UInt32 = 0o644
  ) throws(Diagnostic) -> Prepared {
    let folder = FileTree.parent(of: path) ?? "."
    try files.makeFolder(folder)
    let stem = (path.split(separator: "/").last ?? "") + ".tmp-"
    for name in FileTree.names(in: folder) where name.hasPrefix(stem) {
      if TemporaryNames.isLitter(String(name.dropFirst(stem.count))) {
        files.remove(folder + "/" + name)
      }
    }
    let prepared = Prepared(path: path, temporary: "\(path).tmp-\(TemporaryNames.next())")
    try files.write(bytes, toNew: prepared.temporary, mode: mode)
    return prepared
  }

  /// Removes unfinished files of processes that have ended, whatever path they were for.
  ///
  /// - Parameters:
  ///   - folder: where to look.
  ///   - depth: how many levels of folders within it to look into too.
  public static func sweepLitter(in folder: String, depth: Int) {
    for name in FileTree.names(in: folder) {
      let path = folder + "/" + name
      if let mark = name.ranges(of: ".tmp-").last {
        if TemporaryNames.isLitter(String(name[mark.upperBound...])) { files.remove(path) }
      } else if depth > 0, FileTree.isFolder(path) {
        sweepLitter(in: path, depth: depth - 1)
      }
    }
  }

  /// Makes a folder and those above it.
  ///
  /// - Throws: a diagnostic if that is not allowed.
  public static func makeFolder(_ path: String) throws(Diagnostic) {
    try files.makeFolder(path)
  }
}
