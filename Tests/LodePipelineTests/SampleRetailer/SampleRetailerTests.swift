import FoundationEssentials
import Glibc
import LodeRuntime
import Testing

@testable import LodePipeline

@Suite("Sample retailer", .serialized)
struct SampleRetailerTests {
  private static let shop = SampleRetailer(seed: 7, customerCount: 150, years: 1)
  private static let files = shop.files()

  private func bytes(_ name: String) throws -> [UInt8] {
    try #require(Self.files.first { $0.name == name }).bytes
  }

  private func rows(_ name: String) throws -> [[String]] {
    var rows = SampleRows.parse(try bytes(name))
    rows.removeFirst()
    return rows
  }

  private func truth() throws -> SampleTruth {
    let decoder = JSONDecoder()
    decoder.keyDecodingStrategy = .convertFromSnakeCase
    return try decoder.decode(SampleTruth.self, from: Data(bytes("truth.json")))
  }

  @Test("the same shop has the same bytes on one, two and eight threads")
  func sameBytes() {
    let small = SampleRetailer(seed: 3, customerCount: 40, years: 1)
    let before = Parallel.threadCount
    defer { Parallel.threadCount = before }
    let answers = [1, 2, 8]
      .map { threads in
        Parallel.threadCount = threads
        return small.files()
      }
    #expect(answers[0] == answers[1])
    #expect(answers[0] == answers[2])
  }

  @Test("another seed gives another shop")
  func seedsDiffer() {
    let one = SampleRetailer(seed: 1, customerCount: 20, years: 1).files()
    let two = SampleRetailer(seed: 2, customerCount: 20, years: 1).files()
    #expect(one.map(\.name) == two.map(\.name))
    #expect(one[0].bytes != two[0].bytes)
  }

  @Test("the row counts of the truth are those of the files")
  func rowCounts() throws {
    let truth = try truth()
    for (name, count) in truth.rowCounts {
      #expect(try rows(name).count == count, "\(name)")
    }
  }

  @Test("each kind of dirt in the order lines counts as the truth says")
  func orderLineDirt() throws {
    let rows = try rows("order_lines.csv")
    let dirt = try #require(try truth().dirt["order_lines.csv"])
    func count(_ isKind: ([String]) -> Bool) -> Int { rows.filter(isKind).count }
    let isDate = { (text: String) in CivilDate(String(text.prefix(10))) != nil }
    let hasClock = { (text: String) in !text.hasSuffix("25:61:00") }
    let found = [
      "exact_duplicate": rows.count - Set(rows).count,
      "missing_customer_id": count { $0[2].isEmpty },
      "impossible_date": count { !isDate($0[3]) || !hasClock($0[3]) },
      "future_date": count { isDate($0[3]) && $0[3] > "2026-06-29" },
      "zero_price": count { $0[9] == "0.00" },
      "negative_price": count { $0[9].hasPrefix("-") },
      "non_numeric_quantity": count { Int($0[8]) == nil },
      "embedded_newline": count { $0[6].contains("\n") },
      "embedded_quote": count { $0[6].contains("\"") },
      "trailing_blank_line": 3,
    ]
    #expect(found.filter { $0.value > 0 } == dirt)
    for kind in ["impossible_date", "future_date", "zero_price", "negative_price"] {
      #expect(dirt[kind, default: 0] > 0, "no \(kind)")
    }
    #expect(Array(try bytes("order_lines.csv").suffix(4)) == [0x0A, 0x0A, 0x0A, 0x0A])
  }

