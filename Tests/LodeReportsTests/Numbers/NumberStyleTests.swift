import LodeRuntime
import Testing

@testable import LodeReports

@Suite("Numbers in reports")
struct NumberStyleTests {
  @Test(
    "numbers get commas between thousands and round half away from zero",
    arguments: [
      (0.0, 0, "0"), (999, 0, "999"), (1000, 0, "1,000"), (1_234_567.891, 2, "1,234,567.89"),
      (-0.4, 0, "0"), (-1234.5, 0, "\u{2212}1,235"), (0.05, 1, "0.1"), (2.5, 0, "3"),
      (7.005, 1, "7.0"), (.nan, 2, "\u{2013}"), (.infinity, 0, "\u{2013}"), (1e30, 0, "\u{221E}"),
    ]
  )
  func texts(number: Double, places: Int, text: String) {
    #expect(ReportNumber.text(number, places: places) == text)
  }

  @Test("styles write shares, money, factors and signs")
  func styles() {
    #expect(NumberStyle.percent(places: 1).text(0.314) == "31.4%")
    #expect(NumberStyle.money(currency: "EUR", places: 2).text(1234.5) == "EUR\u{A0}1,234.50")
    #expect(NumberStyle.factor(places: 1).text(1.84) == "1.8x")
    #expect(NumberStyle.signed(places: 0).text(12) == "+12")
    #expect(NumberStyle.signed(places: 0).text(-12) == "\u{2212}12")
    #expect(NumberStyle.integer.text(nil) == "\u{2013}")
  }

  @Test("minor units become money with the decimals of the currency")
  func money() {
    #expect(ReportNumber.money(minorUnits: 123_450, currency: "EUR") == "EUR\u{A0}1,234.50")
    #expect(
      ReportNumber.money(minorUnits: 7800, currency: "JPY", places: 0, scale: 0)
        == "JPY\u{A0}7,800"
    )
  }

  @Test("axis labels are short and tell neighbours apart")
  func axisTexts() {
    #expect(NumberStyle.integer.axisText(1_500_000, step: 500_000) == "1.5M")
    #expect(NumberStyle.integer.axisText(20_000, step: 20_000) == "20k")
    #expect(NumberStyle.integer.axisText(500, step: 500) == "500")
    #expect(NumberStyle.percent(places: 0).axisText(0.025, step: 0.025) == "2.5%")
    #expect(NumberStyle.percent(places: 0).axisText(0.2, step: 0.2) == "20%")
  }

  @Test("a day is written with the name of its month")
  func date() throws {
    let day = try #require(CivilDate("2026-06-28"))
    #expect(ReportNumber.date(day) == "28\u{A0}Jun\u{A0}2026")
  }
}
