internal import LodeColumns
internal import LodeCustomer
internal import LodeRuntime

/// Builds the clean tables from the rows that passed.
struct CleanSalesTables {
  let rows: SalesRows
  let classification: SalesClassification
  /// The rows of sales, rising.
  let sales: [Int]
  /// The rows of returns, rising.
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

  /// One row a sold line, products and other kinds, by customer, time and line.
  func orderLines() -> Table {
    // Mostly every row is a sale, and no cell has to be copied.
    let areAll = sales.count == rows.count
    func sold(_ column: Column) -> Column { areAll ? column : column.gathering(sales) }
    func sold(_ numbers: [Int64]) -> [Int64] { areAll ? numbers : sales.map { numbers[$0] } }
    return Table(
      Schema([
        Field("customer_id", .text), Field("order_id", .text), Field("ordered_at", .timestamp),
        Field("product_id", .text), Field("category", .text), Field("channel", .text),
        Field("country", .text), Field("kind", .text), Field("quantity", .integer),
        Field("unit_price", money), Field("amount", money), Field("_file", .text),
        Field("_line", .integer),
      ]),
      [
        sold(rows.customer), sold(rows.order), Column(.timestamp, integers: sold(rows.time)),
        sold(rows.product), sold(rows.category), sold(rows.channel), sold(rows.country),
        kinds(sales), Column(integers: sold(rows.quantity)),
        Column(money, integers: sold(rows.price)),
        Column(money, integers: sales.map { rows.price[$0] * rows.quantity[$0] }),
        sold(rows.file), sold(rows.line),
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
  ///
  /// - Parameter lines: as of ``orderLines()``: those of a customer stand together by time.
  /// - Returns: the orders in the order of their first lines.
  /// - Throws: nothing with lines as of ``orderLines()``.
  func orders(of lines: Table) throws(Diagnostic) -> Table {
    let orders = try OrderPlaces(lines)
    var count = [Int64](repeating: 0, count: orders.firstLines.count)
    var units = count
    var amounts = count
    let amount = try lines.requiredColumn("amount").integers
    let quantity = try lines.requiredColumn("quantity").integers
    // Kind 0 is the product, as in `kinds(_:)`.
    let kinds = try lines.requiredColumn("kind").codes
    for (line, order) in orders.orderOfLine.enumerated() where kinds[line] == 0 {
      count[Int(order)] += 1
      units[Int(order)] += quantity[line]
      amounts[Int(order)] += amount[line]
    }
    let header =
      try lines
      .selecting(["customer_id", "order_id", "ordered_at", "channel", "country"])
      .gathering(orders.firstLines)
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
    var names: [[UInt32: (first: Int, rows: Int)]] =
      Array(repeating: [:], count: rows.product.dictionary.count)
    // The first are those that were read first.
    let rawRows = rows.rawRows
    var firstRow = [Int](repeating: -1, count: names.count)
    let hasProduct = rows.product.validity
    let hasDescription = rows.description.missingCount < rows.count
    for row in sales where hasProduct?[row] ?? true {
      let code = Int(codes[row])
      if firstRow[code] < 0 || rawRows[row] < rawRows[firstRow[code]] { firstRow[code] = row }
      guard hasDescription, !rows.description.isMissing(row) else { continue }
      var name = names[code][descriptions[row]] ?? (row, 0)
      if rawRows[row] < rawRows[name.first] { name.first = row }
      name.rows += 1
      names[code][descriptions[row]] = name
    }
    let category = rows.category
    return ProductTally(
      rows.product.dictionary,
      firstRow.indices.map { code in
        let row = firstRow[code]
        guard row >= 0 else { return nil }
        return ProductTally.Product(
          place: rows.place(row),
          category: category.isMissing(row)
            ? nil : Array(category.dictionary.utf8(Int(category.codes[row]))),
          kind: classification.kinds[Int(classification.kindOfRow[row])],
          names: Dictionary(
            uniqueKeysWithValues: names[code]
              .map { name, count in
                (
                  Array(rows.description.dictionary.utf8(Int(name))),
                  ProductTally.Count(place: rows.place(count.first), rows: count.rows)
                )
              }
          )
        )
      }
    )
  }

  private func kinds(_ rowsToTell: [Int]) -> Column {
    var builder = TextDictionaryBuilder()
    for kind in classification.kinds { _ = builder.code(for: kind) }
    let codes = rowsToTell.map { classification.kindOfRow[$0] }
    return Column(type: .text, storage: .texts(codes: codes, dictionary: builder.build()))
  }
}

/// Which order of its customer each line belongs to.
private struct OrderPlaces {
  /// A place in `firstLines` for each line.
  let orderOfLine: [UInt32]
  /// The first line of each order.
  let firstLines: [Int]

  /// The orders of lines that stand together by customer; each of them has an order id.
  ///
  /// - Complexity: O(`lines.rowCount` + distinct order ids).
  init(_ lines: Table) throws(Diagnostic) {
    let customer = try lines.requiredColumn("customer_id")
    let (customers, isKnown) = (customer.codes, customer.validity)
    let order = try lines.requiredColumn("order_id")
    let ids = order.codes
    // The last order with an id, counted from 1: it serves while the customer is the same.
    var lastOfID = [UInt32](repeating: 0, count: order.dictionary.count)
    var firstOfCustomer: UInt32 = 0
    var places = [UInt32](repeating: 0, count: lines.rowCount)
    var firstLines: [Int] = []
    func isOfSameCustomer(_ line: Int) -> Bool {
      if let isKnown, !(isKnown[line] && isKnown[line - 1]) {
        return isKnown[line] == isKnown[line - 1]
      }
      return customers[line] == customers[line - 1]
    }
    for line in 0..<lines.rowCount {
      if line == 0 || !isOfSameCustomer(line) { firstOfCustomer = UInt32(firstLines.count) }
      let id = Int(ids[line])
      if lastOfID[id] <= firstOfCustomer {
        firstLines.append(line)
        lastOfID[id] = UInt32(firstLines.count)
      }
      places[line] = lastOfID[id] - 1
    }
    orderOfLine = places
    self.firstLines = firstLines
  }
}
