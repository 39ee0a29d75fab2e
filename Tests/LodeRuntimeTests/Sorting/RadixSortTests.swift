import Testing

@testable import LodeRuntime

@Suite("Sorting by digits")
struct RadixSortTests {
  /// Numbers with repeats, signs, zeros of both signs, infinities and NaN.
  private static func numbers(_ count: Int, seed: UInt64) -> [Double] {
    var random = CounterRandom(seed: seed)
    return (0..<count)
      .map { place in
        switch place % 7 {
        case 0: Double(random.next() % 9) - 4
        case 1: -0.0
        case 2: place % 14 == 2 ? .infinity : -.infinity
        case 3: place % 21 == 3 ? .nan : Double.leastNonzeroMagnitude
        default: Double(bitPattern: random.next())
        }
      }
  }

  @Test("numbers come out as by comparison, NaN last", arguments: [0, 1, 2, 40, 513, 5000])
  func sorted(count: Int) {
    let numbers = Self.numbers(count, seed: 5)
    let sorted = RadixSort.sorted(numbers)
    let plain = numbers.filter { !$0.isNaN }.map { $0 + 0 }.sorted()
    #expect(sorted.prefix(plain.count).elementsEqual(plain))
    #expect(sorted.count == count && sorted.dropFirst(plain.count).allSatisfy(\.isNaN))
  }

  @Test("places of equal numbers keep their order, NaN is last", arguments: [3, 700])
  func order(count: Int) {
    let numbers = Self.numbers(count, seed: 9)
    let expected = numbers.indices.sorted { left, right in
      let (a, b) = (numbers[left], numbers[right])
      if a.isNaN || b.isNaN { return a.isNaN == b.isNaN ? left < right : b.isNaN }
      return a == b ? left < right : a < b
    }
    #expect(RadixSort.order(of: numbers).map { Int($0) } == expected)
  }

  @Test("counts and amounts in hundredths are ordered as all numbers are", arguments: [1.0, 100])
  func wholeNumbers(perUnit: Double) {
    var random = CounterRandom(seed: 3)
    for limit in [10, 5000, 1 << 39] as [UInt64] {
      var numbers = (0..<600).map { _ in (Double(random.next() % limit) - 4) / perUnit }
      numbers += [0, -0.0, 0]
      let expected = numbers.indices.sorted { (numbers[$0], $0) < (numbers[$1], $1) }
      #expect(RadixSort.order(of: numbers).map { Int($0) } == expected)
      // One number of another kind, and all are ordered by their bits.
      numbers[300] = .pi
      let mixed = numbers.indices.sorted { (numbers[$0], $0) < (numbers[$1], $1) }
      #expect(RadixSort.order(of: numbers).map { Int($0) } == mixed)
    }
  }

  @Test("the number at a place is that of the sorted list", arguments: [1, 40, 513, 5000])
  func element(count: Int) {
    let numbers = Self.numbers(count, seed: 7)
    let sorted = RadixSort.sorted(numbers)
    for rank in Set([0, count / 3, count / 2, count - 2, count - 1]) where rank >= 0 {
      let (found, expected) = (RadixSort.element(rank, of: numbers), sorted[rank])
      #expect(found == expected || found.isNaN && expected.isNaN)
    }
    let equal = [Double](repeating: 2.5, count: 2000)
    #expect(RadixSort.element(1000, of: equal) == 2.5)
  }

  @Test(
    "places by several keys are those of a comparison, whatever order they come in",
    arguments: ["by the other keys", "by chance", "by the other keys but one"]
  )
  func severalKeys(order: String) {
    var random = CounterRandom(seed: 5)
    let count = 2000
    var keys = (0..<3).map { _ in (0..<count).map { _ in Int64(random.integer(below: 40)) } }
    if order != "by chance" {
      // As the lines of a log: by time and line, customers in any order.
      keys[1] = (0..<count).map { Int64($0 / 3) }
      keys[2] = (0..<count).map { Int64($0) }
    }
    if order == "by the other keys but one" {
      // The last two rows are of one customer and one time, and stand the wrong way round.
      keys[0][count - 1] = keys[0][count - 2]
      keys[2].swapAt(count - 2, count - 1)
    }
    var places = (0..<count).map { UInt32($0) }
    let wanted = places.sorted { left, right in
      let pairs = keys.map { ($0[Int(left)], $0[Int(right)]) } + [(Int64(left), Int64(right))]
      return pairs.first { $0.0 != $0.1 }.map { $0.0 < $0.1 } ?? false
    }
    RadixSort.sort(&places, by: keys)
    #expect(places == wanted)
  }
}
