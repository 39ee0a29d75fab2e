internal import LodeRuntime

/// The distinct texts of a column, each with a code: its place in order of first occurrence.
///
/// The bytes of all texts lie in one array, so a column of a million ids is two allocations.
public struct TextDictionary: Sendable, Hashable {
  /// The UTF-8 bytes of all texts, one after the other.
  public let bytes: [UInt8]
  /// Where each text starts, and one more: the end of the last.
  public let offsets: [Int]

  /// A dictionary over bytes and offsets that a builder or a file made.
  public init(bytes: [UInt8], offsets: [Int]) {
    precondition(
      offsets.first == 0 && offsets.last == bytes.count,
      "offsets of a text dictionary cover its bytes"
    )
    self.bytes = bytes
    self.offsets = offsets
  }

  /// The number of texts.
  public var count: Int { offsets.count - 1 }

  /// The text with the given code.
  public subscript(code: Int) -> String {
    String(decoding: bytes[offsets[code]..<offsets[code + 1]], as: UTF8.self)
  }

  /// All texts in code order.
  public var texts: [String] { (0..<count).map { self[$0] } }

  /// The bytes of the text with the given code.
  public func utf8(_ code: Int) -> ArraySlice<UInt8> {
    bytes[offsets[code]..<offsets[code + 1]]
  }

  /// The rank of each code when texts are ordered by their bytes.
  ///
  /// - Complexity: O(`count`), and comparisons only among texts of equal first eight bytes.
  public func ranks() -> [Int] {
    var order = (0..<count).map { UInt32(truncatingIfNeeded: $0) }
    let heads = (0..<count).map { Int64(bitPattern: head($0) ^ 0x8000_0000_0000_0000) }
    RadixSort.sort(&order, by: heads)
    var start = 0
    while start < count {
      var end = start + 1
      while end < count, heads[Int(order[end])] == heads[Int(order[start])] { end += 1 }
      if end - start > 1 {
        order[start..<end]
          .sort { utf8(Int($0)).lexicographicallyPrecedes(utf8(Int($1))) }
      }
      start = end
    }
    var ranks = [Int](repeating: 0, count: count)
    for (rank, code) in order.enumerated() { ranks[Int(code)] = rank }
    return ranks
  }

  /// The first eight bytes of a text as a number that orders as they do, filled up with zeros.
  private func head(_ code: Int) -> UInt64 {
    var head: UInt64 = 0
    let end = offsets[code + 1]
    for place in offsets[code]..<offsets[code] + 8 {
      head = head << 8 | (place < end ? UInt64(bytes[place]) : 0)
    }
    return head
  }

  /// The code of `text`, or nil if no cell holds it.
  ///
  /// - Complexity: O(`count`).
  public func code(of text: String) -> Int? {
    let wanted = Array(text.utf8)
    return (0..<count).first { utf8($0).elementsEqual(wanted) }
  }
}
