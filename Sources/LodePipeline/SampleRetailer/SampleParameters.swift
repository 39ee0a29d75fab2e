internal import LodeRuntime

/// The true parameters of the sample retailer; all of them are written to `truth.json`.
struct SampleParameters: Codable, Hashable, Sendable {
  /// Shape r of the gamma distribution of purchase rates.
  var purchaseShape = 0.9
  /// Rate alpha of the gamma distribution of purchase rates, in weeks.
  var purchaseScaleInWeeks = 6.6
  /// Shape s of the gamma distribution of dropout rates.
  var dropoutShape = 0.75
  /// Rate beta of the gamma distribution of dropout rates, in weeks.
  var dropoutScaleInWeeks = 32.0
  /// Share of buyers whose first order falls into the first six weeks.
  var openingShare = 0.35
  /// Share of customer ids that registered and never bought.
  var prospectShare = 0.03
  /// Share of customer ids that belong to a person with an earlier id.
  var duplicatePersonShare = 0.03
  /// Share of persons who live with an earlier customer (same surname, postcode and phone).
  var householdShare = 0.04
  /// Growth of demand per year (0.06 = six percent).
  var trendPerYear = 0.06
  /// Height of the Christmas peak above the rest of the year (0.9 = 90 percent more).
  var christmasPeak = 0.9
  /// The centre of the Christmas peak, in days before 31 December.
  var christmasDaysBeforeYearEnd = 19.0
  /// The width (standard deviation) of the Christmas peak in days.
  var christmasWidthInDays = 13.0
  /// Demand by weekday, Monday first, of mean one.
  var weekdayFactors = [1.02, 0.98, 0.97, 1.0, 1.12, 1.21, 0.7]
  /// Mean of the lines of a basket beyond the first.
  var extraLinesMean = 1.15
  /// Standard deviation of the logarithm of the personal basket size.
  var basketSizeDeviation = 0.35
  /// Share of product lines that come back later.
  var returnShare = 0.035
  /// Share of orders that are cancelled in full within two days.
  var cancellationShare = 0.015
  /// Orders of guests per customer id of the shop and day of demand one.
  var guestOrdersPerCustomerDay = 0.0005
  /// Change of the satisfaction score by one standard deviation of the log dropout rate.
  var satisfactionSlope = -0.7
  /// Points by which satisfaction falls in the 60 days before dropout.
  var satisfactionFallBeforeDropout = 0.9
  /// Days after its start in which a campaign works.
  var campaignWindowInDays = 14
  /// Share of those approached who are won by spending without end.
  var acquisitionCeiling = 0.3

  /// The documented parameters.
  init() {}
}

/// What a random stream is for; a purpose and an index name one stream.
enum SamplePurpose: UInt64 {
  case identity = 1
  case person
  case household
  case behaviour
  case orders
  case campaigns
  case surveys
  case sessions
  case consents
  case guests
  case lineDirt
  case customerDirt
  case catalogue
  case fees
  case rowDirt
  case spending

  /// The stream of this purpose for one index.
  func random(seed: UInt64, index: Int = 0) -> CounterRandom {
    CounterRandom(seed: seed &+ rawValue &* 0x9E37_79B9_7F4A_7C15, stream: UInt64(index))
  }
}

/// Where a customer buys.
enum SampleChannel: String, CaseIterable, Sendable {
  case web
  case app
  case store
  case phone
}

/// Lines that are no product.
enum SampleFee: String, Sendable {
  case postage = "POST"
  case discount = "D"
  case manual = "M"
  case bankCharges = "BANK CHARGES"

  var description: String {
    switch self {
    case .postage: "POSTAGE"
    case .discount: "Discount"
    case .manual: "Manual"
    case .bankCharges: "Bank charges"
    }
  }
}

/// What an order line sells.
enum SampleItem: Hashable, Sendable {
  case product(Int)
  case fee(SampleFee)
}
