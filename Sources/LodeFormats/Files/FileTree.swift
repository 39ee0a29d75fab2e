internal import Glibc
package import LodeRuntime

/// Looks at files and folders without changing them.
package enum FileTree {
  /// Whether there is a folder of this path.
  package static func isFolder(_ path: String) -> Bool {
    mode(path).map { $0 & S_IFMT == S_IFDIR } ?? false
  }

  /// Whether there is anything of this path.
  package static func exists(_ path: String) -> Bool {
    mode(path) != nil
  }

  private static func mode(_ path: String) -> mode_t? {
    var status = stat()
    // SAFETY: `status` is a whole structure for the call to fill; the path is a terminated text.
    return unsafe stat(path, &status) == 0 ? status.st_mode : nil
  }

  /// The bytes of a file in number; nil if there is no such file.
  package static func byteCount(_ path: String) -> Int? {
    var status = stat()
    // SAFETY: as above.
    return unsafe stat(path, &status) == 0 ? Int(status.st_size) : nil
  }

  /// When a file was last written, in milliseconds since 1970; nil if there is no such file.
  package static func modificationTime(_ path: String) -> Int? {
    var status = stat()
    // SAFETY: as above.
    guard unsafe stat(path, &status) == 0 else { return nil }
    return status.st_mtim.tv_sec * 1000 + status.st_mtim.tv_nsec / 1_000_000
  }

  /// The kind of file system that a file or folder is on, for example `ext4`; nil if unknown.
  ///
  /// - Source: proc(5), `/proc/pid/mountinfo`.
  package static func fileSystemType(of path: String) -> String? {
    var status = stat()
    // SAFETY: as above.
    guard unsafe stat(path, &status) == 0 else { return nil }
    // makedev(3): 12 low bits of the major number lie between 8 low and the high of the minor one.
    let number = status.st_dev
    let major = (number >> 8) & 0xFFF | (number >> 32) & ~0xFFF
    let minor = number & 0xFF | (number >> 12) & ~0xFF
    let device = "\(major):\(minor)"
    guard let mounts = try? InputFile(opening: "/proc/self/mountinfo").bytes(in: 0..<(1 << 20))
    else { return nil }
    for line in String(decoding: mounts, as: UTF8.self).split(separator: "\n") {
      let fields = line.split(separator: " ")
      guard fields.count > 2, fields[2] == device, let dash = fields.firstIndex(of: "-"),
        dash + 1 < fields.count
      else { continue }
      return String(fields[dash + 1])
    }
    return nil
  }

  /// The folder above a path; nil for the topmost.
  package static func parent(of path: String) -> String? {
    var trimmed = path[...]
    while trimmed.count > 1, trimmed.last == "/" { trimmed = trimmed.dropLast() }
    guard let slash = trimmed.lastIndex(of: "/") else { return trimmed == "." ? nil : "." }
    let parent = trimmed[..<slash]
    if parent.isEmpty { return trimmed == "/" ? nil : "/" }
    return String(parent)
  }

  /// The names in a folder, ordered by their bytes; none if there is no such folder.
  package static func names(in path: String) -> [String] {
    // SAFETY: the stream is closed on every way out; each name is copied before the next call.
    guard let stream = unsafe opendir(path) else { return [] }
    defer { unsafe closedir(stream) }
    var names: [String] = []
    while let entry = unsafe readdir(stream) {
      let name = unsafe withUnsafePointer(to: &entry.pointee.d_name) { pointer in
        unsafe pointer.withMemoryRebound(to: CChar.self, capacity: 256) {
          unsafe String(cString: $0)
        }
      }
      if name != "." && name != ".." { names.append(name) }
    }
    return names.sorted { Array($0.utf8).lexicographicallyPrecedes(Array($1.utf8)) }
  }

  /// The bytes of a file.
  ///
  /// - Throws: a diagnostic with the path and the words of the system.
  package static func contents(of path: String) throws(Diagnostic) -> [UInt8] {
    do throws(InputFileError) {
      let file = try InputFile(opening: path)
      return try file.bytes(in: 0..<file.byteCount)
    } catch {
      throw Diagnostic(
        .failure,
        at: path,
        "lode cannot read this file (\(error.words)).",
        fix: "check that the file exists and that this user may read it."
      )
    }
  }
}
