public import LodeColumns

/// What was bought together: one list of distinct items a basket.
public struct Baskets: Sendable, Hashable {
  /// The names of all items in byte order; an item's code is its place here.
  public let itemNames: [String]
  /// Where each basket starts in ``items``, and one more: the end of the last.
  public let offsets: [Int]
  /// The item codes of all baskets, ascending and distinct within a basket.
  public let items: [Int32]

  /// The number of baskets.
  public var count: Int { offsets.count - 1 }

  /// Baskets given as lists of item names; repeated items count once.
  public init(_ baskets: [[String]]) {
    let names = Set(baskets.joined())
      .sorted {
        Array($0.utf8).lexicographicallyPrecedes(Array($1.utf8))
      }
    let codes = Dictionary(uniqueKeysWithValues: names.enumerated().map { ($1, Int32($0)) })
    self.init(itemNames: names, lists: baskets.map { $0.compactMap { codes[$0] } })
  }

  /// Baskets from rows of (basket, item), as an order-line table has them.
  ///
  /// Baskets come in order of first occurrence. Rows without a basket or an item are left out.
  ///
  /// - Parameters:
  ///   - table: one row a line.
  ///   - basket: the column that tells baskets apart, of any type but double.
  ///   - item: the text column of items.
  /// - Throws: ``FeatureError`` for unknown columns, and for items that are no text.
  public init(_ table: Table, basket: String, item: String) throws(FeatureError) {
    guard let basketColumn = table.column(basket) else {
      throw .unknownColumn(name: basket, known: table.schema.names)
    }
    guard let itemColumn = table.column(item) else {
      throw .unknownColumn(name: item, known: table.schema.names)
    }
    guard itemColumn.type == .text else { throw .notText(column: item) }
    let ranks = itemColumn.dictionary.ranks()
    let codes = itemColumn.codes
    var lists: [[Int32]] = []
    var places: [Int64: Int] = [:]
    let keys = Self.keys(basketColumn)
    for row in 0..<table.rowCount
    where !basketColumn.isMissing(row) && !itemColumn.isMissing(row) {
      let place = places[keys[row]] ?? lists.count
      if place == lists.count {
        places[keys[row]] = place
        lists.append([])
      }
      lists[place].append(Int32(ranks[Int(codes[row])]))
    }
    let dictionary = itemColumn.dictionary
    var names = [String](repeating: "", count: dictionary.count)
    for code in 0..<dictionary.count { names[ranks[code]] = dictionary[code] }
    self.init(itemNames: names, lists: lists)
  }

  private init(itemNames: [String], lists: [[Int32]]) {
    var offsets = [0]
    var items: [Int32] = []
    for list in lists {
      var last: Int32 = -1
      for code in list.sorted() where code != last {
        items.append(code)
        last = code
      }
      offsets.append(items.count)
    }
    self.itemNames = itemNames
    self.offsets = offsets
    self.items = items
  }

  private static func keys(_ column: Column) -> [Int64] {
    switch column.storage {
    case .integers(let cells): cells
    case .texts(let codes, _): codes.map { Int64($0) }
    case .booleans(let cells): cells.map { $0 ? 1 : 0 }
    case .doubles(let cells): cells.map { Int64(bitPattern: $0.bitPattern) }
    }
  }
}
