/// Sorts places by whole-number keys, digit by digit: stable, without a comparison.
///
/// - Complexity: O(`n`) for each 11 bits in which keys differ; bits that all keys share cost
///   nothing.
/// - Source: Knuth, The Art of Computer Programming, volume 3, §5.2.5, algorithm R.
package enum RadixSort {
  private static let digitBits = 11
  private static let digitMask = (UInt64(1) << UInt64(digitBits)) - 1

  /// Reorders places so that their keys ascend; places of equal keys keep their order.
  ///
  /// - Parameters:
  ///   - places: rows, in the order to keep among equals.
  ///   - keys: a key for every row that `places` can name.
  package static func sort(_ places: inout [UInt32], by keys: [Int64]) {
    guard places.count > 1, !isSorted(places.span, keys.span) else { return }
    // With the sign turned, whole numbers order as numbers without a sign.
    var varying: UInt64 = 0
    let first = ordered(keys[Int(places[0])])
    for place in places { varying |= ordered(keys[Int(place)]) ^ first }
    let shifts = shifts(varying)
    var starts = starts(of: shifts, places.span, keys.span)
    var sorted = places
    for digit in shifts.indices {
      distribute(places.span, keys.span, shifts[digit], &starts[digit], &sorted)
      swap(&places, &sorted)
    }
  }

  /// The digits in which keys differ, by the bits behind them.
  private static func shifts(_ varying: UInt64) -> [UInt64] {
    stride(from: UInt64(0), to: 64, by: UInt64.Stride(digitBits))
      .filter { (varying >> $0) & digitMask != 0 }
  }

  /// Where the places of each value of each digit start.
  ///
  /// All digits are counted in one pass: how often a value occurs does not depend on the order.
  private static func starts(
    of shifts: [UInt64],
    _ places: Span<UInt32>,
    _ keys: Span<Int64>
  ) -> [[Int]] {
    let size = Int(digitMask) + 1
    var counts = [Int](repeating: 0, count: shifts.count * size)
    var output = counts.mutableSpan
    for i in places.indices {
      let key = ordered(keys[Int(places[i])])
      var first = 0
      for shift in shifts {
        output[first + Int(key >> shift & digitMask)] += 1
        first += size
      }
    }
    return shifts.indices.map { digit in
      var next = 0
      return (0..<size)
        .map { value in
          defer { next += counts[digit * size + value] }
          return next
        }
    }
  }

  /// Reorders places so that their keys ascend, the first key first; places of equal keys keep
  /// their order.
  ///
  /// Rows that come in the order of the other keys, as those of a log by time, keep it within the
  /// first. Else runs of rows equal by the first key are sorted: mostly short ones, as the lines of
  /// a customer, by insertion.
  ///
  /// - Parameters:
  ///   - places: rows, in the order to keep among equals.
  ///   - keys: for each key a number for every row that `places` can name.
  package static func sort(_ places: inout [UInt32], by keys: [[Int64]]) {
    guard let first = keys.first else { return }
    let rest = Array(keys.dropFirst())
    let isInOrderOfRest = places.indices.dropFirst()
      .allSatisfy { !precedes(places[$0], places[$0 - 1], rest) }
    sort(&places, by: first)
    if isInOrderOfRest { return }
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
    let mostKeys = keys[0]
    let first = mostKeys.span
    for index in range.dropFirst() {
      let place = output[index]
      let key = first[Int(place)]
      var hole = index
      while hole > range.lowerBound {
        let other = output[hole - 1]
        let otherKey = first[Int(other)]
        guard key < otherKey || key == otherKey && precedes(place, other, keys) else { break }
        output[hole] = other
        hole -= 1
      }
      output[hole] = place
    }
  }

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
    _ starts: inout [Int],
    _ sorted: inout [UInt32]
  ) {
    var output = sorted.mutableSpan
    var next = starts.mutableSpan
    for i in places.indices {
      let place = places[i]
      let digit = Int(ordered(keys[Int(place)]) >> shift & digitMask)
      output[next[digit]] = place
      next[digit] += 1
    }
  }
}

extension RadixSort {
  /// A whole number that orders as a number does; −0 is 0, and NaN comes behind all others.
  package static func key(_ number: Double) -> Int64 {
    if number.isNaN { return .max - 1 }
    let bits = Int64(bitPattern: (number + 0).bitPattern)
    return bits < 0 ? bits ^ .max : bits
  }

