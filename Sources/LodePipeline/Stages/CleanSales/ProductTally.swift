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
  }

  /// The products by the bytes of their codes.
  private var products: [[UInt8]: Product] = [:]

  /// Adds what a part of the sales says of a product.
  mutating func add(_ code: [UInt8], _ product: Product) {
    guard var known = products[code] else {
      products[code] = product
      return
    }
    if product.place < known.place {
      (known.place, known.category, known.kind) = (product.place, product.category, product.kind)
    }
    known.names.merge(product.names) { left, right in
      Count(place: min(left.place, right.place), rows: left.rows + right.rows)
    }
    products[code] = known
  }

  /// Adds what another part of the sales says.
  mutating func add(_ other: ProductTally) {
    for (code, product) in other.products { add(code, product) }
  }

  /// One row a product code: its most frequent description (of equals the one met first), category
  /// and kind, in byte order of the codes.
  func table() -> Table {
    var (ids, names, categories, kinds) =
      (ColumnBuilder(.text), ColumnBuilder(.text), ColumnBuilder(.text), ColumnBuilder(.text))
    func text(_ bytes: [UInt8]?) -> String? { bytes.map { String(decoding: $0, as: UTF8.self) } }
    for code in products.keys.sorted(by: { $0.lexicographicallyPrecedes($1) }) {
      guard let product = products[code] else { continue }
      let best = product.names.max { left, right in
        (left.value.rows, right.value.place) < (right.value.rows, left.value.place)
      }
      ids.append(text: text(code))
      names.append(text: text(best?.key))
      categories.append(text: text(product.category))
      kinds.append(text: product.kind)
    }
    return Table(
      Schema([
        Field("product_id", .text), Field("name", .text), Field("category", .text),
        Field("kind", .text),
      ]),
      [ids.build(), names.build(), categories.build(), kinds.build()]
    )
  }
}
