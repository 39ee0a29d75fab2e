internal import Glibc
internal import LodeRuntime

extension SampleSource {
  /// What is spent on one who is approached, in euros, and how fast the share of those who are won
  /// nears its ceiling with it.
  ///
  /// The share is ceiling · (1 − e^(−response · spending)); only the store spends too much.
  var winning: (spending: Double, response: Double) {
    switch self {
    case .newsletter: (1.2, 0.58)
    case .search: (1.9, 0.27)
    case .social: (1.5, 0.15)
    case .referral: (1.8, 0.51)
    case .store: (10, 0.3)
    case .marketplace: (3, 0.135)
    }
  }

  /// Euros spent on a customer who orders again in a month; nobody stays for it.
  var keeping: Double {
    switch self {
    case .newsletter: 1.5
    case .search, .social: 2
    case .referral: 2.5
    case .store: 3.5
    case .marketplace: 1
    }
  }
}

extension SampleRetailer {
  /// `source_spending.csv`: who was approached in each month, and what winning and keeping cost.
  func spendingFile(
    _ shop: SampleShop,
    _ histories: [SampleHistory],
    _ truth: inout SampleTruth
  ) -> SampleFile {
    func month(_ second: Int64) -> String { String(SampleTime.dateText(second).prefix(7)) }
    var won: [String: [SampleSource: Int]] = [:]
    var kept: [String: [SampleSource: Int]] = [:]
    for history in histories where !history.behaviour.isProspect {
      let source = history.behaviour.source
      let first = month(shop.calendar.second(history.behaviour.acquiredAt))
      won[first, default: [:]][source, default: 0] += 1
      let sales = history.orders.filter { $0.kind == .sale }
      for other in Set(sales.map { month($0.second) }) where other != first {
        kept[other, default: [:]][source, default: 0] += 1
      }
    }
    let days = 0..<shop.calendar.dayCount
    let all = Set(days.map { shop.calendar.start.advanced(byDays: $0).description.prefix(7) })
    var text = SampleText(header: "month,source,approached,winning,keeping")
    for (number, name) in all.map({ String($0) }).sorted().enumerated() {
      var random = SamplePurpose.spending.random(seed: seed, index: number)
      for source in SampleSource.allCases {
        let spending = source.winning.spending * (0.85 + 0.3 * random.uniform())
        let share =
          shop.parameters.acquisitionCeiling * (1 - exp(-source.winning.response * spending))
        let approached = Int((Double(won[name]?[source] ?? 0) / share).rounded(.up))
        let keeping = Double(kept[name]?[source] ?? 0) * source.keeping
        text.row([
          name + "-01", source.rawValue, String(approached),
          euros(Int((100 * Double(approached) * spending).rounded())),
          euros(Int((100 * keeping).rounded())),
        ])
      }
    }
    truth.record("source_spending.csv", rows: text.rowCount, SampleTally())
    return SampleFile(name: "source_spending.csv", bytes: text.bytes)
  }
}