  @Test("rows without faulty and repeated ones add up to the true revenue of every month")
  func revenue() throws {
    let faultless = try rows("order_lines.csv")
      .filter { row in
        Int(row[8]) != nil && !row[9].hasPrefix("-") && row[9] != "0.00"
          && CivilDate(String(row[3].prefix(10))) != nil && row[3] < "2026-06-29"
          && !row[3].hasSuffix("25:61:00")
      }
    var goods: [String: Int] = [:]
    var fees: [String: Int] = [:]
    for row in Set(faultless) {
      let cents = try #require(Int(row[9].filter { $0 != "." }))
      let amount = try #require(Int(row[8])) * cents
      let month = String(row[3].prefix(7))
      if row[7].isEmpty {
        fees[month, default: 0] += amount
      } else {
        goods[month, default: 0] += amount
      }
    }
    let truth = try truth()
    for month in truth.monthlyRevenue {
      #expect(goods[month.month, default: 0] == month.goodsCents, "\(month.month)")
      #expect(fees[month.month, default: 0] == month.feeCents, "\(month.month)")
    }
    #expect(goods.count == truth.monthlyRevenue.count)
  }

  @Test("the customers file holds the counted Latin-1 names, leading zeros and repeats")
  func customerDirt() throws {
    let rows = try rows("customers.csv")
    let dirt = try #require(try truth().dirt["customers.csv"])
    let broken = try bytes("customers.csv").split(separator: 0x0A)
      .filter { String(validating: $0, as: UTF8.self) == nil }
    let distinct = Set(rows)
    #expect(rows.count - distinct.count == dirt["exact_duplicate"])
    #expect(broken.count >= dirt["latin1_name", default: 0])
    #expect(distinct.filter { $0[5].hasPrefix("0") }.count == dirt["leading_zero_postcode"])
    #expect(distinct.filter { $0[3].isEmpty }.count == dirt["missing_email"])
    #expect(rows.allSatisfy { $0[0].count == 6 && $0[0].hasPrefix("0") })
  }

  @Test("products begin with a byte order mark and surveys end lines by CR LF")
  func fileEncodings() throws {
    #expect(Array(try bytes("products.csv").prefix(3)) == [0xEF, 0xBB, 0xBF])
    let surveys = try bytes("surveys.csv")
    #expect(surveys.filter { $0 == 0x0D }.count == surveys.filter { $0 == 0x0A }.count)
  }

  @Test("nothing of a person happens before the data start or after the end")
  func times() throws {
    for (file, column) in [("web_sessions.csv", 3), ("consents.csv", 4), ("surveys.csv", 2)] {
      for row in try rows(file) {
        #expect(row[column] >= "2025-06-28" && row[column] < "2026-06-29", "\(file) \(row)")
      }
    }
  }

  @Test("two orders by the thousand are cancelled within minutes")
  func bulkOrders() throws {
    let bulk = try truth().bulkOrders
    #expect(bulk.map(\.minutes).sorted() == [12, 16])
    let lines = try rows("order_lines.csv")
    for order in bulk {
      let sale = try #require(lines.first { $0[0] == order.orderId })
      let credit = try #require(lines.first { $0[0] == order.cancellationId })
      #expect(sale[8] == String(order.quantity))
      #expect(credit[8] == "-" + sale[8])
      #expect(credit[2] == sale[2])
    }
  }

  @Test("every campaign member had consent, and the effects lie between minus one and one")
  func campaigns() throws {
    let truth = try truth()
    #expect(!truth.campaigns.isEmpty)
    #expect(truth.campaigns.allSatisfy { abs($0.trueUplift) <= 1 })
    #expect(truth.campaigns.contains { $0.trueUplift > 0.02 })
    #expect(truth.campaigns.contains { $0.trueUplift == 0 })
    let channels = Dictionary(
      uniqueKeysWithValues: try rows("campaigns.csv").map { ($0[0], $0[3]) }
    )
    let consents = try rows("consents.csv")
    for member in try rows("campaign_members.csv") where !member[1].hasPrefix("9") {
      let events = consents.filter {
        $0[0] == member[1] && $0[2] == channels[member[0]] && $0[4] < member[3] + "~"
      }
      #expect(events.contains { $0[3] == "given" }, "\(member)")
    }
  }

