internal import LodeColumns
internal import LodeCustomer
internal import LodeFormats
internal import LodeRuntime

/// Everybody who could be on a list, with all that a list may show: one row a customer.
struct Candidates {
  /// Columns of a list that come from a table which not every pipeline makes.
  struct Extra: Sendable {
    let table: String
    /// The name of each column in the list and in the table.
    let columns: [(shown: String, stored: String)]
  }

  /// The columns of a list that stand before those of ``extras``, in order.
  private static let front = [
    "customer_id", "tier", "tier_previous", "rfm", "rfm_group", "segment", "segment_label",
    "value_364d", "value_total", "orders", "days_since_last", "last_order_on", "churn_p",
    "churn_band", "expected_loss",
  ]
  /// What is shown where the tables are there: the value to come, and where a customer stands.
  static let extras = [
    Extra(
      table: "customer_clv",
      columns: ["clv_value", "clv_value_lower", "clv_value_upper"].map { ($0, $0) }
    ),
    Extra(
      table: "lifecycle_states",
      columns: [("lifecycle", "state"), ("lifecycle_next", "next_state")]
    ),
  ]
  private static let back = [
    "offer_product", "offer", "reason_1", "reason_2", "reason_3", "as_of",
  ]
  /// All columns that a list can have, in order.
  static let columns = front + extras.flatMap { $0.columns.map(\.shown) } + back

  private static let values = [
    "tier", "tier_previous", "rfm", "rfm_group", "value_364d", "value_total", "orders",
    "days_since_last", "last_order_on", "as_of",
  ]
  /// What is taken from other tables that every pipeline with lists makes.
  private static let joined: KeyValuePairs = [
    "churn_scores": ["churn_p", "churn_band", "reason_1", "reason_2", "reason_3"],
    "customer_cluster": ["segment", "segment_label"],
  ]

  /// The rows, columns as in `columns` but for those without a table, shard after shard.
  let table: Table

  init(_ tables: StageInputs, withOffers: Bool) throws {
    var table = try tables.table("customer_value", columns: ["customer_id"] + Self.values)
    for (name, columns) in Self.joined {
      let other = try tables.table(name, columns: ["customer_id"] + columns)
      table = try table.joining(other, on: "customer_id", taking: columns)
    }
    let value = try table.requiredColumn("value_364d")
    table = table.setting(
      Field("expected_loss", value.type),
      value.expectedLoss(try table.requiredColumn("churn_p"))
    )
    table = try Self.addingOffers(table, tables, withOffers: withOffers)
    var shown = Self.front
    for extra in Self.extras {
      let columns = ["customer_id"] + extra.columns.map(\.stored)
      guard let other = try tables.optionalTable(extra.table, columns: columns) else { continue }
      let rows = try table.requiredColumn("customer_id")
        .rows(in: try other.requiredColumn("customer_id"))
      for (name, stored) in extra.columns {
        let column = try other.requiredColumn(stored)
        table = table.setting(Field(name, column.type), column.gathering(known: rows))
        shown.append(name)
      }
    }
    self.table = try table.selecting(shown + Self.back)
  }

  /// The next product of each customer by the basket rules; missing without rules or a fitting one.
  private static func addingOffers(
    _ table: Table,
    _ tables: StageInputs,
    withOffers: Bool
  ) throws -> Table {
    let rules = withOffers ? try tables.optionalTable("product_rules").map(OfferRules.init) : nil
    guard let rules else {
      let none = Column(codes: [Int](repeating: -1, count: table.rowCount), names: [])
      return
        table
        .setting(Field("offer_product", .text), none)
        .setting(Field("offer", .text), none)
    }
    var products = ColumnBuilder(.text)
    var words = ColumnBuilder(.text)
    let owned = try Self.owned(try tables.table("order_lines"))
    let customers = try table.requiredColumn("customer_id")
    for row in 0..<table.rowCount {
      let offer = rules.offer(owned: owned[customers[row].description] ?? [])
      products.append(text: offer?.product)
      words.append(text: offer?.words)
    }
    return
      table
      .setting(Field("offer_product", .text), products.build())
      .setting(Field("offer", .text), words.build())
  }

  private static func owned(_ lines: Table) throws -> [String: Set<String>] {
    let customer = try lines.requiredColumn("customer_id")
    let product = try lines.requiredColumn("product_id")
    let customers = customer.dictionary.texts
    let products = product.dictionary.texts
    var owned: [String: Set<String>] = [:]
    for row in 0..<lines.rowCount where !customer.isMissing(row) && !product.isMissing(row) {
      let id = customers[Int(customer.codes[row])]
      owned[id, default: []].insert(products[Int(product.codes[row])])
    }
    return owned
  }
}

/// The basket rules as offers in words.
struct OfferRules {
  private let rules: [NextProduct.Rule]
  private let words: [String]

  init(_ table: Table) throws {
    let antecedents = try table.requiredColumn("if_items")
    let consequents = try table.requiredColumn("then_item")
    let confidences = try table.requiredColumn("confidence").doubles
    let lifts = try table.requiredColumn("lift").doubles
    let ifNames = try table.requiredColumn("if_names")
    let thenNames = try table.requiredColumn("then_name")
    var rules: [NextProduct.Rule] = []
    var words: [String] = []
    for row in 0..<table.rowCount {
      let rule = NextProduct.Rule(
        antecedent: ItemList.items(antecedents[row].description),
        consequent: consequents[row].description,
        confidence: confidences[row],
        lift: lifts[row]
      )
      rules.append(rule)
      let share = (confidences[row] * 100).rounded(toPlaces: 0)
      words.append("\(thenNames[row]): in \(share) % of baskets with \(ifNames[row])")
    }
    self.rules = rules
    self.words = words
  }

  func offer(owned: Set<String>) -> (product: String, words: String)? {
    NextProduct.best(rules, owned: owned).map { (rules[$0].consequent, words[$0]) }
  }
}

/// Lists of items in one cell, as a JSON array of texts.
enum ItemList {
  /// The cell of a list.
  static func text(_ items: [String]) -> String {
    JSONText.array(items.map { JSONText.quoted($0) })
  }

  /// The list of a cell; empty if the cell is none.
  static func items(_ text: String) -> [String] {
    guard let node = try? JSON5Parser.parse(text, file: "items"),
      case .array(let nodes) = node.kind
    else { return [] }
    return nodes.compactMap { node in
      if case .string(let item) = node.kind { return item }
      return nil
    }
  }
}
