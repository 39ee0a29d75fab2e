internal import LodeRuntime

extension SampleRetailer {
  /// `products.csv`; begins with a byte order mark.
  func productsFile(_ shop: SampleShop, _ truth: inout SampleTruth) -> SampleFile {
    var text = SampleText(
      header: "product_id,name,category,unit_cost,launched_on",
      hasByteOrderMark: true
    )
    var tally = SampleTally()
    tally.add("byte_order_mark")
    for product in shop.catalogue.products {
      text.row([
        product.id, product.name, SampleCatalogue.categories[product.category],
        euros(product.unitCost),
        shop.calendar.start.advanced(byDays: product.launchDay).description,
      ])
      if product.name.contains("\n") { tally.add("embedded_newline") }
      if product.name.contains("\"") { tally.add("embedded_quote") }
    }
    truth.record("products.csv", rows: text.rowCount, tally)
    return SampleFile(name: "products.csv", bytes: text.bytes)
  }

  /// `campaigns.csv`.
  func campaignsFile(_ shop: SampleShop, _ truth: inout SampleTruth) -> SampleFile {
    var text = SampleText(
      header: "campaign_code,name,action,channel,offer,starts_on,ends_on,fixed_cost,"
        + "cost_per_contact"
    )
    for campaign in shop.campaigns {
      text.row([
        campaign.code, campaign.name, campaign.action, campaign.channel, campaign.offer,
        shop.calendar.start.advanced(byDays: campaign.startDay).description,
        shop.calendar.start.advanced(byDays: campaign.endDay).description,
        euros(campaign.fixedCost), euros(campaign.costPerContact),
      ])
    }
    truth.record("campaigns.csv", rows: text.rowCount, SampleTally())
    return SampleFile(name: "campaigns.csv", bytes: text.bytes)
  }

  /// `campaign_members.csv`, in campaign and customer order.
  func membersFile(
    _ shop: SampleShop,
    _ histories: [SampleHistory],
    _ truth: inout SampleTruth
  ) -> SampleFile {
    var text = SampleText(header: "campaign_code,customer_id,cell,assigned_at")
    var writer = SampleRowDirt(seed: seed, file: 1)
    for (index, campaign) in shop.campaigns.enumerated() {
      for history in histories {
        guard let member = history.members.first(where: { $0.campaign == index }) else { continue }
        let row = [
          campaign.code, shop.id(ofCustomer: history.customer),
          member.isTreated ? "treat" : "control", SampleTime.text(member.assignedAt),
        ]
        text.row(row)
        if writer.repeats() { text.row(row) }
      }
      if index % 5 == 2 {
        let stray = "9" + zeroPadded(99_990 + index % 10, 6)
        let at = SampleTime.text(shop.calendar.second(Double(campaign.startDay) - 1.6))
        text.row([campaign.code, stray, "treat", at])
        writer.tally.add("unknown_customer_id")
      }
    }
    truth.record("campaign_members.csv", rows: text.rowCount, writer.tally)
    return SampleFile(name: "campaign_members.csv", bytes: text.bytes)
  }

  /// `surveys.csv`, with carriage returns and a few scores outside the scale.
  func surveysFile(
    _ shop: SampleShop,
    _ histories: [SampleHistory],
    _ truth: inout SampleTruth
  ) -> SampleFile {
    var text = SampleText(
      header: "survey_id,customer_id,asked_at,answered_at,question,scale_min,scale_max,score",
      usesCarriageReturn: true
    )
    var tally = SampleTally()
    tally.add("carriage_return_line_end")
    let all = byTime(histories, \.surveys, \.askedAt)
    for (number, (customer, survey)) in all.enumerated() {
      var score = survey.score.map { String($0) } ?? ""
      if number % 151 == 40, survey.score != nil {
        score = "11"
        tally.add("score_out_of_scale")
      }
      text.row([
        "S" + zeroPadded(number + 1, 6), shop.id(ofCustomer: customer),
        SampleTime.text(survey.askedAt), survey.answeredAt.map { SampleTime.text($0) } ?? "",
        "satisfaction", "1", "5", score,
      ])
    }
    truth.record("surveys.csv", rows: text.rowCount, tally)
    return SampleFile(name: "surveys.csv", bytes: text.bytes)
  }

