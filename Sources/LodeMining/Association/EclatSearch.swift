/// Depth-first search over sets of items by intersecting their baskets.
struct EclatSearch: Sendable {
  /// The baskets that hold a set.
  enum BasketSet: Sendable {
    /// One bit a basket.
    case bitmap([UInt64])
    /// Ascending basket numbers.
    case list([Int32])
  }

  /// An item that extends the current set.
  struct Member: Sendable {
    let item: Int32
    let count: Int
    let baskets: BasketSet
  }

  /// The frequent items, rarest first.
  let roots: [Member]
  let minimumCount: Int
  let maximumLength: Int

  /// The frequent sets whose rarest item is the root at `place`; stops after `limit + 1` of them.
  func itemsets(from place: Int, limit: Int) -> [FrequentItemsets.Itemset] {
    var found = [FrequentItemsets.Itemset(items: [roots[place].item], count: roots[place].count)]
    guard maximumLength > 1 else { return found }
    let extensions = extended(roots[place], by: roots[(place + 1)...])
    extend([roots[place].item], extensions, limit, &found)
    return found
  }

  private func extend(
    _ prefix: [Int32],
    _ members: [Member],
    _ limit: Int,
    _ found: inout [FrequentItemsets.Itemset]
  ) {
    for (place, member) in members.enumerated() {
      guard found.count <= limit else { return }
      let items = prefix + [member.item]
      found.append(.init(items: items.sorted(), count: member.count))
      guard items.count < maximumLength, place + 1 < members.count else { continue }
      let next = extended(member, by: members[(place + 1)...])
      if !next.isEmpty { extend(items, next, limit, &found) }
    }
  }

  private func extended(_ member: Member, by others: ArraySlice<Member>) -> [Member] {
    var result: [Member] = []
    for other in others {
      switch (member.baskets, other.baskets) {
      case (.bitmap(let left), .bitmap(let right)):
        let count = commonCount(left.span, right.span)
        guard count >= minimumCount else { continue }
        result.append(
          Member(
            item: other.item,
            count: count,
            baskets: .bitmap(intersection(left.span, right.span))
          )
        )
      case (.list(let left), .list(let right)):
        let common = merged(left.span, right.span)
        guard common.count >= minimumCount else { continue }
        result.append(Member(item: other.item, count: common.count, baskets: .list(common)))
      default: preconditionFailure("basket sets of one kind")
      }
    }
    return result
  }
}

/// The number of bits that both bitmaps have.
private func commonCount(_ left: Span<UInt64>, _ right: Span<UInt64>) -> Int {
  var count = 0
  for word in left.indices { count &+= (left[word] & right[word]).nonzeroBitCount }
  return count
}

/// The bits that both bitmaps have.
private func intersection(_ left: Span<UInt64>, _ right: Span<UInt64>) -> [UInt64] {
  var words = [UInt64](repeating: 0, count: left.count)
  var output = words.mutableSpan
  for word in left.indices { output[word] = left[word] & right[word] }
  return words
}

/// The numbers that both ascending lists hold.
private func merged(_ left: Span<Int32>, _ right: Span<Int32>) -> [Int32] {
  var common: [Int32] = []
  var (i, j) = (0, 0)
  while i < left.count, j < right.count {
    if left[i] == right[j] {
      common.append(left[i])
      i += 1
      j += 1
    } else if left[i] < right[j] {
      i += 1
    } else {
      j += 1
    }
  }
  return common
}
