internal import LodeRuntime

/// A campaign with a control group and a known effect.
struct SampleCampaign: Sendable {
  /// What it does to one treated customer who is still alive.
  enum Effect: Sendable {
    /// One more order with this probability, times the factor of the customer's source.
    case adds(probability: Double)
    /// Each order of the window is lost with this probability.
    case loses(probability: Double)
  }

  let code: String
  let name: String
  let action: String
  /// The contact channel, which needs consent.
  let channel: String
  let offer: String
  /// Days from the start of the data.
  let startDay: Int
  let endDay: Int
  /// Cents.
  let fixedCost: Int
  let costPerContact: Int
  let effect: Effect
  /// The share of members that are treated.
  let treatedShare: Double

  /// Days since the last order that make a customer eligible.
  func isEligible(daysSinceLastOrder days: Double) -> Bool {
    switch action {
    case "win": days > 90
    case "keep": days <= 150
    default: true
    }
  }

  private struct Kind {
    let action: String
    let channel: String
    let name: String
    let offer: String
    let fixedCost: Int
    let costPerContact: Int
    let effect: Effect
  }

  private static let kinds = [
    Kind(
      action: "extend",
      channel: "email",
      name: "Ten percent off",
      offer: "10 % off",
      fixedCost: 30_000,
      costPerContact: 4,
      effect: .adds(probability: 0.14)
    ),
    Kind(
      action: "keep",
      channel: "email",
      name: "Double points",
      offer: "double points",
      fixedCost: 20_000,
      costPerContact: 4,
      effect: .adds(probability: 0.08)
    ),
    Kind(
      action: "win",
      channel: "post",
      name: "Come back card",
      offer: "5 EUR voucher",
      fixedCost: 40_000,
      costPerContact: 95,
      effect: .adds(probability: 0.12)
    ),
    Kind(
      action: "extend",
      channel: "push",
      name: "App news",
      offer: "none",
      fixedCost: 5000,
      costPerContact: 1,
      effect: .adds(probability: 0)
    ),
    Kind(
      action: "keep",
      channel: "phone",
      name: "Personal call",
      offer: "free postage",
      fixedCost: 10_000,
      costPerContact: 350,
      effect: .adds(probability: 0.18)
    ),
    Kind(
      action: "extend",
      channel: "sms",
      name: "Flash sale text",
      offer: "today only",
      fixedCost: 8000,
      costPerContact: 9,
      effect: .loses(probability: 0.3)
    ),
  ]

  /// One campaign every six weeks, from day 70 on.
  static func schedule(_ calendar: SampleCalendar) -> [SampleCampaign] {
    var campaigns: [SampleCampaign] = []
    var day = 70
    while day + 28 < calendar.dayCount {
      let kind = kinds[campaigns.count % kinds.count]
      let date = calendar.start.advanced(byDays: day).components
      let code =
        kind.action.prefix(3).uppercased() + zeroPadded(date.year % 100, 2)
        + zeroPadded(date.month, 2)
      campaigns.append(
        SampleCampaign(
          code: code,
          name: kind.name,
          action: kind.action,
          channel: kind.channel,
          offer: kind.offer,
          startDay: day,
          endDay: day + 14,
          fixedCost: kind.fixedCost,
          costPerContact: kind.costPerContact,
          effect: kind.effect,
          treatedShare: campaigns.count % 2 == 0 ? 0.5 : 0.7
        )
      )
      day += 42
    }
    return campaigns
  }
}

/// One customer's part in one campaign.
struct SampleMember: Sendable {
  let campaign: Int
  let isTreated: Bool
  let assignedAt: Int64
  /// The expected change in orders of the window if treated, given the customer's hidden state.
  let trueEffect: Double
  /// Orders that the treatment really added (1), took away (negative) or 0.
  let ordersChanged: Int
}

/// A planned order: when, and which campaign takes the credit.
struct SamplePlannedOrder: Sendable {
  let time: Double
  let campaign: Int?
}

extension SampleShop {
  /// Runs the campaigns over one customer's planned orders.
  ///
  /// - Parameters:
  ///   - customer: the index of the customer.
  ///   - behaviour: the hidden traits.
  ///   - consents: consent events, which decide who may be contacted.
  ///   - plan: the orders; added and lost ones are changed in place.
  /// - Returns: the memberships in campaign order.
  func campaignMembers(
    ofCustomer customer: Int,
    _ behaviour: SampleBehaviour,
    _ consents: [SampleConsent],
    _ plan: inout [SamplePlannedOrder]
  ) -> [SampleMember] {
    var random = SamplePurpose.campaigns.random(seed: seed, index: customer)
    var members: [SampleMember] = []
    for (index, campaign) in campaigns.enumerated() {
      let draws = (random.uniform(), random.uniform(), random.uniform(), random.uniform())
      let start = Double(campaign.startDay)
      guard behaviour.acquiredAt < start - 14,
        let last = plan.last(where: { $0.time < start }),
        campaign.isEligible(daysSinceLastOrder: start - last.time),
        SampleConsent.isGiven(consents, campaign.channel, calendar.second(start)),
        draws.0 < 0.8
      else { continue }
      let isTreated = draws.1 < campaign.treatedShare
      let window = start..<Double(campaign.endDay)
      let inWindow = plan.indices.filter { window.contains(plan[$0].time) }
      let isAlive = behaviour.dropoutAt > start
      var effect = 0.0
      var change = 0
      switch campaign.effect {
      case .adds(let probability):
        effect = isAlive ? min(1, probability * behaviour.source.upliftFactor) : 0
        if isTreated, draws.2 < effect {
          let time = start + 0.4 + draws.3 * (min(window.upperBound, behaviour.dropoutAt) - start)
          plan.append(SamplePlannedOrder(time: min(time, window.upperBound), campaign: index))
          change = 1
        }
      case .loses(let probability):
        effect = -probability * Double(inWindow.count)
        if isTreated {
          let lost = inWindow.filter { _ in random.uniform() < probability }
          change = -lost.count
          plan = plan.indices.filter { !lost.contains($0) }.map { plan[$0] }
        }
      }
      if isTreated, change >= 0 {
        for place in inWindow where random.uniform() < 0.3 {
          plan[place] = SamplePlannedOrder(time: plan[place].time, campaign: index)
        }
      }
      plan.sort { $0.time < $1.time }
      members.append(
        SampleMember(
          campaign: index,
          isTreated: isTreated,
          assignedAt: calendar.second(start - 2 + 0.4),
          trueEffect: effect,
          ordersChanged: change
        )
      )
    }
    return members
  }
}
