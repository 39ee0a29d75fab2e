extension [Int64] {
  /// The least and the largest number; nil of none.
  ///
  /// For whole columns: `min()` and `max()` of the standard library took several times as long.
  ///
  /// - Complexity: O(`count`), one pass.
  package var extent: ClosedRange<Int64>? {
    guard var least = first else { return nil }
    var largest = least
    let numbers = span
    for place in numbers.indices {
      least = Swift.min(least, numbers[place])
      largest = Swift.max(largest, numbers[place])
    }
    return least...largest
  }
}
