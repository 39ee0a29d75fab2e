internal import CKernels

/// The SHA-256 digest, for content hashes, checksums of lists and hashed identifiers.
///
/// - Source: NIST FIPS 180-4, §6.2.
public struct SHA256: Sendable {
  private var state: [UInt32] = [
    0x6A09_E667, 0xBB67_AE85, 0x3C6E_F372, 0xA54F_F53A,
    0x510E_527F, 0x9B05_688C, 0x1F83_D9AB, 0x5BE0_CD19,
  ]
  private var pending: [UInt8] = []
  private var byteCount = 0

  /// Whether the instructions of the CPU are used where it has them.
  private let usesInstructions: Bool

  /// A digest of nothing yet.
  public init() {
    self.init(usesInstructions: true)
  }

  /// A digest of nothing yet, with or without the instructions of the CPU.
  package init(usesInstructions: Bool) {
    self.usesInstructions = usesInstructions
    pending.reserveCapacity(64)
  }

  /// The digest of `bytes` as 64 lower-case hexadecimal digits.
  public static func hexDigest(of bytes: [UInt8]) -> String {
    var hash = SHA256()
    hash.update(bytes.span)
    return hash.hexDigest()
  }

  /// The digest of the UTF-8 bytes of `text` as 64 lower-case hexadecimal digits.
  public static func hexDigest(of text: String) -> String {
    hexDigest(of: Array(text.utf8))
  }

  /// Adds bytes to the message.
  public mutating func update(_ bytes: Span<UInt8>) {
    byteCount += bytes.count
    var position = 0
    if !pending.isEmpty {
      while pending.count < 64 && position < bytes.count {
        pending.append(bytes[position])
        position += 1
      }
      guard pending.count == 64 else { return }
      let block = pending
      compress(block.span)
      pending.removeAll(keepingCapacity: true)
    }
    let end = position + (bytes.count - position) / 64 * 64
    if end > position { compress(bytes.extracting(position..<end)) }
    position = end
    while position < bytes.count {
      pending.append(bytes[position])
      position += 1
    }
  }

  /// The digest of all bytes so far as 64 lower-case hexadecimal digits.
  public func hexDigest() -> String {
    var copy = self
    let bitCount = UInt64(byteCount) &* 8
    var padding: [UInt8] = [0x80]
    while (pending.count + padding.count) % 64 != 56 { padding.append(0) }
    for shift in stride(from: 56, through: 0, by: -8) {
      padding.append(UInt8(truncatingIfNeeded: bitCount >> UInt64(shift)))
    }
    copy.update(padding.span)
    return copy.state.map(Self.hexadecimal).joined()
  }

  private static func hexadecimal(_ word: UInt32) -> String {
    let digits = String(word, radix: 16)
    return String(repeating: "0", count: 8 - digits.count) + digits
  }

  /// Adds whole blocks of 64 bytes.
  private mutating func compress(_ blocks: Span<UInt8>) {
    let isPlain: Int32 = usesInstructions ? 0 : 1
    // SAFETY: the kernel reads `count / 64` whole blocks of the span and writes the eight words.
    unsafe blocks.withUnsafeBufferPointer { bytes in
      unsafe state.withUnsafeMutableBufferPointer { words in
        unsafe lode_sha256_blocks(words.baseAddress, bytes.baseAddress, bytes.count / 64, isPlain)
      }
    }
  }
}
