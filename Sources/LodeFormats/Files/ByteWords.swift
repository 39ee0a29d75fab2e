/// Eight bytes at a time: loads and tests that the readers of text share.
enum ByteWords {
  private static let lows: UInt64 = 0x0101_0101_0101_0101
  private static let highs: UInt64 = 0x8080_8080_8080_8080

  /// The eight bytes at `offset` as a little-endian number.
  ///
  /// - Precondition: all eight bytes lie in `bytes`.
  @inline(__always)
  static func load(_ bytes: Span<UInt8>, _ offset: Int) -> UInt64 {
    precondition(offset >= 0 && offset &+ 8 <= bytes.count, "eight bytes at \(offset)")
    // SAFETY: the eight bytes lie in the span, which was just checked; any bits are a UInt64.
    return unsafe UInt64(
      littleEndian: bytes.bytes.unsafeLoadUnaligned(fromByteOffset: offset, as: UInt64.self)
    )
  }

  /// Eight copies of a byte.
  @inline(__always)
  static func repeating(_ byte: UInt8) -> UInt64 { UInt64(byte) &* lows }

  /// A mark at each zero byte of a word; above the lowest mark there may be false ones.
  @inline(__always)
  static func zeros(_ word: UInt64) -> UInt64 { (word &- lows) & ~word & highs }

  /// Whether all bytes are ASCII and none is zero.
  @inline(__always)
  static func isPlain(_ word: UInt64) -> Bool { (word & highs) | zeros(word) == 0 }

  /// The number of eight digits, the first in the lowest byte; nil if a byte is no digit.
  @inline(__always)
  static func eightDigits(_ word: UInt64) -> UInt64? {
    let high: UInt64 = 0xF0F0_F0F0_F0F0_F0F0
    let carried = ((word &+ 0x0606_0606_0606_0606) & high) >> 4
    guard (word & high) | carried == 0x3333_3333_3333_3333 else { return nil }
    let pairs = ((word & 0x0F0F_0F0F_0F0F_0F0F) &* 2561) >> 8
    let fours = ((pairs & 0x00FF_00FF_00FF_00FF) &* 6_553_601) >> 16
    return ((fours & 0x0000_FFFF_0000_FFFF) &* 42_949_672_960_001) >> 32
  }
}
