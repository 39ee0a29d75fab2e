internal import LodeRuntime

/// Everything that customers share: calendar, catalogue, campaigns and parameters.
struct SampleShop: Sendable {
  let seed: UInt64
  let customerCount: Int
  let years: Int
  let parameters: SampleParameters
  let calendar: SampleCalendar
  let catalogue: SampleCatalogue
  let campaigns: [SampleCampaign]
  /// Mean and standard deviation of the logarithm of the dropout rate per week.
  let logDropout: (mean: Double, deviation: Double)
  /// The two customers who order by the thousand and cancel within minutes.
  let bulkCustomers: [Int]

  init(_ retailer: SampleRetailer) {
    seed = retailer.seed
    customerCount = retailer.customerCount
    years = retailer.years
    parameters = SampleParameters()
    calendar = SampleCalendar(years: retailer.years, parameters)
    catalogue = SampleCatalogue(seed: retailer.seed, dayCount: calendar.dayCount)
    campaigns = SampleCampaign.schedule(calendar)
    logDropout = SampleMath.logGammaMoments(
      shape: parameters.dropoutShape,
      rate: parameters.dropoutScaleInWeeks
    )
    bulkCustomers = customerCount < 20 ? [] : [customerCount / 7, customerCount * 5 / 9]
  }

  /// The id of a customer as text, six digits with leading zeros or more.
  func id(ofCustomer customer: Int) -> String { zeroPadded(customer + 1, 6) }
}

/// The traits of one customer that the files never show.
struct SampleBehaviour: Sendable {
  /// Orders per week of demand one.
  let purchaseRate: Double
  /// Dropout hazard per week.
  let dropoutRate: Double
  /// Standardised logarithm of the dropout rate.
  let dropoutScore: Double
  /// Whether the customer never buys.
  let isProspect: Bool
  /// The time of the first order, in days from the start.
  let acquiredAt: Double
  /// The time after which no order comes, in days from the start; may lie after the end.
  let dropoutAt: Double
  let source: SampleSource
  let channelWeights: [Double]
  let categoryWeights: [Double]
  /// Factor of the quantities of this customer.
  let basketSize: Double
}

/// Where a customer came from; the share of each depends on the dropout rate.
enum SampleSource: String, CaseIterable, Sendable {
  case newsletter
  case search
  case social
  case referral
  case store
  case marketplace

  /// Base weight, and its log-linear change with the standardised log dropout rate.
  var weight: (base: Double, slope: Double) {
    switch self {
    case .newsletter: (0.16, -0.25)
    case .search: (0.27, 0)
    case .social: (0.18, 0.3)
    case .referral: (0.12, -0.5)
    case .store: (0.15, -0.2)
    case .marketplace: (0.12, 0.6)
    }
  }

  /// Factor of the uplift of campaigns for customers of this source.
  var upliftFactor: Double {
    switch self {
    case .newsletter: 1.8
    case .search: 0.9
    case .social: 1.1
    case .referral: 1.2
    case .store: 0.5
    case .marketplace: 0
    }
  }
}
