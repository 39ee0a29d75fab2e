internal import LodeRuntime

/// Ranks of values.
package enum Ranks {
  /// The rank of each value from 1; equal values share the mean of their ranks.
  ///
  /// - Complexity: O(`n`) for each 11 bits in which values differ.
  package static func midRanks(_ values: [Double]) -> [Double] {
    let order = RadixSort.order(of: values)
    var ranks = [Double](repeating: 0, count: values.count)
    var output = ranks.mutableSpan
    var first = 0
    while first < order.count {
      let value = values[Int(order[first])]
      var last = first
      while last + 1 < order.count, values[Int(order[last + 1])] == value { last += 1 }
      let rank = Double(first + last) / 2 + 1
      for place in first...last { output[Int(order[place])] = rank }
      first = last + 1
    }
    return ranks
  }

  /// The rows by descending score, ties in row order.
  package static func descending(_ scores: [Double]) -> [Int] {
    RadixSort.order(of: scores.map { -$0 }).map { Int($0) }
  }
}
