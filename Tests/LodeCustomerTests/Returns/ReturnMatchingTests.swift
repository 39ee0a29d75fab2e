import LodeCustomer
import LodeRuntime
import Testing

@Suite("Matching returns to sales")
struct ReturnMatchingTests {
  private func movement(_ time: Int64, _ quantity: Int64, key: Int = 0) -> ReturnMatching.Movement {
    ReturnMatching.Movement(key: key, time: time, quantity: quantity)
  }

  private func matches(
    _ returns: [ReturnMatching.Movement],
    _ sales: [ReturnMatching.Movement]
  ) -> [[Int]] {
    ReturnMatching.matches(returns: returns, sales: sales)
      .map { [$0.returnIndex, $0.saleIndex, Int($0.quantity)] }
  }

  @Test("a return takes the latest earlier sale of exactly its quantity")
  func exact() {
    let sales = [movement(1, 3), movement(2, 3), movement(3, 10)]
    #expect(matches([movement(5, 3)], sales) == [[0, 1, 3]])
  }

  @Test("without an equal sale it takes the latest with enough left")
  func enough() {
    let sales = [movement(1, 9), movement(2, 8), movement(3, 2)]
    #expect(matches([movement(5, 4)], sales) == [[0, 1, 4]])
  }

  @Test("a return larger than every sale is split, the latest sale first")
  func split() {
    let sales = [movement(1, 4), movement(2, 3), movement(3, 2)]
    #expect(matches([movement(5, 7)], sales) == [[0, 2, 2], [0, 1, 3], [0, 0, 2]])
  }

  @Test("what finds no sale stays open: before the sale, another product, nothing left")
  func unmatched() {
    #expect(matches([movement(4, 1)], [movement(5, 1)]).isEmpty)
    #expect(matches([movement(9, 1, key: 1)], [movement(5, 1)]).isEmpty)
    #expect(matches([movement(6, 5)], [movement(5, 3)]) == [[0, 0, 3]])
    let twice = [movement(6, 1), movement(7, 1)]
    #expect(matches(twice, [movement(5, 1)]) == [[0, 0, 1]])
    #expect(matches([], [movement(1, 1)]).isEmpty)
  }

  @Test("earlier returns are served first, whatever their place in the file")
  func order() {
    let returns = [movement(9, 2), movement(6, 2)]
    #expect(matches(returns, [movement(5, 2)]) == [[1, 0, 2]])
  }

  @Test("no unit is returned twice, none before its sale", arguments: 0..<50 as Range<UInt64>)
  func laws(seed: UInt64) {
    var random = CounterRandom(seed: seed)
    func movements(_ count: Int) -> [ReturnMatching.Movement] {
      (0..<count)
        .map { _ in
          movement(
            Int64(random.integer(below: 40)),
            Int64(random.integer(below: 6) + 1),
            key: random.integer(below: 4)
          )
        }
    }
    let sales = movements(40)
    let returns = movements(25)
    var sold = [Int64](repeating: 0, count: sales.count)
    var returned = [Int64](repeating: 0, count: returns.count)
    for match in ReturnMatching.matches(returns: returns, sales: sales) {
      let (sale, back) = (sales[match.saleIndex], returns[match.returnIndex])
      #expect(match.quantity > 0 && sale.key == back.key && sale.time <= back.time)
      sold[match.saleIndex] += match.quantity
      returned[match.returnIndex] += match.quantity
    }
    #expect(zip(sold, sales).allSatisfy { $0 <= $1.quantity })
    #expect(zip(returned, returns).allSatisfy { $0 <= $1.quantity })
    // A return stays open only if nothing it could take is left at the end.
    for (index, back) in returns.enumerated() where returned[index] < back.quantity {
      let left = sales.indices.filter { sale in
        sales[sale].key == back.key && sales[sale].time <= back.time
          && sold[sale] < sales[sale].quantity
      }
      #expect(left.isEmpty)
    }
  }
}
