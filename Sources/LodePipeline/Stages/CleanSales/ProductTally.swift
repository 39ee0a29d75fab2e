internal import LodeColumns

/// What sales say of each product code, to be joined from several parts of the sales.
struct ProductTally: Sendable {
  /// How often something was met, and where first.
  struct Count: Sendable {
    /// Where it was met first.
    var place: RawPlace
    var rows = 0
  }

  /// One product code.
  struct Product: Sendable {
    /// Where its first sale was read, which gives category and kind.
    var place: RawPlace
    var category: [UInt8]?
    var kind: String
    /// How often it is called what.
    var names: [[UInt8]: Count]

    /// Adds what another part of the sales says of the same product.
    fileprivate mutating func add(_ other: Product) {
      if other.place < place {
        (place, category, kind) = (other.place, other.category, other.kind)
      }
      names.merge(other.names) { left, right in
        Count(place: min(left.place, right.place), rows: left.rows + right.rows)
      }
    }
  }

  /// The product codes; they may be more than those that were sold.
  private let ids: TextDictionary
  /// What is known of each code; nil if nothing is.
  private let products: [Product?]

  /// What a part of the sales says: nil of each code that it does not hold.
  init(_ ids: TextDictionary, _ products: [Product?]) {
    self.ids = ids
    self.products = products
  }

  /// What several parts of the sales say.
  ///
  /// - Complexity: O(codes of all parts).
  init(joining parts: [ProductTally]) {
    var ids = TextDictionaryBuilder()
    var products: [Product?] = []
    for part in parts {
      let places = ids.codes(for: part.ids).map { Int($0) }
      products += Array(repeating: nil, count: ids.count - products.count)
      for (place, product) in zip(places, part.products) {
        guard let product else { continue }
        products[place]?.add(product)
        if products[place] == nil { products[place] = product }
      }
    }
    self.init(ids.build(), products)
  }

  /// One row a product code: its most frequent description (of equals the one met first), category
  /// and kind, in byte order of the codes.
  func table() -> Table {
    var (codes, names, categories, kinds) =
      (ColumnBuilder(.text), ColumnBuilder(.text), ColumnBuilder(.text), ColumnBuilder(.text))
    func text(_ bytes: [UInt8]?) -> String? { bytes.map { String(decoding: $0, as: UTF8.self) } }
    let ranks = ids.ranks()
    for code in products.indices.sorted(by: { ranks[$0] < ranks[$1] }) {
      guard let product = products[code] else { continue }
      let best = product.names.max { left, right in
        (left.value.rows, right.value.place) < (right.value.rows, left.value.place)
      }
      codes.append(text: String(decoding: ids.utf8(code), as: UTF8.self))
      names.append(text: text(best?.key))
      categories.append(text: text(product.category))
      kinds.append(text: product.kind)
    }
    return Table(
      Schema([
        Field("product_id", .text), Field("name", .text), Field("category", .text),
        Field("kind", .text),
      ]),
      [codes.build(), names.build(), categories.build(), kinds.build()]
    )
  }
}
