internal import LodeColumns
internal import LodeCustomer
internal import LodeRuntime

/// Builds the clean tables from the rows that passed.
struct CleanSalesTables {
  let rows: SalesRows
  let classification: SalesClassification
  /// The raw rows of sales, in raw order.
  let sales: [Int]
  /// The raw rows of returns, in raw order.
  let returns: [Int]

  init(
    _ rows: SalesRows,
    _ classification: SalesClassification,
    sales: [Int],
    returns: [Int]
  ) {
    self.rows = rows
    self.classification = classification
    self.sales = sales
    self.returns = returns
  }

  private var money: ColumnType { .money(scale: rows.scale) }

  /// The matches of returns to sales, as places in `returns` and `sales`.
  func matches() -> [ReturnMatching.Match] {
    guard !returns.isEmpty else { return [] }
    let customers = rows.customer.codes
    let products = rows.product.codes
    // Rows without a product match each other only, never the product with code 0.
    let keys = (0..<rows.count)
      .map { row in
        Int(customers[row]) << 32 | (rows.product.isMissing(row) ? 0 : Int(products[row]) + 1)
      }
    func movement(_ row: Int) -> ReturnMatching.Movement {
      let isKnown = !rows.customer.isMissing(row)
      return ReturnMatching.Movement(
        key: isKnown ? keys[row] : -1 - row,
        time: rows.time[row],
        quantity: abs(rows.quantity[row])
      )
    }
    return ReturnMatching.matches(
      returns: returns.map(movement),
      sales: sales.map(movement)
    )
  }

  /// The sales by customer, time and line.
  func sortedSales() throws(Diagnostic) -> [Int] {
    try Table([
      "customer": rows.customer, "at": Column(.timestamp, integers: rows.time), "line": rows.line,
    ])
    .sorted(sales, by: [SortKey("customer"), SortKey("at"), SortKey("line")])
  }

  /// One row a sold line, products and other kinds.
  ///
  /// - Parameter sales: the raw rows of the sales, in the order of the lines.
  /// - Returns: the lines.
  func orderLines(_ sales: [Int]) -> Table {
    Table(
      Schema([
        Field("customer_id", .text), Field("order_id", .text), Field("ordered_at", .timestamp),
        Field("product_id", .text), Field("category", .text), Field("channel", .text),
        Field("country", .text), Field("kind", .text), Field("quantity", .integer),
        Field("unit_price", money), Field("amount", money), Field("_file", .text),
        Field("_line", .integer),
      ]),
      [
        rows.customer.gathering(sales), rows.order.gathering(sales),
        Column(.timestamp, integers: sales.map { rows.time[$0] }),
        rows.product.gathering(sales), rows.category.gathering(sales),
        rows.channel.gathering(sales), rows.country.gathering(sales), kinds(sales),
        Column(integers: sales.map { rows.quantity[$0] }),
        Column(money, integers: sales.map { rows.price[$0] }),
        Column(money, integers: sales.map { rows.price[$0] * rows.quantity[$0] }),
        rows.file.gathering(sales), rows.line.gathering(sales),
      ]
    )
  }

  /// One row a returned or cancelled line, quantities and amounts positive.
  func returnLines(_ matches: [ReturnMatching.Match]) -> Table {
    var matched = [Int64](repeating: 0, count: returns.count)
    for match in matches { matched[match.returnIndex] += match.quantity }
    return Table(
      Schema([
        Field("customer_id", .text), Field("return_id", .text), Field("returned_at", .timestamp),
        Field("product_id", .text), Field("kind", .text), Field("quantity", .integer),
        Field("unit_price", money), Field("amount", money), Field("matched_quantity", .integer),
        Field("_file", .text), Field("_line", .integer),
      ]),
      [
        rows.customer.gathering(returns), rows.order.gathering(returns),
        Column(.timestamp, integers: returns.map { rows.time[$0] }),
        rows.product.gathering(returns), kinds(returns),
        Column(integers: returns.map { -rows.quantity[$0] }),
        Column(money, integers: returns.map { rows.price[$0] }),
        Column(money, integers: returns.map { -rows.price[$0] * rows.quantity[$0] }),
        Column(integers: matched), rows.file.gathering(returns), rows.line.gathering(returns),
      ]
    )
  }