  /// The places of numbers in rising order; those of equal numbers keep their order, NaN is last.
  ///
  /// - Precondition: at most 2³² numbers.
  /// - Complexity: O(`n`) for each 11 bits in which numbers differ; counts and amounts in
  ///   hundredths differ in few.
  package static func order(of numbers: [Double]) -> [UInt32] {
    precondition(numbers.count <= Int(UInt32.max), "\(numbers.count) numbers")
    var places = numbers.indices.map { UInt32(truncatingIfNeeded: $0) }
    let keys =
      wholeKeys(numbers.span, perUnit: 1) ?? wholeKeys(numbers.span, perUnit: 100)
      ?? numbers.map(key)
    sort(&places, by: keys)
    return places
  }

  /// The numbers in parts of a unit, where all of them are whole numbers of parts; else nil.
  ///
  /// Whole numbers order as what they are divided by `perUnit`, and use up few bits.
  private static func wholeKeys(_ numbers: Span<Double>, perUnit: Double) -> [Int64]? {
    var keys: [Int64] = []
    for i in numbers.indices {
      let number = numbers[i]
      let parts = number * perUnit
      guard abs(parts) < 0x1p40 else { return nil }
      let key = Int64(parts < 0 ? parts - 0.5 : parts + 0.5)
      guard Double(key) / perUnit == number else { return nil }
      if i == 0 { keys.reserveCapacity(numbers.count) }
      keys.append(key)
    }
    return keys
  }

  /// Numbers in rising order, NaN last.
  ///
  /// - Complexity: as of ``order(of:)``; short lists are sorted by comparison.
  package static func sorted(_ numbers: [Double]) -> [Double] {
    guard numbers.count > 512 else { return numbers.sorted { key($0) < key($1) } }
    for perUnit in [1.0, 100] {
      guard let whole = wholeKeys(numbers.span, perUnit: perUnit) else { continue }
      return sorted(whole.map(ordered))
        .map { Double(Int64(bitPattern: ordered(Int64(bitPattern: $0)))) / perUnit }
    }
    return sorted(numbers.map { ordered(key($0)) }).map(number)
  }

  /// Keys in rising order.
  private static func sorted(_ unsorted: [UInt64]) -> [UInt64] {
    var keys = unsorted
    let first = keys[0]
    var varying: UInt64 = 0
    for key in keys { varying |= key ^ first }
    var spare = keys
    for shift in stride(from: UInt64(0), to: 64, by: UInt64.Stride(digitBits)) {
      let mask = (UInt64(1) << UInt64(digitBits)) - 1
      guard (varying >> shift) & mask != 0 else { continue }
      distribute(keys.span, shift, mask, &spare)
      swap(&keys, &spare)
    }
    return keys
  }

  /// The number at a place of the rising order, as ``sorted(_:)`` has it there.
  ///
  /// - Parameters:
  ///   - rank: the place, from 0.
  ///   - numbers: the numbers in any order.
  /// - Returns: the number.
  /// - Precondition: there are more than `rank` numbers.
  /// - Complexity: O(`n`): most numbers are looked at twice.
  package static func element(_ rank: Int, of numbers: [Double]) -> Double {
    precondition(numbers.indices.contains(rank), "place \(rank) of \(numbers.count) numbers")
    var keys = numbers.map { ordered(key($0)) }
    var rank = rank
    var shift = 64
    while keys.count > 512, shift > 0 {
      shift = max(0, shift - digitBits)
      let mask = (UInt64(1) << UInt64(digitBits)) - 1
      var counts = [Int](repeating: 0, count: Int(mask) + 1)
      for key in keys { counts[Int(key >> UInt64(shift) & mask)] += 1 }
      var digit = 0
      while rank >= counts[digit] {
        rank -= counts[digit]
        digit += 1
      }
      guard counts[digit] < keys.count else { continue }
      keys = keys.filter { Int($0 >> UInt64(shift) & mask) == digit }
    }
    keys.sort()
    return number(keys[rank])
  }

  /// The number of an ``ordered(_:)`` key.
  private static func number(_ key: UInt64) -> Double {
    let signed = Int64(bitPattern: key ^ 0x8000_0000_0000_0000)
    if signed == .max - 1 { return .nan }
    return Double(bitPattern: UInt64(bitPattern: signed < 0 ? signed ^ .max : signed))
  }

  private static func distribute(
    _ keys: Span<UInt64>,
    _ shift: UInt64,
    _ mask: UInt64,
    _ sorted: inout [UInt64]
  ) {
    var starts = [Int](repeating: 0, count: Int(mask) + 2)
    for i in keys.indices { starts[Int(keys[i] >> shift & mask) + 1] += 1 }
    for digit in 0...Int(mask) { starts[digit + 1] += starts[digit] }
    var output = sorted.mutableSpan
    var next = starts.mutableSpan
    for i in keys.indices {
      let digit = Int(keys[i] >> shift & mask)
      output[next[digit]] = keys[i]
      next[digit] += 1
    }
  }
}