  @Test("about half of the buyers are gone, and the best tenth pays about two fifths")
  func shares() {
    let retailer = SampleRetailer(seed: 20_240_101, customerCount: 1000, years: 2)
    let shop = SampleShop(retailer)
    let histories = Parallel.map(retailer.customerCount) { shop.history(ofCustomer: $0) }
    let truth = SampleTruth(shop, histories, SampleLedger(shop, histories))
    #expect((0.45...0.58).contains(truth.goneShare), "\(truth.goneShare)")
    #expect((0.33...0.5).contains(truth.topTenthRevenueShare), "\(truth.topTenthRevenueShare)")
    #expect(truth.pairs.allSatisfy { $0.lift > 2 })
  }

  @Test("who was won is the planted share of those approached, at 5 to 40 euros each")
  func spending() throws {
    let truth = try truth()
    let buyers = Set(try rows("truth_customers.csv").filter { $0[3] == "buyer" }.map { $0[0] })
    var won: [String: Double] = [:]
    for row in Set(try rows("customers.csv").map { [$0[0], $0[10]] }) where buyers.contains(row[0])
    {
      won[row[1], default: 0] += 1
    }
    let rows = try rows("source_spending.csv")
    #expect(Set(rows.map { $0[1] }) == Set(truth.spendingOfSource.keys))
    for (source, planted) in truth.spendingOfSource {
      var (expected, cost, months) = (0.0, 0.0, 0.0)
      for row in rows where row[1] == source && row[2] != "0" {
        let approached = try #require(Double(row[2]))
        let winning = try #require(Double(row[3]))
        let spending = winning / approached
        #expect((0.84...1.16).contains(spending / planted.eurosPerProspect), "\(row)")
        let share = truth.parameters.acquisitionCeiling * (1 - exp(-planted.response * spending))
        (expected, cost, months) = (expected + approached * share, cost + winning, months + 1)
      }
      // Those approached are rounded up, so up to one share a month more could have been won.
      let buyers = won[source, default: 0]
      #expect((buyers - 0.1...buyers + 0.3 * months + 0.1).contains(expected), "\(source)")
      #expect((5...41).contains(cost / max(1, buyers)), "\(source) \(cost) for \(buyers)")
    }
  }

  @Test("log moments of a gamma with shape one and rate one are those of Gumbel")
  func logGamma() {
    // E log X = -Euler's constant, Var log X = pi²/6 for the exponential distribution.
    let moments = SampleMath.logGammaMoments(shape: 1, rate: 1)
    #expect(abs(moments.mean + 0.577_215_664_9) < 1e-9)
    #expect(abs(moments.deviation * moments.deviation - 1.644_934_066_8) < 1e-8)
  }

  @Test("a catalogue has 120 products whose prices cover their costs")
  func catalogue() {
    let products = SampleShop(Self.shop).catalogue.products
    #expect(products.count == 120)
    #expect(Set(products.map(\.id)).count == 120)
    #expect(products.allSatisfy { $0.prices.allSatisfy { change in change.cents > 0 } })
    #expect(products.allSatisfy { $0.unitCost < $0.prices[0].cents })
  }
}

/// A plain CSV reader of the tests; knows quotes, line breaks in quotes, BOM and CR LF.
enum SampleRows {
  static func parse(_ input: [UInt8]) -> [[String]] {
    let bytes = input.starts(with: [0xEF, 0xBB, 0xBF]) ? Array(input.dropFirst(3)) : input
    var rows: [[String]] = []
    var row: [String] = []
    var field: [UInt8] = []
    var isQuoted = false
    var previous: UInt8 = 0
    for byte in bytes {
      defer { previous = byte == 0x22 && previous == 0x22 ? 0 : byte }
      switch byte {
      case 0x22:
        if !isQuoted, previous == 0x22 { field.append(byte) }
        isQuoted.toggle()
      case 0x2C where !isQuoted:
        row.append(String(decoding: field, as: UTF8.self))
        field = []
      case 0x0D where !isQuoted: continue
      case 0x0A where !isQuoted:
        row.append(String(decoding: field, as: UTF8.self))
        if row != [""] { rows.append(row) }
        row = []
        field = []
      default: field.append(byte)
      }
    }
    return rows
  }
}
