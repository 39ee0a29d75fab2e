internal import LodeColumns
public import LodeFormats
internal import LodeMining
internal import LodeNumerics
public import LodeRuntime

/// Campaign members and order lines to response rates, and the responses to expect of the next.
///
/// Who orders within `response_days` of the contact has responded. Small campaigns lean on all the
/// others; where some customers were held back, what the contact added stands beside.
public struct CampaignResponseStage: Stage {
  /// The kind of the stage.
  public static let operation = Operation.forecast
  /// The name in pipeline files.
  public static let method = "campaign_response"
  /// The version of the method.
  public static let version = 2

  /// The campaign that nobody has seen yet.
  static let newCampaign = "(new)"

  private let from: String
  private let columns: CampaignColumns
  private let responseDays: Int
  private let plannedContacts: Int
  private let level: Double
  private let productsOnly: Bool
  private let rejectLimit: RejectLimit

  /// Reads `from`, `columns`, `treated`, `control`, `response_days`, `planned_contacts`,
  /// `interval`, `products_only` and the limit of bad rows.
  public init(_ reader: ConfigurationReader) throws(Diagnostic) {
    from = try reader.string("from") ?? "campaign_members"
    columns = try CampaignColumns(reader)
    responseDays = try reader.integer("response_days", in: 1...366) ?? 28
    plannedContacts = try reader.integer("planned_contacts", in: 1...10_000_000) ?? 1_000
    level = try reader.number("interval", in: 0.5...0.999) ?? 0.9
    productsOnly = try reader.boolean("products_only") ?? true
    rejectLimit = try RejectLimit.read(reader) ?? .share(0.01)
  }

  /// The members and the clean sales.
  public var inputs: [String] { [from, "order_lines"] }
  /// A row a campaign and one for the next, and the distribution of rates.
  public var outputs: [String] { ["campaign_response", "model.campaign_response"] }

  /// Counts who responded, then pools the rates.
  public func run(_ tables: StageInputs, in context: StageContext) throws -> StageOutput {
    let window = Int64(responseDays) * Timestamp.microsecondsPerDay
    let contacts = try CampaignContacts(
      tables,
      from,
      columns,
      window: window,
      limit: rejectLimit,
      context
    )
    let orders = try tables.orderTimes(
      of: Set(contacts.members.map(\.customer)),
      productsOnly: productsOnly
    )
    let counts = CampaignCount.all(contacts.members) { member in
      (orders[member.customer] ?? [])
        .contains { $0 > member.time && $0 <= member.time + window }
    }
    let fit = try pooled(counts, context)
    let rows = try table(counts, fit)
    var output = StageOutput()
    output.tables = [
      OutputTable("campaign_response", rows),
      OutputTable("model.campaign_response", Self.model(fit)),
    ]
    contacts.checked.note(in: &output)
    output.finding = try finding(counts, fit, contacts.openMembers.count)
    if !fit.converged { output.warnings = ["the search for the spread of rates did not end"] }
    return output
  }

  private func pooled(
    _ counts: [CampaignCount],
    _ context: StageContext
  ) throws(Diagnostic) -> CampaignResponse {
    do throws(EvaluationError) {
      return try CampaignResponse(
        counts.filter { $0.treated.contacts > 0 }
          .map {
            CampaignResponse.Group(
              name: $0.campaign,
              contacts: $0.treated.contacts,
              responses: $0.treated.responses
            )
          }
      )
    } catch {
      throw Diagnostic(
        .failure,
        at: "stage \(context.stageName)",
        "the campaigns whose \(responseDays) days are over say nothing of the next: \(error)",
        fix: "take more campaigns, or change response_days."
      )
    }
  }