  /// `web_sessions.csv`; sessions before a registration carry no customer id.
  func sessionsFile(
    _ shop: SampleShop,
    _ histories: [SampleHistory],
    _ truth: inout SampleTruth
  ) -> SampleFile {
    let surfers = Parallel.map(shop.calendar.dayCount) { shop.surferSessions(onDay: $0) }
    var all: [(customer: Int?, session: SampleSession)] = []
    for history in histories {
      for session in history.sessions {
        all.append((session.isKnown ? history.customer : nil, session))
      }
    }
    for session in surfers.joined() { all.append((nil, session)) }
    let places = all.indices.sorted { left, right in
      (all[left].session.startedAt, left) < (all[right].session.startedAt, right)
    }
    var text = SampleText(
      header: "session_id,visitor_id,customer_id,started_at,duration_s,pages,source,device,"
        + "product_views,cart_adds,converted"
    )
    var writer = SampleRowDirt(seed: seed, file: 2)
    for (number, place) in places.enumerated() {
      let (customer, session) = all[place]
      var seconds = session.durationInSeconds
      if number % 1999 == 77 {
        seconds = -seconds
        writer.tally.add("negative_duration")
      }
      let row = [
        "W" + zeroPadded(number + 1, 7), session.visitor,
        customer.map { shop.id(ofCustomer: $0) } ?? "", SampleTime.text(session.startedAt),
        String(seconds), String(session.pages), session.source, session.device,
        String(session.productViews), String(session.cartAdds), session.isConverted ? "1" : "0",
      ]
      text.row(row)
      if writer.repeats() { text.row(row) }
    }
    truth.record("web_sessions.csv", rows: text.rowCount, writer.tally)
    return SampleFile(name: "web_sessions.csv", bytes: text.bytes)
  }

  /// `consents.csv`, one event a row in time order.
  func consentsFile(
    _ shop: SampleShop,
    _ histories: [SampleHistory],
    _ truth: inout SampleTruth
  ) -> SampleFile {
    var text = SampleText(header: "customer_id,purpose,channel,state,at,basis,source")
    var writer = SampleRowDirt(seed: seed, file: 3)
    for (customer, consent) in byTime(histories, \.consents, \.at) {
      let row = [
        shop.id(ofCustomer: customer), consent.purpose, consent.channel,
        consent.isGiven ? "given" : "withdrawn", SampleTime.text(consent.at), "consent",
        consent.source,
      ]
      text.row(row)
      if writer.repeats() { text.row(row) }
    }
    truth.record("consents.csv", rows: text.rowCount, writer.tally)
    return SampleFile(name: "consents.csv", bytes: text.bytes)
  }

  /// `truth_customers.csv`: what no real shop knows.
  func truthCustomersFile(
    _ shop: SampleShop,
    _ histories: [SampleHistory],
    _ truth: inout SampleTruth
  ) -> SampleFile {
    var text = SampleText(
      header: "customer_id,person_id,household_id,kind,acquired_on,true_rate_per_week,"
        + "true_dropout_rate_per_week,dropout_on,alive_at_end,expected_orders_next_12_weeks"
    )
    let end = Double(shop.calendar.dayCount)
    for history in histories {
      let behaviour = history.behaviour
      let isGone = behaviour.dropoutAt < end
      let acquired = shop.calendar.start.advanced(byDays: Int(behaviour.acquiredAt))
      let dropout = shop.calendar.start.advanced(byDays: Int(min(behaviour.dropoutAt, end)))
      let isBuyer = !behaviour.isProspect
      text.row([
        shop.id(ofCustomer: history.customer), "P" + zeroPadded(history.person.root + 1, 6),
        "H" + zeroPadded(history.person.household + 1, 6), isBuyer ? "buyer" : "prospect",
        isBuyer ? acquired.description : "",
        isBuyer ? millionths(behaviour.purchaseRate) : "",
        isBuyer ? millionths(behaviour.dropoutRate) : "",
        isBuyer && isGone ? dropout.description : "", isBuyer ? (isGone ? "0" : "1") : "",
        millionths(shop.expectedOrdersAfterEnd(behaviour)),
      ])
    }
    truth.record("truth_customers.csv", rows: text.rowCount, SampleTally())
    return SampleFile(name: "truth_customers.csv", bytes: text.bytes)
  }

  /// Events of all customers in time order, ties by customer.
  private func byTime<Event>(
    _ histories: [SampleHistory],
    _ events: (SampleHistory) -> [Event],
    _ time: (Event) -> Int64
  ) -> [(customer: Int, event: Event)] {
    var all: [(customer: Int, event: Event)] = []
    for history in histories {
      for event in events(history) { all.append((history.customer, event)) }
    }
    let places = all.indices.sorted { left, right in
      (time(all[left].event), left) < (time(all[right].event), right)
    }
    return places.map { all[$0] }
  }

  /// A number with six decimals.
  private func millionths(_ number: Double) -> String {
    let scaled = Int((number * 1e6).rounded())
    return "\(scaled / 1_000_000).\(zeroPadded(scaled % 1_000_000, 6))"
  }
}

/// Repeats rows of one file now and then, and counts them.
struct SampleRowDirt: Sendable {
  var tally = SampleTally()
  private var random: CounterRandom
  private var row = 0

  init(seed: UInt64, file: Int) {
    random = SamplePurpose.rowDirt.random(seed: seed, index: file)
  }

  /// Whether the row just written is to be written once more.
  mutating func repeats() -> Bool {
    row += 1
    guard random.uniform() < 0.002 || row == 5 else { return false }
    tally.add("exact_duplicate")
    return true
  }
}
