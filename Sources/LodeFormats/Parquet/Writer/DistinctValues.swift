/// Cells as codes into their distinct values, in order of first occurrence.
struct DistinctValues<Value: Sendable>: Sendable {
  /// A code a cell.
  let codes: [UInt32]
  /// The distinct values in code order.
  let values: [Value]

  /// The bytes of the codes in a page, without run lengths.
  var codeByteCount: Int {
    codes.count * max(1, RunLength.width(ofLargest: UInt32(max(1, values.count) - 1))) / 8
  }
}

extension DistinctValues where Value == Int64 {
  /// So many numbers from the start show whether it is worth while to look at all: of as many no
  /// more than the share may be distinct.
  private static let trials = [(count: 1 << 13, most: 7936), (count: 1 << 16, most: 57_344)]
  /// Numbers within such a range get a slot each.
  private static let closeRange = 1 << 16

  /// The distinct numbers, nil if there are too many.
  ///
  /// Too many are more than `limit`, or nearly all of the first 8,192, or most of the first 65,536:
  /// a column of as many numbers as rows is not put through a table to learn just that.
  ///
  /// - Parameters:
  ///   - numbers: the numbers.
  ///   - bounds: the least and the largest of them, where numbers that lie close together are worth
  ///     a look; nil otherwise.
  ///   - limit: the most distinct ones that are of use.
  ///   - mayPay: asked once, with the codes of the first 8,192 numbers or some more and with how
  ///     many of these are distinct; the rest is not looked at if it says no.
  /// - Throws: what `mayPay` throws.
  /// - Complexity: O(`numbers.count`) expected; stops at the first number over the limit.
  init?<Failure: Error>(
    _ numbers: [Int64],
    within bounds: ClosedRange<Int64>?,
    limit: Int,
    mayPay: (ArraySlice<UInt32>, Int) throws(Failure) -> Bool
  ) throws(Failure) {
    if let bounds {
      let width = bounds.upperBound.subtractingReportingOverflow(bounds.lowerBound)
      if !width.overflow, width.partialValue < Int64(Swift.min(Self.closeRange, limit)) {
        self.init(numbers, from: bounds.lowerBound, count: Int(width.partialValue) + 1)
        return
      }
    }
    var codes = [UInt32](repeating: 0, count: numbers.count)
    var distinct: [Int64] = []
    var bits = 10
    var slots = [UInt32](repeating: 0, count: 1 << bits)
    var trials = Self.trials[...]
    var row = 0
    while true {
      let slot: Int
      (row, slot) = Self.findKnown(numbers.span, from: row, distinct.span, slots.span, &codes)
      guard row < numbers.count else { break }
      guard distinct.count < limit else { return nil }
      if let (count, most) = trials.first, row >= count {
        guard distinct.count <= most else { return nil }
        if trials.count == Self.trials.count {
          guard try mayPay(codes[..<row], distinct.count) else { return nil }
        }
        trials.removeFirst()
      }
      distinct.append(numbers[row])
      slots[slot] = UInt32(distinct.count)
      codes[row] = UInt32(distinct.count - 1)
      row += 1
      guard distinct.count * 2 > slots.count else { continue }
      bits += 2
      slots = Self.slots(of: distinct, bits)
    }
    self.init(codes: codes, values: distinct)
  }

  /// Codes known numbers from a row on, up to the first that is new.
  ///
  /// - Returns: its row, or the number of rows, and the free slot for it.
  private static func findKnown(
    _ numbers: Span<Int64>,
    from start: Int,
    _ distinct: Span<Int64>,
    _ slots: Span<UInt32>,
    _ codes: inout [UInt32]
  ) -> (row: Int, slot: Int) {
    let bits = slots.count.trailingZeroBitCount
    var output = codes.mutableSpan
    for row in start..<numbers.count {
      let number = numbers[row]
      var slot = slot(number, bits)
      while slots[slot] != 0, distinct[Int(slots[slot] - 1)] != number {
        slot = (slot + 1) & (slots.count - 1)
      }
      guard slots[slot] != 0 else { return (row, slot) }
      output[row] = slots[slot] - 1
    }
    return (numbers.count, 0)
  }

  /// The distinct ones of numbers that lie close together: each has a slot of its own.
  private init(_ numbers: [Int64], from least: Int64, count: Int) {
    var slots = [UInt32](repeating: 0, count: count)
    var distinct: [Int64] = []
    var codes = [UInt32](repeating: 0, count: numbers.count)
    var output = codes.mutableSpan
    var table = slots.mutableSpan
    for (row, number) in numbers.enumerated() {
      let slot = Int(number - least)
      if table[slot] == 0 {
        distinct.append(number)
        table[slot] = UInt32(truncatingIfNeeded: distinct.count)
      }
      output[row] = table[slot] - 1
    }
    self.init(codes: codes, values: distinct)
  }

  private static func slot(_ number: Int64, _ bits: Int) -> Int {
    Int((UInt64(bitPattern: number) &* 0x9E37_79B9_7F4A_7C15) >> UInt64(64 - bits))
  }

  private static func slots(of distinct: [Int64], _ bits: Int) -> [UInt32] {
    var slots = [UInt32](repeating: 0, count: 1 << bits)
    for (code, number) in distinct.enumerated() {
      var slot = slot(number, bits)
      while slots[slot] != 0 { slot = (slot + 1) & (slots.count - 1) }
      slots[slot] = UInt32(code + 1)
    }
    return slots
  }
}

extension DistinctValues where Value == UInt32 {
  /// The codes renumbered by first occurrence, so that equal cells give equal bytes.
  ///
  /// - Complexity: O(`codes.count` + `codeCount`).
  init(_ codes: [UInt32], codeCount: Int) {
    var renumbered = [UInt32](repeating: 0, count: codeCount)
    var used: [UInt32] = []
    var result = [UInt32](repeating: 0, count: codes.count)
    var output = result.mutableSpan
    var numbers = renumbered.mutableSpan
    for (row, code) in codes.enumerated() {
      if numbers[Int(code)] == 0 {
        used.append(code)
        numbers[Int(code)] = UInt32(used.count)
      }
      output[row] = numbers[Int(code)] - 1
    }
    self.init(codes: result, values: used)
  }
}
