/// Sorts places by whole-number keys, digit by digit: stable, without a comparison.
///
/// - Complexity: O(`n`) for each 11 bits in which keys differ; bits that all keys share cost
///   nothing.
/// - Source: Knuth, The Art of Computer Programming, volume 3, §5.2.5, algorithm R.
enum RadixSort {
  private static let digitBits = 11

  /// Reorders places so that their keys ascend; places of equal keys keep their order.
  ///
  /// - Parameters:
  ///   - places: rows, in the order to keep among equals.
  ///   - keys: a key for every row that `places` can name.
  static func sort(_ places: inout [UInt32], by keys: [Int64]) {
    guard places.count > 1, !isSorted(places.span, keys.span) else { return }
    // With the sign turned, whole numbers order as numbers without a sign.
    var varying: UInt64 = 0
    let first = ordered(keys[Int(places[0])])
    for place in places { varying |= ordered(keys[Int(place)]) ^ first }
    var sorted = places
    for shift in stride(from: 0, to: 64, by: digitBits) {
      let mask = (UInt64(1) << UInt64(digitBits)) - 1
      guard (varying >> UInt64(shift)) & mask != 0 else { continue }
      distribute(places.span, keys.span, UInt64(shift), mask, &sorted)
      swap(&places, &sorted)
    }
  }

  /// Reorders places so that their keys ascend, the first key first; places of equal keys keep
  /// their order.
  ///
  /// Behind the first key, runs of equal rows are mostly short, as the lines of a customer: they
  /// are sorted by insertion.
  ///
  /// - Parameters:
  ///   - places: rows, in the order to keep among equals.
  ///   - keys: for each key a number for every row that `places` can name.
  static func sort(_ places: inout [UInt32], by keys: [[Int64]]) {
    guard let first = keys.first else { return }
    sort(&places, by: first)
    guard keys.count > 1 else { return }
    let rest = Array(keys.dropFirst())
    var start = 0
    while start < places.count {
      let key = first[Int(places[start])]
      var end = start + 1
      while end < places.count, first[Int(places[end])] == key { end += 1 }
      if end - start > insertionLimit {
        var run = Array(places[start..<end])
        for key in rest.reversed() { sort(&run, by: key) }
        places.replaceSubrange(start..<end, with: run)
      } else if end - start > 1 {
        insert(&places, start..<end, rest)
      }
      start = end
    }
  }

  private static let insertionLimit = 48

  private static func insert(
    _ places: inout [UInt32],
    _ range: Range<Int>,
    _ keys: [[Int64]]
  ) {
    var output = places.mutableSpan
    for index in range.dropFirst() {
      let place = output[index]
      var hole = index
      while hole > range.lowerBound, precedes(place, output[hole - 1], keys) {
        output[hole] = output[hole - 1]
        hole -= 1
      }
      output[hole] = place
    }
  }

  @inline(__always)
  private static func precedes(_ left: UInt32, _ right: UInt32, _ keys: [[Int64]]) -> Bool {
    for key in keys {
      let (a, b) = (key[Int(left)], key[Int(right)])
      if a != b { return a < b }
    }
    return false
  }

  /// Rows often come in the order of a key, as of their time.
  private static func isSorted(_ places: Span<UInt32>, _ keys: Span<Int64>) -> Bool {
    var last = keys[Int(places[0])]
    for i in stride(from: 1, to: places.count, by: 1) {
      let key = keys[Int(places[i])]
      if key < last { return false }
      last = key
    }
    return true
  }

  @inline(__always)
  private static func ordered(_ key: Int64) -> UInt64 {
    UInt64(bitPattern: key) ^ 0x8000_0000_0000_0000
  }

  private static func distribute(
    _ places: Span<UInt32>,
    _ keys: Span<Int64>,
    _ shift: UInt64,
    _ mask: UInt64,
    _ sorted: inout [UInt32]
  ) {
    var starts = [Int](repeating: 0, count: Int(mask) + 2)
    for i in places.indices {
      starts[Int(ordered(keys[Int(places[i])]) >> shift & mask) + 1] += 1
    }
    for digit in 0...Int(mask) { starts[digit + 1] += starts[digit] }
    var output = sorted.mutableSpan
    var next = starts.mutableSpan
    for i in places.indices {
      let place = places[i]
      let digit = Int(ordered(keys[Int(place)]) >> shift & mask)
      output[next[digit]] = place
      next[digit] += 1
    }
  }
}
