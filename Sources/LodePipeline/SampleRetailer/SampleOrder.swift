internal import LodeRuntime

/// One line of an order.
struct SampleLine: Sendable {
  let item: SampleItem
  let quantity: Int
  /// Cents a unit.
  let unitPrice: Int

  /// Cents.
  var amount: Int { quantity * unitPrice }
}

/// A sale, a return or a cancellation.
struct SampleOrder: Sendable {
  enum Kind: Sendable {
    case sale
    case credit
  }

  let second: Int64
  let kind: Kind
  let channel: SampleChannel?
  let campaign: Int?
  let lines: [SampleLine]

  /// Cents of the product lines.
  var goods: Int {
    lines.reduce(0) { total, line in
      if case .product = line.item { return total + line.amount }
      return total
    }
  }
}

extension SampleShop {
  /// A sale with its basket, postage and discount.
  func order(
    second: Int64,
    _ campaign: Int?,
    _ customer: Int,
    _ behaviour: SampleBehaviour,
    _ random: inout CounterRandom
  ) -> SampleOrder {
    let channel = SampleChannel.allCases[random.choice(weights: behaviour.channelWeights)]
    let day = calendar.day(ofSecond: second)
    var lines = basket(onDay: day, behaviour.categoryWeights, size: behaviour.basketSize, &random)
    appendFees(to: &lines, channel, onDay: day, hasCampaign: campaign != nil, &random)
    return SampleOrder(
      second: second,
      kind: .sale,
      channel: channel,
      campaign: campaign,
      lines: lines
    )
  }

  /// Distinct products by category preference and popularity, then the planted additions.
  func basket(
    onDay day: Int,
    _ preference: [Double],
    size: Double,
    _ random: inout CounterRandom
  ) -> [SampleLine] {
    let month = calendar.start.advanced(byDays: day).components.month
    var weights = preference
    if month >= 11 { weights[7] *= 2.5 }
    if (4...7).contains(month) { weights[5] *= 2 }
    var chosen: [Int] = []
    for _ in 0...random.poisson(mean: parameters.extraLinesMean) {
      let category = random.choice(weights: weights)
      let place = random.choice(weights: catalogue.popularity[category])
      let product = category * SampleCatalogue.productsPerCategory + place
      guard !chosen.contains(product), catalogue.products[product].launchDay <= day else {
        continue
      }
      chosen.append(product)
    }
    if chosen.isEmpty { chosen = [random.choice(weights: weights) * 12] }
    for pair in catalogue.pairs where chosen.contains(pair.first) {
      let isAdded = random.uniform() < pair.probability
      if isAdded, !chosen.contains(pair.second) { chosen.append(pair.second) }
    }
    return chosen.map { product in
      let price = catalogue.products[product].price(onDay: day)
      let mean = min(60, 0.4 * size * (price < 1200 ? 1.5 : 0.6) * (size > 3 ? 4 : 1))
      return SampleLine(
        item: .product(product),
        quantity: 1 + random.poisson(mean: mean),
        unitPrice: price
      )
    }
  }

  private func appendFees(
    to lines: inout [SampleLine],
    _ channel: SampleChannel?,
    onDay day: Int,
    hasCampaign: Bool,
    _ random: inout CounterRandom
  ) {
    let goods = lines.reduce(0) { $0 + $1.amount }
    if channel != .store, goods < 4000 {
      let postage = day < calendar.dayCount / 2 ? 395 : 450
      lines.append(SampleLine(item: .fee(.postage), quantity: 1, unitPrice: postage))
    }
    if random.uniform() < (hasCampaign ? 0.6 : 0.03) {
      let discount = max(1, goods / 10)
      lines.append(SampleLine(item: .fee(.discount), quantity: -1, unitPrice: discount))
    }
    if random.uniform() < 0.004 {
      let amount = 100 + random.integer(below: 4000)
      let quantity = random.uniform() < 0.5 ? 1 : -1
      lines.append(SampleLine(item: .fee(.manual), quantity: quantity, unitPrice: amount))
    }
  }

