import LodeRuntime
import Testing

@testable import LodeCustomer

@Suite("Life cycle")
struct LifeCycleTests {
  private let rules = LifeCycleRules()

  private func state(_ orders: [Int], at day: Int, registered: Bool = true) -> LifeCycleState {
    let person = LifeCyclePerson(orderDays: orders, visitDay: registered ? nil : 0)
    return rules.state(at: day, of: person, meanGap: 60)
  }

  @Test("strangers are surfers, registered people prospects, and orders of the day are not seen")
  func beforeTheFirstOrder() {
    #expect(state([], at: 10, registered: false) == .surfer)
    #expect(state([], at: 10) == .prospect)
    #expect(state([10], at: 10) == .prospect)
    #expect(state([10], at: 11) == .firstTime)
  }

  @Test("a customer with a rhythm of 30 days goes through all states, each on its first day")
  func throughAllStates() {
    // The expected gap after n gaps of 30 days is (30 n + 2 · 60) / (n + 2).
    let orders = stride(from: 0, through: 360, by: 30).map { $0 }
    #expect(state(orders, at: 31) == .active)
    #expect(state(orders, at: 91) == .loyal)
    #expect(state(orders, at: 331) == .partner)
    #expect(state(orders, at: 361) == .partner)
    let gap = (30.0 * 12 + 120) / 14
    let lapse = Int(2 * gap)
    #expect(state(orders, at: 360 + lapse) != .lapsing)
    #expect(state(orders, at: 360 + lapse + 1) == .lapsing)
    #expect(state(orders, at: 360 + 180) == .lapsing)
    #expect(state(orders, at: 360 + 181) == .lost)
    let back = orders + [700]
    #expect(state(back, at: 701) == .reactivated)
    #expect(state(back + [710], at: 711) == .active)
  }

  @Test("someone brought in makes a loyal customer a partner")
  func referral() {
    let orders = [0, 30, 60, 90]
    #expect(state(orders, at: 91) == .loyal)
    let person = LifeCyclePerson(orderDays: orders, referralDay: 95)
    #expect(rules.state(at: 95, of: person, meanGap: 60) == .loyal)
    #expect(rules.state(at: 96, of: person, meanGap: 60) == .partner)
    let entry = rules.entry(at: 100, of: person, meanGap: 60)
    #expect(entry?.since == 96 && entry?.before == .loyal)
  }

  @Test("a visit, a registration and an order each count from the day behind on")
  func way() {
    let person = LifeCyclePerson(orderDays: [30], visitDay: 10, registrationDay: 20)
    func at(_ day: Int) -> LifeCycleState { rules.state(at: day, of: person, meanGap: 60) }
    #expect((11...20).allSatisfy { at($0) == .surfer })
    #expect((21...30).allSatisfy { at($0) == .prospect } && at(31) == .firstTime)
    func entry(_ day: Int, _ person: LifeCyclePerson) -> String {
      guard let entry = rules.entry(at: day, of: person, meanGap: 60) else { return "-" }
      return "\(entry.since) \(entry.before?.rawValue ?? "-")"
    }
    #expect(entry(15, person) == "10 -" && entry(25, person) == "20 surfer")
    #expect(entry(35, person) == "31 prospect" && person.firstDay == 10)
    // A visit behind the registration, and a registration behind the order, change nothing.
    let late = LifeCyclePerson(orderDays: [30], visitDay: 25, registrationDay: 20)
    #expect(entry(28, late) == "20 -" && entry(35, late) == "31 prospect")
    let atOrder = LifeCyclePerson(orderDays: [30], visitDay: 10, registrationDay: 40)
    #expect(entry(30, atOrder) == "10 -" && entry(45, atOrder) == "31 surfer")
    #expect(LifeCyclePerson(referralDay: 3).firstDay == nil)
  }

  @Test("the day of entry is the first day on which the state holds, for every day of two years")
  func entry() throws {
    let orders = [5, 40, 70, 75, 110, 400, 420, 450, 460, 470]
    let person = LifeCyclePerson(orderDays: orders)
    for day in stride(from: 6, to: 1_000, by: 7) {
      let now = state(orders, at: day)
      let entry = try #require(rules.entry(at: day, of: person, meanGap: 60))
      #expect((entry.since...day).allSatisfy { state(orders, at: $0) == now }, "day \(day)")
      #expect(state(orders, at: entry.since - 1) == entry.before && entry.before != now)
    }
  }

  @Test("orders behind the day change nothing")
  func future() {
    let seen = [3, 50, 90]
    for day in 1..<400 {
      let before = seen.filter { $0 < day }
      #expect(state(before, at: day) == state(before + [day, day + 3], at: day))
    }
  }

  @Test("shares have Jeffreys' interval, and the likeliest change leaves staying aside")
  func odds() throws {
    let states = LifeCycleState.allCases
    let size = states.count
    var counts = [[Int]](repeating: Array(repeating: 0, count: size), count: size)
    let active = try #require(states.firstIndex(of: .active))
    counts[active][active] = 80
    counts[active][try #require(states.firstIndex(of: .lapsing))] = 15
    counts[active][try #require(states.firstIndex(of: .loyal))] = 5
    let odds = LifeCycleOdds(counts: counts, stepDays: 28)
    let share = try #require(odds.share(from: .active, to: .lapsing))
    #expect(share.mean == 0.15)
    // scipy 1.17.1: beta.ppf([0.05, 0.95], 15.5, 85.5)
    #expect(abs(share.lower - 0.098891726912836) < 1e-9)
    #expect(abs(share.upper - 0.215866339998208) < 1e-9)
    let change = try #require(odds.mostLikelyChange(from: .active))
    #expect(change.state == .lapsing && change.share == 0.15)
    #expect(odds.share(from: .lost, to: .lost) == nil)
  }
}
