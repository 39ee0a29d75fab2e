import LodeColumns
import LodeRuntime
import Testing

@testable import LodePipeline

@Suite("Cleaning sales")
struct CleanSalesTests {
  static let stage = """
    {
      op: 'clean', from: 'raw.sales',
      columns: {
        order: 'order', customer: 'customer', at: 'at', product: 'product', description: 'name',
        quantity: 'quantity', price: 'price',
      },
      cancellation_prefix: 'C', adjustment_prefix: 'A', non_products: { postage: ['post'] },
      valid_dates: { from: '2026-01-01', to: '2026-06-30' }, max_bad_share: 1,
    }
    """

  static let types: [String: ColumnType] = [
    "order": .text, "customer": .text, "at": .timestamp, "product": .text, "name": .text,
    "quantity": .integer, "price": .money(scale: 2),
  ]

  private func run(_ rows: [String], stage: String = Self.stage) throws -> StageOutput {
    let head = "order,customer,at,product,name,quantity,price"
    let raw = try StageLab.csv(([head] + rows).joined(separator: "\n"), types: Self.types)
    return try StageLab.run(stage, ["raw.sales": raw])
  }

  private static let good = "1,ann,2026-01-05,P1,Cup,2,1.50"

  @Test(
    "each bad row goes to quarantine with its reasons in code and words",
    arguments: [
      (good, "exact_duplicate", "the row repeats an earlier row in every cell"),
      (
        "2,ann,2025-12-31,P1,Cup,1,1", "date_too_early",
        "the date 2025-12-31 is before valid_dates.from"
      ),
      (
        "2,ann,2026-07-01,P1,Cup,1,1", "date_in_future",
        "the date 2026-07-01 is after valid_dates.to"
      ),
      ("2,ann,2026-02-01,P1,Cup,0,1", "quantity_zero", "the quantity is 0"),
      (
        "2,ann,2026-02-01,P1,Cup,-1,1", "quantity_negative",
        "the quantity is -1 and the order no cancellation"
      ),
      (
        "C2,ann,2026-02-01,P1,Cup,1,1", "cancellation_without_negative_quantity",
        "a cancellation with quantity 1"
      ),
      ("2,ann,2026-02-01,P1,Cup,1,0", "price_zero", "the price is 0"),
      ("2,ann,2026-02-01,P1,Cup,1,-1.5", "price_negative", "the price is -1.50"),
      (
        "2,ann,2026-02-01,P1,Cup,1000,1000000000000000.00", "amount_too_large",
        "quantity × price has more than 18 digits"
      ),
      (",ann,2026-02-01,P1,Cup,1,1", "missing_order", "the order is missing"),
      ("2,ann,,P1,Cup,1,1", "missing_date", "the date is missing"),
      ("2,ann,2026-02-01,P1,Cup,,1", "missing_quantity", "the quantity is missing"),
      ("2,ann,2026-02-01,P1,Cup,1,", "missing_price", "the price is missing"),
      (
        ",ann,,P1,Cup,0,-1", "missing_order missing_date quantity_zero price_negative",
        "the order is missing; the date is missing; the quantity is 0; the price is -1.00"
      ),
    ]
  )
  func reasons(row: String, codes: String, words: String) throws {
    let output = try run([Self.good, row])
    let quarantine = try #require(output.quarantine).table()
    #expect(
      try StageLab.cells(quarantine, ["line", "reasons", "message"]) == ["3 \(codes) \(words)"]
    )
    #expect(output.rowsRead == 2 && output.rowsPublished == 1)
    #expect(try StageLab.cells(StageLab.table("order_lines", output), ["_line"]) == ["2"])
  }

  @Test("sales, returns, orders and products of a small shop")
  func smallShop() throws {
    let output = try run([
      "2,ann,2026-01-09T12:00,P2,Plate,1,4.00",
      "1,ann,2026-01-05T10:05,P1,Cup,2,1.50",
      "1,ann,2026-01-05T10:00,P1,Mug,1,1.50",
      "1,ann,2026-01-05T10:05,POST,Postage,1,4.95",
      "3,,2026-01-10,P1,Cup,5,1.50",
      "C4,ann,2026-01-12,P1,Cup,-2,1.50",
      "C5,,2026-01-12,P1,Cup,-5,1.50",
      "C6,ann,2026-01-13,POST,Postage,-1,4.95",
      "A7,,2026-01-14,B,Bad debt,1,-100.00",
    ])
    #expect(
      try StageLab.cells(
        StageLab.table("order_lines", output),
        ["customer_id", "order_id", "product_id", "kind", "quantity", "amount"]
      ) == [
        "ann 1 P1 product 1 1.50", "ann 1 P1 product 2 3.00", "ann 1 POST postage 1 4.95",
        "ann 2 P2 product 1 4.00", "- 3 P1 product 5 7.50", "- A7 B adjustment 1 -100.00",
      ]
    )
    #expect(
      try StageLab.cells(
        StageLab.table("return_matches", output),
        ["customer_id", "order_id", "return_id", "kind", "quantity", "amount", "sale_line"]
      ) == ["ann 1 C4 product 2 3.00 3", "ann 1 C6 postage 1 4.95 5"]
    )
    #expect(
      try StageLab.cells(
        StageLab.table("returns", output),
        ["customer_id", "return_id", "quantity", "amount", "matched_quantity"]
      ) == ["ann C4 2 3.00 2", "ann C6 1 4.95 1", "- C5 5 7.50 0"]
    )
    #expect(
      try StageLab.cells(
        StageLab.table("orders", output),
        ["order_id", "ordered_at", "lines", "units", "gross"]
      ) == [
        "1 2026-01-05T10:00:00Z 2 3 4.50", "2 2026-01-09T12:00:00Z 1 1 4.00",
        "3 2026-01-10T00:00:00Z 1 5 7.50", "A7 2026-01-14T00:00:00Z 0 0 0.00",
      ]
    )
    #expect(
      try StageLab.cells(StageLab.table("products", output), ["product_id", "name", "kind"])
        == ["B Bad debt adjustment", "P1 Cup product", "P2 Plate product", "POST Postage postage"]
    )
    #expect(output.rowsRead == 9 && output.rowsPublished == 9 && output.quarantine?.count == 0)
    #expect(
      output.finding
        == "6 order lines, 3 returns (2 matched to their sale), 0 rows in quarantine"
    )
  }

  @Test("of equal rows the one that was read first stays, in a long run of rows as in a short one")
  func duplicates() throws {
    let others = (1...80).map { "1,ann,2026-01-05T10:00,P\($0),Cup,\($0),1.50" }
    let twice = "1,ann,2026-01-05T10:00,P7,Cup,7,1.50"
    for (rows, line) in [
      (others + [twice], "82"), ([twice, "1,ann,2026-01-05T10:00,P7,Cup,7,1.60", twice], "4"),
      (
        ["2,bo,2026-01-05T10:00,P7,Cup,7,1.50", twice, "1,ann,2026-01-06,P7,Cup,7,1.50", twice], "5"
      ),
    ] {
      let output = try run(rows)
      #expect(output.rowsPublished == rows.count - 1)
      #expect(output.quarantine?.reasonsOfRows == [["exact_duplicate"]])
      #expect(try StageLab.cells(#require(output.quarantine).table(), ["line"]) == [line])
    }
  }

  @Test("a return without a product takes nothing from a product")
  func missingProduct() throws {
    let output = try run([
      "1,ann,2026-01-05,P1,Cup,2,1.50", "C2,ann,2026-01-06,,Gift,-2,1.50",
    ])
    #expect(try StageLab.table("return_matches", output).rowCount == 0)
  }

  @Test("three columns are enough: one order a customer and day, strangers apart")
  func threeColumns() throws {
    let raw = try StageLab.csv(
      "who,day,paid\nann,2026-01-05,10\nann,2026-01-05,5\nann,2026-01-06,1\n"
        + ",2026-01-05,7\n,2026-01-05,8\n"
    )
    let output = try StageLab.run(
      "{op: 'clean', from: 'raw', columns: {customer: 'who', at: 'day', amount: 'paid'}}",
      ["raw": raw]
    )
    #expect(
      try StageLab.cells(StageLab.table("orders", output), ["customer_id", "order_id", "gross"])
        == [
          "ann ann@2026-01-05 15.00", "ann ann@2026-01-06 1.00", "- #lab.csv:5@2026-01-05 7.00",
          "- #lab.csv:6@2026-01-05 8.00",
        ]
    )
  }

  @Test("without a prefix negative quantities are returns")
  func negativeQuantities() throws {
    let output = try run(
      ["1,ann,2026-01-05,P1,Cup,2,1.50", "2,ann,2026-01-06,P1,Cup,-1,1.50"],
      stage: Self.stage.replacing("cancellation_prefix: 'C',", with: "")
    )
    #expect(
      try StageLab.cells(
        StageLab.table("return_matches", output),
        ["order_id", "quantity", "amount"]
      ) == ["1 1 1.50"]
    )
  }

  @Test("a price that overflows its scale is refused, not wrapped")
  func hugePrice() throws {
    let raw = try StageLab.csv("who,day,paid\nann,2026-01-05,922337203685477580\n")
    let output = try StageLab.run(
      "{op: 'clean', from: 'raw', columns: {customer: 'who', at: 'day', amount: 'paid'}, "
        + "max_bad_share: 1}",
      ["raw": raw]
    )
    #expect(output.quarantine?.reasonsOfRows == [["amount_too_large"]])
  }

  @Test("columns that are not there or of another type are refused")
  func wrongColumns() throws {
    let raw = try StageLab.csv("who,day,paid\nann,5.1.26,10\n")
    func message(_ columns: String) -> String? {
      StageLab.message {
        _ = try StageLab.run("{op: 'clean', from: 'raw', columns: \(columns)}", ["raw": raw])
      }
    }
    #expect(
      message("{customer: 'who', at: 'day', amount: 'paid'}")
        == "table raw: column \"day\" is of type text, where timestamp is needed.\n"
        + "  fix: declare it in the extract stage, types: { \"day\": \"timestamp\" }, "
        + "so that the cells that do not fit go to quarantine."
    )
    #expect(
      message("{customer: 'hwo', at: 'day', amount: 'paid'}")
        == "table raw: there is no column \"hwo\" – did you mean \"who\"? The columns are "
        + "who, day, paid, _file, _line.\n  fix: correct \"columns\" of the clean stage."
    )
  }
}
