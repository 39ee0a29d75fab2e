import LodeColumns
import LodeRuntime
import Testing

@testable import LodePipeline

@Suite("Customer lists")
struct CustomerListTests {
  private static func tables() throws -> [String: Table] {
    let value = try StageLab.csv(
      """
      customer_id,as_of,value_364d,value_total,orders,days_since_last,last_order_on,tier,\
      tier_previous,rfm,rfm_group
      c1,2026-07-01,100.00,100.00,1,10,2026-06-21,low,,511,new customers
      c2,2026-07-01,900.00,1500.00,7,40,2026-05-22,top,top,455,champions
      c3,2026-07-01,800.00,800.00,4,90,2026-04-02,top,high,244,at risk
      c4,2026-07-01,700.00,700.00,4,90,2026-04-02,top,high,244,at risk
      c5,2026-07-01,950.00,950.00,5,5,2026-06-26,top,top,555,champions

      """,
      types: [
        "value_364d": .money(scale: 2), "value_total": .money(scale: 2), "rfm": .text,
        "tier_previous": .text,
      ]
    )
    let scores = try StageLab.csv(
      """
      customer_id,churn_p,churn_band,reason_1,reason_2,reason_3
      c1,0.9,high,r,,
      c2,0.5,medium,r,,
      c3,0.5625,medium,r,,
      c4,0.75,high,r,,

      """,
      types: ["churn_p": .double, "reason_2": .text, "reason_3": .text]
    )
    let clusters = try StageLab.csv(
      "customer_id,segment,segment_label\nc1,1,x\nc2,1,x\nc3,2,y\nc4,2,y\nc5,1,x\n"
    )
    let lines = try StageLab.csv(
      "customer_id,product_id\nc2,A\nc3,A\nc3,B\nc4,Z\n,A\n",
      types: ["customer_id": .text]
    )
    let consents = try StageLab.csv(
      """
      customer_id,purpose,channel,state,at
      c1,marketing,email,given,2026-01-01
      c2,marketing,email,given,2026-01-01
      c3,marketing,email,given,2026-01-01
      c4,marketing,email,withdrawn,2026-01-01

      """,
      types: ["at": .timestamp]
    )
    let rules = Table([
      "if_items": Column(texts: ["[\"A\"]"]), "then_item": Column(texts: ["B"]),
      "if_names": Column(texts: ["Cup"]), "then_name": Column(texts: ["Plate"]),
      "confidence": Column(doubles: [0.4]), "lift": Column(doubles: [3]),
    ])
    return [
      "customer_value": value, "churn_scores": scores, "customer_cluster": clusters,
      "order_lines": lines, "consents": consents, "product_rules": rules,
    ]
  }

  private func list(_ options: String) throws -> (output: StageOutput, rows: [String]) {
    let output = try StageLab.run(
      "{op: 'export', audience: 'keep-1', \(options)}",
      Self.tables()
    )
    let table = try StageLab.table("audience.keep_1", output)
    return (output, try StageLab.cells(table, ["priority", "customer_id", "expected_loss"]))
  }