  private func table(_ counts: [CampaignCount], _ fit: CampaignResponse) throws -> Table {
    let rates =
      try counts.map {
        try fit.rate(
          contacts: $0.treated.contacts,
          responses: $0.treated.responses,
          confidenceLevel: level
        )
      } + [try fit.rate(confidenceLevel: level)]
    let expected = try rates.map {
      try CampaignResponse.responses(
        to: plannedContacts,
        at: $0.belief,
        confidenceLevel: level
      )
    }
    let effects = counts.map { $0.effect(level: level) } + [nil]
    func integers(_ value: (CampaignCount) -> Int?) -> Column {
      var builder = ColumnBuilder(.integer)
      for count in counts { builder.append(integer: value(count).map { Int64($0) }) }
      builder.append(integer: nil)
      return builder.build()
    }
    return Table([
      "campaign": Column(texts: counts.map(\.campaign) + [Self.newCampaign]),
      "contacts": integers { $0.treated.contacts },
      "responses": integers { $0.treated.responses },
      "own_rate": Column(optional: counts.map { $0.treated.rate } + [nil]),
      "rate": Column(doubles: rates.map(\.mean)),
      "rate_lower": Column(doubles: rates.map(\.lowerBound)),
      "rate_upper": Column(doubles: rates.map(\.upperBound)),
      "control_contacts": integers { $0.control.contacts },
      "control_responses": integers { $0.control.responses },
      "effect": Column(optional: effects.map { $0?.difference }),
      "effect_lower": Column(optional: effects.map { $0?.lower }),
      "effect_upper": Column(optional: effects.map { $0?.upper }),
      "planned_contacts": Column(integers: rates.map { _ in Int64(plannedContacts) }),
      "expected_responses": Column(doubles: expected.map(\.mean)),
      "expected_lower": Column(integers: expected.map { Int64($0.lowerBound) }),
      "expected_upper": Column(integers: expected.map { Int64($0.upperBound) }),
      "response_days": Column(integers: rates.map { _ in Int64(responseDays) }),
      "level": Column(doubles: rates.map { _ in level }),
    ])
  }

  /// The distribution of rates between campaigns.
  private static func model(_ fit: CampaignResponse) -> Table {
    Table([
      "parameter": Column(texts: ["alpha", "beta", "mean_rate", "log_likelihood", "campaigns"]),
      "value": Column(
        doubles: [
          fit.prior.a, fit.prior.b, fit.prior.mean, fit.logLikelihood, Double(fit.groups.count),
        ]
      ),
    ])
  }

  private func finding(
    _ counts: [CampaignCount],
    _ fit: CampaignResponse,
    _ openCount: Int
  ) throws -> String {
    let next = try fit.rate(confidenceLevel: level)
    let expected = try CampaignResponse.responses(
      to: plannedContacts,
      at: next.belief,
      confidenceLevel: level
    )
    let sums = counts.reduce((0, 0)) {
      ($0.0 + $1.treated.contacts, $0.1 + $1.treated.responses)
    }
    func percent(_ rate: Double) -> String { (100 * rate).rounded(toPlaces: 1) }
    return "\(counts.count) campaigns, \(sums.1) responses to \(sums.0) contacts; of a new one "
      + "\(percent(next.mean)) % (\(percent(next.lowerBound)) to \(percent(next.upperBound))), "
      + "that is \(expected.mean.rounded(toPlaces: 0)) (\(expected.lowerBound) to "
      + "\(expected.upperBound)) of \(plannedContacts) contacts; \(openCount) members whose time "
      + "is not over"
  }
}

/// Contacts and responses of a campaign.
struct CampaignCount: Sendable {
  /// The counts of one cell.
  struct Cell: Sendable {
    var contacts = 0
    var responses = 0

    /// Nil without contacts.
    var rate: Double? { contacts == 0 ? nil : Double(responses) / Double(contacts) }
  }

  let campaign: String
  var treated = Cell()
  var control = Cell()

  /// The campaigns of some members, in their order.
  static func all(
    _ members: [CampaignContacts.Member],
    hasResponded: (CampaignContacts.Member) -> Bool
  ) -> [CampaignCount] {
    var counts: [CampaignCount] = []
    for member in members {
      if counts.last?.campaign != member.campaign {
        counts.append(CampaignCount(campaign: member.campaign))
      }
      let response = hasResponded(member) ? 1 : 0
      let place = counts.count - 1
      if member.isTreated {
        counts[place].treated.contacts += 1
        counts[place].treated.responses += response
      } else {
        counts[place].control.contacts += 1
        counts[place].control.responses += response
      }
    }
    return counts
  }

  /// What the contact added to the rate, with its normal interval; nil without one of the cells.
  func effect(level: Double) -> (difference: Double, lower: Double, upper: Double)? {
    guard let p = treated.rate, let q = control.rate else { return nil }
    let variance =
      p * (1 - p) / Double(treated.contacts) + q * (1 - q) / Double(control.contacts)
    let reach = Distributions.normalQuantile((1 + level) / 2) * variance.squareRoot()
    return (p - q, p - q - reach, p - q + reach)
  }
}
