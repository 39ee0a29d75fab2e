internal import LodeRuntime

/// All orders of the shop in time order, with their ids.
struct SampleLedger: Sendable {
  /// One order and who made it; no customer for guests and the bank.
  struct Entry: Sendable {
    let order: SampleOrder
    let customer: Int?
    let id: String
  }

  let entries: [Entry]

  init(_ shop: SampleShop, _ histories: [SampleHistory]) {
    var all: [(order: SampleOrder, customer: Int?)] = []
    for history in histories {
      for order in history.orders { all.append((order, history.customer)) }
    }
    let days = Parallel.map(shop.calendar.dayCount) { day in
      shop.guestOrders(onDay: day) + shop.bankCharges(onDay: day)
    }
    for order in days.joined() { all.append((order, nil)) }
    let places = all.indices.sorted { left, right in
      (all[left].order.second, left) < (all[right].order.second, right)
    }
    entries = places.enumerated()
      .map { number, place in
        let order = all[place].order
        let prefix = order.kind == .credit ? "C" : ""
        return Entry(
          order: order,
          customer: all[place].customer,
          id: prefix + String(100_001 + number)
        )
      }
  }

  /// `order_lines.csv`, with its dirt counted in the truth.
  func orderLinesFile(_ shop: SampleShop, _ truth: inout SampleTruth) -> SampleFile {
    let chunks = Parallel.map(rows: entries.count, chunkSize: 1024) { range in
      var writer = SampleLineWriter(shop)
      for place in range { writer.write(entries[place], place: place) }
      return writer
    }
    var text = SampleText(
      header: "order_id,line_no,customer_id,ordered_at,channel,product_id,description,category,"
        + "quantity,unit_price,campaign_code"
    )
    var tally = SampleTally()
    for chunk in chunks {
      text.append(chunk.text)
      tally.merge(chunk.tally)
    }
    for _ in 0..<3 { text.blankLine() }
    tally.add("trailing_blank_line", 3)
    truth.record("order_lines.csv", rows: text.rowCount, tally)
    return SampleFile(name: "order_lines.csv", bytes: text.bytes)
  }
}

/// Writes order lines, and adds the documented dirt between them.
///
/// Faulty rows are additional: each copies a product line of its order under a new line number and
/// spoils one field, so the true revenue is what is left without the faulty and repeated rows.
struct SampleLineWriter: Sendable {
  private let shop: SampleShop
  private(set) var text = SampleText()
  private(set) var tally = SampleTally()

  /// Share of orders that get a faulty row of each kind.
  private static let faults: [(kind: String, share: Double)] = [
    ("impossible_date", 0.0009), ("future_date", 0.0007), ("zero_price", 0.0016),
    ("negative_price", 0.0008), ("non_numeric_quantity", 0.0009),
  ]

  /// Share of lines that are written twice.
  private static let duplicateShare = 0.004

  init(_ shop: SampleShop) {
    self.shop = shop
  }

  /// Writes the lines of an order; `place` is its place in time order.
  mutating func write(_ entry: SampleLedger.Entry, place: Int) {
    var random = SamplePurpose.lineDirt.random(seed: shop.seed, index: place)
    for (number, line) in entry.order.lines.enumerated() {
      let fields = fields(entry, line, number: number + 1)
      append(fields)
      if random.uniform() < Self.duplicateShare {
        append(fields)
        tally.add("exact_duplicate")
      }
    }
    guard let line = entry.order.lines.first, case .product = line.item,
      entry.order.kind == .sale
    else { return }
    var number = entry.order.lines.count
    for (index, fault) in Self.faults.enumerated() {
      // The first orders get one fault of each kind, so that even a tiny shop shows all of them.
      let isPlanted = place == 3 + 2 * index
      guard random.uniform() < fault.share || isPlanted else { continue }
      number += 1
      var fields = fields(entry, line, number: number)
      spoil(&fields, fault.kind, &random)
      append(fields)
      tally.add(fault.kind)
    }
  }

  private mutating func append(_ fields: [String]) {
    text.row(fields)
    if fields[2].isEmpty { tally.add("missing_customer_id") }
    if fields[6].contains("\n") { tally.add("embedded_newline") }
    if fields[6].contains("\"") { tally.add("embedded_quote") }
  }

  private func spoil(_ fields: inout [String], _ kind: String, _ random: inout CounterRandom) {
    let choice = random.integer(below: 4)
    switch kind {
    case "impossible_date":
      fields[3] =
        [
          "2026-13-45 10:00:00", "2025-02-30 12:31:00", "0000-00-00 00:00:00",
          "2025-06-15 25:61:00",
        ][choice]
    case "future_date": fields[3] = String(2027 + 2 * choice) + fields[3].dropFirst(4)
    case "zero_price": fields[9] = "0.00"
    case "negative_price": fields[9] = "-" + fields[9]
    default: fields[8] = ["two", "1O", "3 pcs", "#N/A"][choice]
    }
  }

  private func fields(_ entry: SampleLedger.Entry, _ line: SampleLine, number: Int) -> [String] {
    let order = entry.order
    let code: String
    let description: String
    let category: String
    switch line.item {
    case .product(let index):
      let product = shop.catalogue.products[index]
      code = product.id
      description = product.name
      category = SampleCatalogue.categories[product.category]
    case .fee(let fee):
      code = fee.rawValue
      description = fee.description
      category = ""
    }
    return [
      entry.id, String(number), entry.customer.map { shop.id(ofCustomer: $0) } ?? "",
      SampleTime.text(order.second), order.channel?.rawValue ?? "", code, description, category,
      String(line.quantity), euros(line.unitPrice),
      order.campaign.map { shop.campaigns[$0].code } ?? "",
    ]
  }
}
