/// How far two clusterings of the same points agree, corrected for chance.
public enum AdjustedRandIndex {
  /// 1 for the same groups under any numbers, about 0 for unrelated ones.
  ///
  /// - Parameters:
  ///   - left: the cluster of each point, from 0.
  ///   - right: its cluster in the other clustering, from 0.
  /// - Returns: the index, at most 1; 1 where neither clustering separates any two points, or both
  ///   separate all.
  /// - Complexity: O(`n + p·k`).
  /// - Source: Hubert & Arabie (1985), "Comparing partitions", eq. 5.
  /// - Agrees with: scikit-learn `adjusted_rand_score`.
  public static func value(_ left: [Int], _ right: [Int]) -> Double {
    precondition(left.count == right.count, "\(left.count) and \(right.count) points")
    let (p, k) = ((left.max() ?? -1) + 1, (right.max() ?? -1) + 1)
    var cells = [Int](repeating: 0, count: p * k)
    var rows = [Int](repeating: 0, count: p)
    var columns = [Int](repeating: 0, count: k)
    for (i, j) in zip(left, right) {
      cells[i * k + j] += 1
      rows[i] += 1
      columns[j] += 1
    }
    let together = pairs(cells)
    let (inLeft, inRight) = (pairs(rows), pairs(columns))
    let all = pairs([left.count])
    let expected = all == 0 ? 0 : inLeft * inRight / all
    let most = (inLeft + inRight) / 2
    return most == expected ? 1 : (together - expected) / (most - expected)
  }

  /// The pairs of points inside groups of the given sizes.
  private static func pairs(_ sizes: [Int]) -> Double {
    sizes.reduce(0) { $0 + Double($1) * Double($1 - 1) / 2 }
  }
}