  /// One row for the units of one return taken from one sale; the amount is that of the sale.
  func matchTable(_ matches: [ReturnMatching.Match]) -> Table {
    let saleRows = matches.map { sales[$0.saleIndex] }
    let returnRows = matches.map { returns[$0.returnIndex] }
    let amounts = zip(matches, saleRows).map { $0.quantity * rows.price[$1] }
    return Table(
      Schema([
        Field("customer_id", .text), Field("order_id", .text), Field("return_id", .text),
        Field("product_id", .text), Field("kind", .text), Field("returned_at", .timestamp),
        Field("quantity", .integer), Field("amount", money), Field("sale_line", .integer),
        Field("return_line", .integer),
      ]),
      [
        rows.customer.gathering(saleRows), rows.order.gathering(saleRows),
        rows.order.gathering(returnRows), rows.product.gathering(saleRows), kinds(saleRows),
        Column(.timestamp, integers: returnRows.map { rows.time[$0] }),
        Column(integers: matches.map(\.quantity)), Column(money, integers: amounts),
        rows.line.gathering(saleRows), rows.line.gathering(returnRows),
      ]
    )
  }

  /// One row an order of a customer: its first time, its lines, units and gross amount (products
  /// only).
  func orders(of lines: Table) throws(Diagnostic) -> Table {
    let grouping = try lines.grouping(by: ["customer_id", "order_id"])
    var count = [Int64](repeating: 0, count: grouping.count)
    var units = count
    var amounts = count
    let amount = try lines.requiredColumn("amount").integers
    let quantity = try lines.requiredColumn("quantity").integers
    // Kind 0 is the product, as in `kinds(_:)`.
    let kinds = try lines.requiredColumn("kind").codes
    for row in 0..<lines.rowCount where kinds[row] == 0 {
      let group = Int(grouping.groupOfRow[row])
      count[group] += 1
      units[group] += quantity[row]
      amounts[group] += amount[row]
    }
    let times = try lines.requiredColumn("ordered_at").integers
    var earliest = grouping.firstRows
    for (row, group) in grouping.groupOfRow.enumerated()
    where times[row] < times[earliest[Int(group)]] {
      earliest[Int(group)] = row
    }
    let header =
      try lines
      .selecting(["customer_id", "order_id", "ordered_at", "channel", "country"])
      .gathering(earliest)
    return
      header
      .setting(Field("lines", .integer), Column(integers: count))
      .setting(Field("units", .integer), Column(integers: units))
      .setting(Field("gross", money), Column(money, integers: amounts))
  }

  /// What the sales say of each product code.
  func products() -> ProductTally {
    let codes = rows.product.codes
    let descriptions = rows.description.codes
    var names: [[UInt32: ProductTally.Count]] =
      Array(repeating: [:], count: rows.product.dictionary.count)
    var firstRow = [Int](repeating: -1, count: names.count)
    for row in sales where !rows.product.isMissing(row) {
      let code = Int(codes[row])
      if firstRow[code] < 0 { firstRow[code] = row }
      guard !rows.description.isMissing(row) else { continue }
      names[code][descriptions[row], default: ProductTally.Count(place: rows.place(row))].rows += 1
    }
    var tally = ProductTally()
    for code in firstRow.indices where firstRow[code] >= 0 {
      let row = firstRow[code]
      let category = rows.category
      tally.add(
        Array(rows.product.dictionary.utf8(code)),
        ProductTally.Product(
          place: rows.place(row),
          category: category.isMissing(row)
            ? nil : Array(category.dictionary.utf8(Int(category.codes[row]))),
          kind: classification.kinds[classification.kindOfRow[row]],
          names: Dictionary(
            uniqueKeysWithValues: names[code]
              .map { name, count in
                (Array(rows.description.dictionary.utf8(Int(name))), count)
              }
          )
        )
      )
    }
    return tally
  }

  private func kinds(_ rowsToTell: [Int]) -> Column {
    var builder = TextDictionaryBuilder()
    for kind in classification.kinds { _ = builder.code(for: kind) }
    let codes = rowsToTell.map { UInt32(classification.kindOfRow[$0]) }
    return Column(type: .text, storage: .texts(codes: codes, dictionary: builder.build()))
  }
}