  /// The full cancellation of a sale, or the returns of some of its lines.
  func afterSales(_ sale: SampleOrder, _ random: inout CounterRandom) -> [SampleOrder] {
    if random.uniform() < parameters.cancellationShare {
      let delay = 600 + Int64(random.uniform() * 2 * 86_400)
      return [credit(sale, second: sale.second + delay, lines: sale.lines.map(\.negated))]
        .filter { $0.second < calendar.endSecond }
    }
    var returned: [SampleLine] = []
    for line in sale.lines where random.uniform() < parameters.returnShare {
      guard case .product = line.item else { continue }
      let quantity = 1 + random.integer(below: line.quantity)
      returned.append(
        SampleLine(item: line.item, quantity: -quantity, unitPrice: line.unitPrice)
      )
    }
    let second = sale.second + 3 * 86_400 + Int64(random.uniform() * 27 * 86_400)
    guard !returned.isEmpty, second < calendar.endSecond else { return [] }
    return [credit(sale, second: second, lines: returned)]
  }

  /// An order by the thousand and its cancellation minutes later.
  func bulkOrder(_ place: Int, customer: Int, after second: Int64) -> [SampleOrder] {
    let product = place == 0 ? 12 : 86
    let price = catalogue.products[product].prices[0].cents
    let line = SampleLine(
      item: .product(product),
      quantity: place == 0 ? 74_215 : 80_995,
      unitPrice: price
    )
    let sale = SampleOrder(
      second: second + 3600,
      kind: .sale,
      channel: .web,
      campaign: nil,
      lines: [line]
    )
    let minutes: Int64 = place == 0 ? 16 : 12
    let cancellation = credit(sale, second: sale.second + 60 * minutes, lines: [line.negated])
    return cancellation.second < calendar.endSecond ? [sale, cancellation] : []
  }

  /// Orders of people who left no customer id, one day of the data.
  func guestOrders(onDay day: Int) -> [SampleOrder] {
    var random = SamplePurpose.guests.random(seed: seed, index: day)
    let mean =
      parameters.guestOrdersPerCustomerDay * Double(customerCount) * calendar.intensity[day]
    let count = random.poisson(mean: mean)
    let times = (0..<count).map { _ in Double(day) + random.uniform() }.sorted()
    return times.map { time in
      let channel: SampleChannel = random.uniform() < 0.7 ? .store : .web
      var lines = basket(onDay: day, SampleCatalogue.categoryWeights, size: 0.9, &random)
      appendFees(to: &lines, channel, onDay: day, hasCampaign: false, &random)
      return SampleOrder(
        second: calendar.second(time),
        kind: .sale,
        channel: channel,
        campaign: nil,
        lines: lines
      )
    }
  }

  /// The bank's monthly fee, booked on the 28th without a customer.
  func bankCharges(onDay day: Int) -> [SampleOrder] {
    guard calendar.start.advanced(byDays: day).components.day == 28 else { return [] }
    var random = SamplePurpose.fees.random(seed: seed, index: day)
    let line = SampleLine(
      item: .fee(.bankCharges),
      quantity: -1,
      unitPrice: 900 + random.integer(below: 1500)
    )
    return [
      SampleOrder(
        second: calendar.second(Double(day) + 0.95),
        kind: .sale,
        channel: nil,
        campaign: nil,
        lines: [line]
      )
    ]
  }

  private func credit(_ sale: SampleOrder, second: Int64, lines: [SampleLine]) -> SampleOrder {
    SampleOrder(
      second: second,
      kind: .credit,
      channel: sale.channel,
      campaign: nil,
      lines: lines
    )
  }
}

extension SampleLine {
  /// The line that takes this one back.
  fileprivate var negated: SampleLine {
    SampleLine(item: item, quantity: -quantity, unitPrice: unitPrice)
  }
}
