internal import LodeColumns
internal import LodeRuntime

extension StageInputs {
  /// When each of some customers bought, by the table `order_lines`.
  ///
  /// - Parameters:
  ///   - customers: the ids that are asked for.
  ///   - productsOnly: whether lines of other kinds than `product` are left out.
  /// - Returns: microseconds since 1970 in rising order, one a line; nothing for who never bought.
  /// - Throws: a diagnostic for a column that is not there or a file that cannot be read.
  func orderTimes(
    of customers: Set<String>,
    productsOnly: Bool
  ) throws(Diagnostic) -> [String: [Int64]] {
    let shards = try shards(of: "order_lines")
    let parts = try Parallel.map(shards.count) {
      (index: Int) throws(Diagnostic) -> [String: [Int64]] in
      let lines = try table(
        "order_lines",
        shard: shards[index],
        columns: ["customer_id", "ordered_at", "kind"]
      )
      let customer = try lines.requiredColumn("customer_id").asTexts()
      let wanted = customer.dictionary.texts.map { customers.contains($0) ? $0 : nil }
      let kind = try lines.requiredColumn("kind")
      let isCounted = kind.dictionary.texts.map { !productsOnly || $0 == "product" }
      let times = try lines.requiredColumn("ordered_at").integers
      let (codes, kinds) = (customer.codes, kind.codes)
      var found: [String: [Int64]] = [:]
      for row in 0..<lines.rowCount where !customer.isMissing(row) && isCounted[Int(kinds[row])] {
        guard let id = wanted[Int(codes[row])] else { continue }
        found[id, default: []].append(times[row])
      }
      return found
    }
    var all: [String: [Int64]] = [:]
    for part in parts { all.merge(part) { $0 + $1 } }
    return all.mapValues { $0.sorted() }
  }
}
