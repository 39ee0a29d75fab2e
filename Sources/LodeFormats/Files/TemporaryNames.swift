internal import Glibc
internal import Synchronization

/// Names for unfinished files that say whose they are, so that litter can be told from work.
package enum TemporaryNames {
  private static let counter = Atomic<Int>(0)

  /// A name that no other thread or living process uses.
  package static func next() -> String {
    let count = counter.wrappingAdd(1, ordering: .relaxed).oldValue
    let process = Int(getpid())
    return "\(process).\(startTime(of: process) ?? "0").\(count)"
  }

  /// Whether the process that made the name has ended.
  ///
  /// Numbers of processes are used again, so the time at which the process started must agree too.
  package static func isLitter(_ name: String) -> Bool {
    let parts = name.split(separator: ".")
    guard parts.count == 3, let process = Int(parts[0]) else { return false }
    return startTime(of: process).map { $0 != parts[1] } ?? true
  }

  /// When a living process started, in ticks since the machine did.
  ///
  /// - Source: proc(5), `/proc/pid/stat`, field 22.
  package static func startTime(of process: Int) -> String? {
    // SAFETY: the buffer has the length that is given to `read`.
    let descriptor = unsafe open("/proc/\(process)/stat", O_RDONLY | O_CLOEXEC)
    guard descriptor >= 0 else { return nil }
    defer { close(descriptor) }
    var bytes = [UInt8](repeating: 0, count: 1024)
    let count = unsafe read(descriptor, &bytes, bytes.count)
    guard count > 0 else { return nil }
    let text = String(decoding: bytes[..<count], as: UTF8.self)
    // The second field is the program's name in parentheses and may hold blanks.
    guard let end = text.lastIndex(of: ")") else { return nil }
    let fields = text[end...].split(separator: " ")
    return fields.count > 20 ? String(fields[20]) : nil
  }
}
