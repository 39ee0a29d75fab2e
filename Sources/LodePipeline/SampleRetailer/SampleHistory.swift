internal import Glibc
internal import LodeRuntime

/// All that happens to one customer.
struct SampleHistory: Sendable {
  let customer: Int
  let behaviour: SampleBehaviour
  let person: SamplePerson
  /// The second of the registration.
  let registeredAt: Int64
  let orders: [SampleOrder]
  let members: [SampleMember]
  let surveys: [SampleSurvey]
  let sessions: [SampleSession]
  let consents: [SampleConsent]
}

extension SampleShop {
  /// The history of one customer; a pure function of the seed and the index.
  func history(ofCustomer customer: Int) -> SampleHistory {
    let behaviour = behaviour(ofCustomer: customer)
    let person = person(ofCustomer: customer)
    var random = SamplePurpose.orders.random(seed: seed, index: customer)
    let firstSecond = calendar.second(behaviour.acquiredAt)
    let lead = random.uniform() < 0.4 ? Int64(random.uniform() * 20 * 86_400) : 600
    let earliest = Int64(calendar.start.daysSinceEpoch) * 86_400
    let registeredAt = max(earliest, firstSecond - lead)
    let consents = consents(ofCustomer: customer, behaviour, registeredAt: registeredAt)
    var plan = behaviour.isProspect ? [] : plannedOrders(behaviour, &random)
    let members =
      plan.isEmpty ? [] : campaignMembers(ofCustomer: customer, behaviour, consents, &plan)
    var orders = plan.map { planned in
      order(second: calendar.second(planned.time), planned.campaign, customer, behaviour, &random)
    }
    let sales = orders
    orders += sales.flatMap { afterSales($0, &random) }
    if let place = bulkCustomers.firstIndex(of: customer) {
      orders += bulkOrder(place, customer: customer, after: firstSecond)
    }
    return SampleHistory(
      customer: customer,
      behaviour: behaviour,
      person: person,
      registeredAt: registeredAt,
      orders: orders,
      members: members,
      surveys: surveys(ofCustomer: customer, behaviour, sales),
      sessions: sessions(ofCustomer: customer, behaviour, sales, registeredAt: registeredAt),
      consents: consents
    )
  }

  /// The hidden traits of one customer.
  func behaviour(ofCustomer customer: Int) -> SampleBehaviour {
    var random = SamplePurpose.behaviour.random(seed: seed, index: customer)
    let isProspect =
      random.uniform() < parameters.prospectShare && !bulkCustomers.contains(customer)
    let purchaseRate = random.gamma(
      shape: parameters.purchaseShape,
      rate: parameters.purchaseScaleInWeeks
    )
    let dropoutRate = random.gamma(
      shape: parameters.dropoutShape,
      rate: parameters.dropoutScaleInWeeks
    )
    let score = (log(max(dropoutRate, 1e-300)) - logDropout.mean) / logDropout.deviation
    let acquiredAt = acquisitionTime(&random)
    let life = 7 * random.exponential(rate: max(dropoutRate, 1e-9))
    let sources = SampleSource.allCases
    let source =
      sources[random.choice(weights: sources.map { $0.weight.base * exp($0.weight.slope * score) })]
    let isWholesale = random.uniform() < 0.02
    return SampleBehaviour(
      purchaseRate: purchaseRate,
      dropoutRate: dropoutRate,
      dropoutScore: score,
      isProspect: isProspect,
      acquiredAt: acquiredAt,
      dropoutAt: acquiredAt + life,
      source: source,
      channelWeights: SampleMath.dirichlet(
        around: source == .store ? [0.2, 0.1, 0.6, 0.1] : [0.5, 0.22, 0.2, 0.08],
        concentration: 2.5,
        &random
      ),
      categoryWeights: SampleMath.dirichlet(
        around: SampleCatalogue.categoryWeights,
        concentration: 0.8,
        &random
      ),
      basketSize: exp(parameters.basketSizeDeviation * random.normal()) * (isWholesale ? 3.5 : 1)
    )
  }

  /// The first order: in the opening six weeks, or later in step with demand.
  private func acquisitionTime(_ random: inout CounterRandom) -> Double {
    let opening = 42.0
    let last = Double(calendar.dayCount)
    let isOpening = random.uniform() < parameters.openingShare
    let span = isOpening ? (0.0, opening) : (opening, last)
    let amount = random.uniform() * calendar.demand(from: span.0, to: span.1)
    return calendar.time(after: span.0, demand: amount) ?? span.0
  }

  /// The first order and a Poisson process in seasonal time until dropout or the end.
  private func plannedOrders(
    _ behaviour: SampleBehaviour,
    _ random: inout CounterRandom
  ) -> [SamplePlannedOrder] {
    var plan = [SamplePlannedOrder(time: behaviour.acquiredAt, campaign: nil)]
    var time = behaviour.acquiredAt
    let ratePerDay = max(behaviour.purchaseRate / 7, 1e-12)
    while let next = calendar.time(after: time, demand: random.exponential(rate: ratePerDay)),
      next < behaviour.dropoutAt
    {
      plan.append(SamplePlannedOrder(time: next, campaign: nil))
      time = next
    }
    return plan
  }

  /// Orders that a customer alive at the end makes in the following 12 weeks, in expectation.
  func expectedOrdersAfterEnd(_ behaviour: SampleBehaviour) -> Double {
    guard !behaviour.isProspect, behaviour.dropoutAt >= Double(calendar.dayCount) else { return 0 }
    var expected = 0.0
    for day in 0..<SampleCalendar.futureDays {
      let alive = exp(-behaviour.dropoutRate / 7 * (Double(day) + 0.5))
      expected += behaviour.purchaseRate / 7 * calendar.intensity[calendar.dayCount + day] * alive
    }
    return expected
  }
}
