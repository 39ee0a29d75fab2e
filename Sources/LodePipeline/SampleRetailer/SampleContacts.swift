internal import LodeRuntime

/// A satisfaction survey sent after an order.
struct SampleSurvey: Sendable {
  let askedAt: Int64
  /// Nil without an answer.
  let answeredAt: Int64?
  /// 1 (very dissatisfied) to 5 (very satisfied), nil without an answer.
  let score: Int?
}

/// A visit of the web shop or the app.
struct SampleSession: Sendable {
  let visitor: String
  let isKnown: Bool
  let startedAt: Int64
  let durationInSeconds: Int
  let pages: Int
  let source: String
  let device: String
  let productViews: Int
  let cartAdds: Int
  let isConverted: Bool
}

/// A consent given or withdrawn.
struct SampleConsent: Sendable {
  let purpose: String
  let channel: String
  let isGiven: Bool
  let at: Int64
  let source: String

  /// Whether marketing by a channel is allowed at a time; unknown = no.
  static func isGiven(_ events: [SampleConsent], _ channel: String, _ second: Int64) -> Bool {
    events.last { $0.purpose == "marketing" && $0.channel == channel && $0.at < second }?.isGiven
      ?? false
  }
}

extension SampleShop {
  /// Surveys after one order in eight; a little over half are answered.
  func surveys(
    ofCustomer customer: Int,
    _ behaviour: SampleBehaviour,
    _ orders: [SampleOrder]
  ) -> [SampleSurvey] {
    var random = SamplePurpose.surveys.random(seed: seed, index: customer)
    var surveys: [SampleSurvey] = []
    for order in orders where random.uniform() < 0.125 {
      let asked = order.second + 3 * 86_400
      let isAnswered = random.uniform() < 0.56
      let answered = asked + 1800 + Int64(random.exponential(rate: 1 / 86_400.0))
      let day = Double(calendar.day(ofSecond: asked))
      let isLeaving = behaviour.dropoutAt - day < 60
      let latent =
        3.7 + parameters.satisfactionSlope * behaviour.dropoutScore + 0.6 * random.normal()
        - (isLeaving ? parameters.satisfactionFallBeforeDropout : 0)
      guard asked < calendar.endSecond else { continue }
      let isInTime = isAnswered && answered < calendar.endSecond
      surveys.append(
        SampleSurvey(
          askedAt: asked,
          answeredAt: isInTime ? answered : nil,
          score: isInTime ? Int(min(5, max(1, latent.rounded()))) : nil
        )
      )
    }
    return surveys
  }

  /// Visits before registration, before web orders, and just to look; fewer near dropout.
  func sessions(
    ofCustomer customer: Int,
    _ behaviour: SampleBehaviour,
    _ orders: [SampleOrder],
    registeredAt: Int64
  ) -> [SampleSession] {
    var random = SamplePurpose.sessions.random(seed: seed, index: customer)
    let visitor = "v" + zeroPadded(customer * 7 + 3, 7)
    var sessions: [SampleSession] = []
    let earliest = Int64(calendar.start.daysSinceEpoch) * 86_400
    for _ in 0..<random.poisson(mean: 0.6) {
      let at = registeredAt - 900 - Int64(random.uniform() * 9 * 86_400)
      sessions.append(session(visitor, at, isKnown: false, isConverted: false, &random))
    }
    for order in orders where random.uniform() < 0.45 {
      guard order.channel == .web || order.channel == .app else { continue }
      sessions.append(
        session(visitor, order.second - 400, isKnown: true, isConverted: true, &random)
      )
    }
    let last = Double(calendar.dayCount)
    let first = min(behaviour.acquiredAt, last)
    let weeks = max(0, min(behaviour.dropoutAt, last) - first) / 7
    for _ in 0..<random.poisson(mean: weeks * (0.25 * behaviour.purchaseRate + 0.004)) {
      let time = first + random.uniform() * weeks * 7
      guard behaviour.dropoutAt - time > 30 || random.uniform() < 0.4 else { continue }
      sessions.append(
        session(visitor, calendar.second(time), isKnown: true, isConverted: false, &random)
      )
    }
    return sessions.filter { $0.startedAt >= earliest && $0.startedAt < calendar.endSecond }
  }

  /// Visits of people who never register, one day of the data.
  func surferSessions(onDay day: Int) -> [SampleSession] {
    var random = SamplePurpose.sessions.random(seed: seed &+ 1, index: day)
    let mean = 0.0009 * Double(customerCount) * calendar.intensity[day]
    return (0..<random.poisson(mean: mean))
      .map { number in
        let visitor = "s" + zeroPadded(day, 4) + zeroPadded(number, 4)
        let at = calendar.second(Double(day) + random.uniform())
        return session(visitor, at, isKnown: false, isConverted: false, &random)
      }
  }

  private func session(
    _ visitor: String,
    _ at: Int64,
    isKnown: Bool,
    isConverted: Bool,
    _ random: inout CounterRandom
  ) -> SampleSession {
    let pages = (isConverted ? 4 : 1) + random.poisson(mean: isConverted ? 4 : 2.5)
    let views = random.integer(below: pages + 1)
    let adds = isConverted ? 1 + random.poisson(mean: 1) : random.poisson(mean: 0.15)
    let sources = ["direct", "search", "social", "email", "referral"]
    let devices = ["phone", "desktop", "tablet"]
    return SampleSession(
      visitor: visitor,
      isKnown: isKnown,
      startedAt: at,
      durationInSeconds: 5 + Int(random.exponential(rate: 1 / (28 * Double(pages)))),
      pages: pages,
      source: sources[random.choice(weights: [0.3, 0.35, 0.12, 0.15, 0.08])],
      device: devices[random.choice(weights: [0.58, 0.34, 0.08])],
      productViews: isConverted ? max(1, views) : views,
      cartAdds: adds,
      isConverted: isConverted
    )
  }

  /// Consents at registration, later withdrawals (more after dropout) and a few renewals.
  func consents(
    ofCustomer customer: Int,
    _ behaviour: SampleBehaviour,
    registeredAt: Int64
  ) -> [SampleConsent] {
    var random = SamplePurpose.consents.random(seed: seed, index: customer)
    let asked = [
      ("marketing", "email", 0.76), ("marketing", "post", 0.6), ("marketing", "sms", 0.42),
      ("marketing", "phone", 0.36), ("marketing", "push", 0.4), ("profiling", "any", 0.82),
    ]
    let form = behaviour.source == .store ? "store_form" : "web_form"
    var events: [SampleConsent] = []
    for (purpose, channel, share) in asked {
      let isGiven = random.uniform() < share
      let daysToWithdrawal = random.exponential(rate: 0.12 / 365)
      let isRenewed = random.uniform() < 0.2
      let daysToRenewal = 20 + 100 * random.uniform()
      guard isGiven else { continue }
      let gone = behaviour.dropoutAt - Double(calendar.day(ofSecond: registeredAt))
      let days =
        daysToWithdrawal > gone ? gone + (daysToWithdrawal - gone) / 3 : daysToWithdrawal
      let withdrawn = registeredAt + Int64(min(days, 1e5) * 86_400)
      let renewed = withdrawn + Int64(daysToRenewal * 86_400)
      let steps = [
        (true, registeredAt, form), (false, withdrawn, "unsubscribe_link"),
        (true, isRenewed ? renewed : .max, "account_settings"),
      ]
      for (state, at, source) in steps where at < calendar.endSecond {
        events.append(
          SampleConsent(
            purpose: purpose,
            channel: channel,
            isGiven: state,
            at: at,
            source: source
          )
        )
      }
    }
    return events
  }
}
