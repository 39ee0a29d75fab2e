import Testing

@testable import LodeCustomer

@Suite("Acquisition funnel")
struct AcquisitionFunnelTests {
  @Test("people, shares, days and costs of each step and source")
  func workedExample() throws {
    typealias Person = AcquisitionFunnel.Person
    let funnel = AcquisitionFunnel(
      [
        Person(source: "search", days: [0, 2, 10], value: 50),
        Person(source: "search", days: [0, nil, 7], value: 20),
        Person(source: "search", days: [1, 5, nil]), Person(source: "search", days: [3, nil, nil]),
        Person(source: "mail", days: [2, nil, nil]),
      ],
      steps: ["visit", "registered", "ordered"],
      costs: ["search": 40]
    )
    #expect(
      funnel.rows.map(\.source) == ["mail", "mail", "mail"] + ["search", "search", "search"]
    )
    let search = Array(funnel.rows.suffix(3))
    // Who ordered has passed the registration, seen or not.
    #expect(search.map(\.people) == [4, 3, 2])
    #expect(search.map(\.conversion) == [nil, 0.75, 2.0 / 3])
    #expect(search.map(\.medianDays) == [nil, 3, 8])
    #expect(search.map(\.costPerPerson) == [10, 40.0 / 3, 20])
    #expect(search[2].valuePerPerson == 15)
    let interval = try #require(search[1].interval)
    #expect(interval.contains(0.75) && interval.lowerBound > 0.2 && interval.upperBound < 1)
    #expect(funnel.rows[1].people == 0 && funnel.rows[1].conversion == 0)
    #expect(funnel.rows[2].conversion == nil && funnel.rows[2].costPerPerson == nil)
  }
}
