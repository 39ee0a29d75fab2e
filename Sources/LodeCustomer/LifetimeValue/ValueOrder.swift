/// The order of many numbers by digits of their bits, in a few passes instead of comparisons.
enum ValueOrder {
  private static let digitBits = 16
  /// Fewer numbers than this are compared.
  private static let radixLimit = 20_000

  /// The places of numbers in ascending order; places of equal numbers keep their order.
  ///
  /// - Precondition: no number is NaN.
  /// - Complexity: O(n) for many.
  static func ascending(_ values: [Double]) -> [Int32] {
    let places = values.indices.map { Int32(truncatingIfNeeded: $0) }
    guard values.count >= radixLimit else {
      return places.sorted { (values[Int($0)], $0) < (values[Int($1)], $1) }
    }
    // Bits of doubles order as whole numbers once the negative ones are flipped.
    var keys = values.map { value -> UInt64 in
      let bits = (value + 0).bitPattern
      return bits >> 63 == 1 ? ~bits : bits | 1 << 63
    }
    var order = places
    var (otherKeys, otherOrder) = (keys, order)
    for shift in stride(from: 0, to: 64, by: digitBits) {
      var starts = [Int](repeating: 0, count: 1 << digitBits)
      for key in keys { starts[digit(key, shift)] += 1 }
      if starts[digit(keys[0], shift)] == keys.count { continue }
      var sum = 0
      for digit in starts.indices {
        (starts[digit], sum) = (sum, sum + starts[digit])
      }
      for place in keys.indices {
        let key = keys[place]
        let target = starts[digit(key, shift)]
        otherKeys[target] = key
        otherOrder[target] = order[place]
        starts[digit(key, shift)] = target + 1
      }
      swap(&keys, &otherKeys)
      swap(&order, &otherOrder)
    }
    return order
  }

  @inline(__always)
  private static func digit(_ key: UInt64, _ shift: Int) -> Int {
    Int(truncatingIfNeeded: (key >> UInt64(shift)) & ((1 << UInt64(digitBits)) - 1))
  }
}
