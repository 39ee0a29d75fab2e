/// Numbers of a few bits each, packed from the low bits up.
///
/// Loads whole words from raw memory: the inner loop of dictionary codes and deltas.
enum BitPacking {
  /// Writes the numbers packed from `start` into `target`.
  ///
  /// - Parameters:
  ///   - bytes: where the packed numbers lie.
  ///   - start: their first byte.
  ///   - width: the bits of each, 0…64, and no more than `Number` has.
  ///   - values: where they go.
  ///   - target: the places in `values`; as many numbers are unpacked.
  /// - Precondition: the bytes and the places are there.
  static func unpack<Number: FixedWidthInteger & UnsignedInteger>(
    _ bytes: [UInt8],
    from start: Int,
    width: Int,
    into values: inout [Number],
    at target: Range<Int>
  ) {
    let needed = (target.count * width + 7) / 8
    precondition(start >= 0 && needed <= bytes.count - start, "\(needed) bytes at \(start)")
    precondition(target.lowerBound >= 0 && target.upperBound <= values.count, "\(target)")
    precondition((0...Number.bitWidth).contains(width), "\(width) bits")
    let mask: UInt64 = width == 64 ? .max : (1 << UInt64(width)) - 1
    // SAFETY: eight bytes are loaded at once only where they lie within `bytes`; the last numbers
    // are put together from single bytes below `bytes.count`, which the precondition covers.
    unsafe bytes.withUnsafeBytes { source in
      unsafe values.withUnsafeMutableBufferPointer { sink in
        var bit = start * 8
        var whole = target.lowerBound
        if width <= 57, source.count >= 8 {
          // A number and the bits before it in its first byte lie in eight bytes.
          let last = (source.count - 8) * 8 + 7
          let count = width == 0 ? target.count : (last - bit) / width + 1
          whole += last < bit ? 0 : min(target.count, count)
          for place in target.lowerBound..<whole {
            let word = unsafe source.loadUnaligned(fromByteOffset: bit >> 3, as: UInt64.self)
            unsafe sink[place] = Number(truncatingIfNeeded: word >> UInt64(bit & 7) & mask)
            bit += width
          }
        }
        for place in whole..<target.upperBound {
          let byte = bit >> 3
          let shift = UInt64(bit & 7)
          var word: UInt64 = 0
          if byte + 8 <= source.count {
            word = unsafe source.loadUnaligned(fromByteOffset: byte, as: UInt64.self) >> shift
            if Int(shift) + width > 64 {
              word |= UInt64(unsafe source[byte + 8]) << (64 - shift)
            }
          } else {
            let end = min(source.count, (bit + width + 7) >> 3)
            var index = byte
            while index < end {
              let part = UInt64(unsafe source[index])
              let offset = 8 * (index - byte) - Int(shift)
              word |= offset < 0 ? part >> UInt64(-offset) : part << UInt64(offset)
              index += 1
            }
          }
          unsafe sink[place] = Number(truncatingIfNeeded: word & mask)
          bit += width
        }
      }
    }
  }

  /// Appends numbers of `width` bits; the last byte is filled up with zeros.
  ///
  /// - Precondition: no number has more bits.
  static func pack<Number: FixedWidthInteger & UnsignedInteger>(
    _ values: Span<Number>,
    width: Int,
    into bytes: inout [UInt8]
  ) {
    guard width > 0 else { return }
    let start = bytes.count
    let byteCount = (values.count * width + 7) / 8
    bytes.append(contentsOf: repeatElement(0, count: byteCount))
    var pending: UInt64 = 0
    var bits = 0
    // SAFETY: a word is stored when 64 bits of the numbers are there, so behind `start` there is
    // room for it; the rest is stored byte by byte below `bytes.count`.
    unsafe bytes.withUnsafeMutableBytes { target in
      var place = start
      for index in values.indices {
        let value = UInt64(truncatingIfNeeded: values[index])
        pending |= value << UInt64(bits)
        bits += width
        guard bits >= 64 else { continue }
        unsafe target.storeBytes(of: pending.littleEndian, toByteOffset: place, as: UInt64.self)
        place += 8
        bits -= 64
        pending = bits == 0 ? 0 : value >> UInt64(width - bits)
      }
      while bits > 0 {
        unsafe target[place] = UInt8(truncatingIfNeeded: pending)
        place += 1
        pending >>= 8
        bits -= 8
      }
    }
  }
}
