internal import LodeRuntime

/// The SHA-256 of a whole commit, within its first line: JSON alone shows only damage that breaks
/// its grammar, and a changed letter in a column's name or a row count would pass unseen.
///
/// The digest is that of the commit with 64 zeros in the digest's place. Whether a commit is sealed
/// is told by two marks, so that no single damage turns a sealed commit into an unsealed one, as
/// other programs write them.
enum CommitSeal {
  /// The members of the object `lode` in `commitInfo`, until the commit is sealed.
  static let members: [(key: String, json: String)] = [
    ("lode.sealed", "true"), ("lode.seal", "\"\(zeros)\""),
  ]

  private static let zeros = String(repeating: "0", count: 64)
  private static let flag = Array("\"lode.sealed\":true".utf8)
  private static let key = Array("\"lode.seal\":\"".utf8)

  /// The lines with the digest in the first one.
  static func sealed(_ lines: [String]) -> [String] {
    guard let first = lines.first else { return lines }
    let digest = SHA256.hexDigest(of: lines.map { $0 + "\n" }.joined())
    let sealed = first.replacing("\"lode.seal\":\"\(zeros)\"", with: "\"lode.seal\":\"\(digest)\"")
    return [sealed] + lines.dropFirst()
  }

  /// Whether a commit is as it was written, as far as that can be told.
  static func isIntact(_ bytes: [UInt8]) -> Bool {
    let first = bytes.prefix { $0 != UInt8(ascii: "\n") }
    let place = first.firstRange(of: key)?.upperBound
    if place == nil && first.firstRange(of: flag) == nil { return true }
    guard let place, place + 64 < first.endIndex else { return false }
    var blank = bytes
    blank.replaceSubrange(place..<(place + 64), with: Self.zeros.utf8)
    return SHA256.hexDigest(of: blank).utf8.elementsEqual(bytes[place..<(place + 64)])
  }
}
