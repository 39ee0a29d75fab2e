/// Numbers as they lie in files: the low byte first, one after the other.
///
/// The only place of this module where arrays are copied as raw memory.
enum RawNumbers {
  /// Appends the bytes of numbers.
  static func append<Number: BitwiseCopyable>(_ numbers: [Number], to bytes: inout [UInt8]) {
    // SAFETY: plain numbers have no padding, and all supported machines store the low byte first.
    unsafe numbers.withUnsafeBytes { unsafe bytes.append(contentsOf: $0) }
  }

  /// Appends the bytes of some of the numbers.
  static func append<Number: BitwiseCopyable>(
    _ numbers: ArraySlice<Number>,
    to bytes: inout [UInt8]
  ) {
    // SAFETY: as above.
    unsafe numbers.withUnsafeBytes { unsafe bytes.append(contentsOf: $0) }
  }

  /// The numbers that lie in a range of bytes.
  ///
  /// - Precondition: the range lies within the bytes and has a whole number of numbers.
  static func numbers<Number: BitwiseCopyable>(
    _ bytes: [UInt8],
    in range: Range<Int>,
    as type: Number.Type
  ) -> [Number] {
    let size = MemoryLayout<Number>.stride
    precondition(range.upperBound <= bytes.count && range.count % size == 0, "\(range)")
    guard !range.isEmpty else { return [] }
    // SAFETY: source and target have `range.count` bytes; every bit pattern is a valid number.
    return unsafe bytes.withUnsafeBytes { source in
      unsafe [Number](unsafeUninitializedCapacity: range.count / size) { target, count in
        unsafe UnsafeMutableRawBufferPointer(target)
          .copyMemory(
            from: UnsafeRawBufferPointer(rebasing: source[range])
          )
        count = range.count / size
      }
    }
  }

  /// Appends texts, each behind its length in four bytes.
  ///
  /// - Parameters:
  ///   - codes: which texts, in order.
  ///   - texts: the bytes of all texts.
  ///   - offsets: where each text starts, and the end of the last.
  ///   - bytes: where to append.
  static func appendTexts(
    _ codes: ArraySlice<UInt32>,
    texts: [UInt8],
    offsets: [Int],
    to bytes: inout [UInt8]
  ) {
    var size = 0
    for code in codes { size += 4 + offsets[Int(code) + 1] - offsets[Int(code)] }
    bytes.reserveCapacity(bytes.count + size)
    // SAFETY: every range is checked against the length of `texts` before it is copied.
    unsafe texts.withUnsafeBytes { source in
      for code in codes {
        let start = offsets[Int(code)]
        let end = offsets[Int(code) + 1]
        precondition(start <= end && end <= texts.count, "text \(code): \(start)..<\(end)")
        let length = UInt32(end - start)
        unsafe withUnsafeBytes(of: length.littleEndian) { unsafe bytes.append(contentsOf: $0) }
        unsafe bytes.append(contentsOf: source[start..<end])
      }
    }
  }
}