  @Test("the condition, the consent and the limit are applied in turn, losses rank")
  func workedExample() throws {
    let (output, rows) = try list(
      "where: \"tier = 'top' and churn_p >= 0.35\", rank_by: 'expected_loss desc', limit: 1, "
        + "consent: {purpose: 'marketing', channel: 'email'}, expires_days: 14"
    )
    // Losses: c2 900 · 0.5 = 450, c3 800 · 0.5625 = 450, c4 700 · 0.75 = 525 without consent.
    #expect(rows == ["1 c2 450.00"])
    #expect(
      try StageLab.cells(
        StageLab.table("audience.keep_1_waterfall", output),
        [
          "step", "people_in", "people_out", "value_out",
        ]
      ) == [
        "all customers 5 5 3450.00", "condition 5 3 2400.00", "consent 3 2 1700.00",
        "limit 2 1 900.00",
      ]
    )
    #expect(
      output.finding
        == "1 customers to keep: all customers 5 → condition 3 → consent 2 → limit 1"
    )
    let list = try StageLab.table("audience.keep_1", output)
    #expect(try StageLab.cells(list, ["action", "expires_on"]) == ["keep 2026-07-15"])
    #expect(
      output.files.map(\.path) == [
        "2026-07-01/audience_keep-1_2026-07-01.csv",
        "2026-07-01/audience_keep-1_2026-07-01_excel.csv",
        "2026-07-01/audience_keep-1_2026-07-01_waterfall.csv",
        "2026-07-01/audience_keep-1_2026-07-01.meta.json",
      ]
    )
    let meta = String(decoding: output.files[3].bytes, as: UTF8.self)
    #expect(meta.contains(SHA256.hexDigest(of: output.files[0].bytes)))
  }

  @Test("values to come and life-cycle states are shown, and rank, where a stage makes them")
  func valueToCome() throws {
    var tables = try Self.tables()
    let plain = try StageLab.table("audience.keep_1", try list("limit: 9").output)
    #expect(!plain.schema.names.contains { $0.hasPrefix("clv") || $0.hasPrefix("life") })
    tables["customer_clv"] = try StageLab.csv(
      "customer_id,clv_value,clv_value_lower,clv_value_upper\nc1,5.00,1.00,9.00\n"
        + "c3,70.00,30.00,120.00\nc2,8.00,0.00,20.00\n",
      types: ["clv_value": .money(scale: 2)]
    )
    tables["lifecycle_states"] = try StageLab.csv(
      "customer_id,state,next_state\nc1,first-time,active\nc3,lapsing,lost\n"
    )
    let output = try StageLab.run(
      "{op: 'export', audience: 'keep-1', where: 'clv_value > 5', rank_by: 'clv_value desc'}",
      tables
    )
    let list = try StageLab.table("audience.keep_1", output)
    #expect(
      try StageLab.cells(list, ["customer_id", "clv_value", "clv_value_upper", "lifecycle"])
        == ["c3 70.00 120.00 lapsing", "c2 8.00 20.00 -"]
    )
    let stage = try StageLab.stage("{op: 'export', audience: 'a', rank_by: 'lifecycle'}")
    #expect(stage.inputs.contains("lifecycle_states") && !stage.inputs.contains("customer_clv"))
    #expect(stage.optionalInputs.contains("customer_clv"))
  }

  @Test("the meta file says unit, date, horizon, interval and model of every estimate")
  func estimates() throws {
    func meta(_ tables: [String: Table]) throws -> String {
      let output = try StageLab.run("{op: 'export', audience: 'keep-1'}", tables)
      let file = try #require(output.files.first { $0.path.hasSuffix(".meta.json") })
      return String(decoding: file.bytes, as: UTF8.self)
    }
    var tables = try Self.tables()
    #expect(
      try meta(tables)
        .contains(
          #""estimates":[{"column":"churn_p","unit":"probability","as_of":"2026-07-01","#
            + #""horizon_days":null,"interval_level":0.9,"interval_columns":"churn_p_lower, "#
            + #"churn_p_upper of churn_scores"},{"column":"expected_loss","unit":"EUR","#
            + #""as_of":"2026-07-01","horizon_days":null,"meaning":"churn_p × value_364d","#
            + #""interval_level":null,"interval_columns":null}]"#
        )
    )
    tables["customer_clv"] = try StageLab.csv(
      "customer_id,clv_value,clv_value_lower,clv_value_upper\nc1,5.00,1.00,9.00\n",
      types: ["clv_value": .money(scale: 2)]
    )
    tables["clv_totals"] = try StageLab.csv(
      "measure,horizon_days,level\npurchases,364,0.8\n",
      types: ["level": .double]
    )
    tables["model.clv"] = Table([
      "model": Column(texts: ["bgnbd", "paretonbd"]),
      "is_chosen": Column(type: .boolean, storage: .booleans([false, true])),
    ])
    tables["churn_backtest"] = Table([
      "model": Column(texts: ["trees", "logistic"]), "horizon_days": Column(integers: [90, 90]),
      "gap_days": Column(integers: [7, 7]),
      "is_champion": Column(type: .boolean, storage: .booleans([false, true])),
    ])
    let text = try meta(tables)
    #expect(
      text.contains(
        #""unit":"probability","as_of":"2026-07-01","horizon_days":90,"gap_days":7,"#
          + #""model":"logistic","interval_level":0.9"#
      )
    )
    #expect(
      text.contains(
        #"{"column":"clv_value_upper","unit":"EUR","as_of":"2026-07-01","horizon_days":364,"#
          + #""model":"paretonbd","interval_level":0.8,"#
          + #""interval_columns":"clv_value_lower, clv_value_upper","discount_rate_per_year":0}"#
      )
    )
  }

  @Test("ties of the ranking go by customer id, customers without a score are last")
  func ranking() throws {
    let rows = try list("rank_by: 'expected_loss desc'").rows
    #expect(rows == ["1 c4 525.00", "2 c2 450.00", "3 c3 450.00", "4 c1 90.00", "5 c5 -"])
  }

  @Test("an offer is a product that the customer lacks, in words")
  func offers() throws {
    let (output, _) = try list("action: 'extend', where: 'offer is not null'")
    let table = try StageLab.table("audience.keep_1", output)
    #expect(
      try StageLab.cells(table, ["customer_id", "offer_product", "offer"])
        == ["c2 B Plate: in 40 % of baskets with Cup"]
    )
  }

  @Test("Excel of a country with a decimal comma gets semicolons and commas, programs do not")
  func decimalComma() throws {
    let (output, _) = try list("where: 'orders = 7', excel_decimal: ','")
    let machine = String(decoding: output.files[0].bytes, as: UTF8.self)
    let excel = String(decoding: output.files[1].bytes, as: UTF8.self)
    #expect(machine.contains(",900.00,") && !machine.contains(";"))
    #expect(excel.contains(";900,00;"))
  }

  @Test("a list with a control character is refused for programs; the message holds no value")
  func controlCharacters() throws {
    var tables = try Self.tables()
    let clusters = try #require(tables["customer_cluster"])
    let labels = Column(texts: ["x", "x\u{7}bell", "y", "y", "x"])
    tables["customer_cluster"] = clusters.setting(Field("segment_label", .text), labels)
    #expect {
      try StageLab.run("{op: 'export', audience: 'keep-1', rank_by: 'orders desc'}", tables)
    } throws: { error in
      let text = "\(error)"
      return text.contains("\"segment_label\"") && text.contains("1 row, the first with priority 1")
        && !text.contains("bell")
    }
    _ = try StageLab.run("{op: 'export', audience: 'keep-1', files: ['excel']}", tables)
  }

  @Test("an empty list is a warning, not an error")
  func empty() throws {
    let (output, rows) = try list("where: 'orders > 100'")
    #expect(rows.isEmpty && output.warnings == ["the list \"keep-1\" is empty"])
  }
}
