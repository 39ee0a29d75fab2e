extension ReadableColumn {
  /// The bounds of cells from bounds as the file stores them; nil if they say nothing for sure.
  ///
  /// Bounds may be cut, which keeps them bounds. NaN, bounds of a wrong length or in wrong order,
  /// and bounds of forms whose order differs from that of the cells are passed over.
  func bounds(minimum: [UInt8]?, maximum: [UInt8]?) -> ValueBounds? {
    guard let minimum, let maximum else { return nil }
    switch form {
    case .texts(.text):
      guard !maximum.lexicographicallyPrecedes(minimum) else { return nil }
      return .texts(minimum, maximum)
    case .booleans:
      guard minimum.count == 1, maximum.count == 1, minimum[0] <= maximum[0], maximum[0] <= 1
      else { return nil }
      return .booleans(minimum[0] == 1, maximum[0] == 1)
    case .doubles:
      guard let least = number(minimum), let greatest = number(maximum) else { return nil }
      let low: Double
      let high: Double
      if physicalType == .float {
        low = Double(Float(bitPattern: UInt32(truncatingIfNeeded: least)))
        high = Double(Float(bitPattern: UInt32(truncatingIfNeeded: greatest)))
      } else {
        low = Double(bitPattern: UInt64(bitPattern: least))
        high = Double(bitPattern: UInt64(bitPattern: greatest))
      }
      return low <= high ? .doubles(low, high) : nil
    case .numbers, .multiplied, .divided, .unsigned:
      guard let least = number(minimum), let greatest = number(maximum),
        let low = cell(least, isMinimum: true), let high = cell(greatest, isMinimum: false),
        low <= high
      else { return nil }
      return .integers(low, high)
    case .bigEndian, .int96, .float16, .texts: return nil
    }
  }

  /// The number in four or eight bytes, the low byte first, sign-extended.
  private func number(_ bytes: [UInt8]) -> Int64? {
    let size = physicalType == .int32 || physicalType == .float ? 4 : 8
    guard bytes.count == size else { return nil }
    let raw = bytes.reversed().reduce(UInt64(0)) { $0 << 8 | UInt64($1) }
    return size == 4
      ? Int64(Int32(truncatingIfNeeded: raw)) : Int64(bitPattern: raw)
  }

  private func cell(_ number: Int64, isMinimum: Bool) -> Int64? {
    switch form {
    case .multiplied(let factor):
      let (product, hasOverflowed) = number.multipliedReportingOverflow(by: factor)
      return hasOverflowed ? nil : product
    case .divided(let divisor):
      let (quotient, rest) = number.quotientAndRemainder(dividingBy: divisor)
      if rest == 0 { return quotient }
      return isMinimum ? (rest < 0 ? quotient - 1 : quotient) : (rest > 0 ? quotient + 1 : quotient)
    case .unsigned(let bits):
      if bits == 32 { return number & 0xFFFF_FFFF }
      return number < 0 ? nil : number
    default: return number
    }
  }
}
