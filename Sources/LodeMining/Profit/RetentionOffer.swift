/// The money in a retention campaign: who is contacted gets an offer, and a churner may accept it.
///
/// One contacted churner is worth `γ·(value − incentive) − contact`, one contacted loyal customer
/// `−incentive − contact` (the loyal always take the gift), one not contacted 0. All in one
/// currency unit.
///
/// - Source: Neslin et al. (2006), "Defection detection", Journal of Marketing Research 43;
///   Verbraken, Verbeke & Baesens (2013), IEEE Transactions on Knowledge and Data Engineering 25,
///   eq. 8.
public struct RetentionOffer: Sendable, Hashable, Codable {
  /// What an accepted offer costs, in money.
  public var incentive: Double
  /// What one contact costs, in money.
  public var contactCost: Double

  /// An offer.
  public init(incentive: Double = 10, contactCost: Double = 1) {
    self.incentive = incentive
    self.contactCost = contactCost
  }

  /// The profit of contacting a customer who would leave.
  func gain(ofChurner value: Double, acceptRate: Double) -> Double {
    acceptRate * (value - incentive) - contactCost
  }

  /// The cost of contacting a customer who would stay.
  var costOfLoyal: Double { incentive + contactCost }

  /// Refuses costs that are negative or not finite.
  func check() throws(EvaluationError) {
    guard incentive >= 0, contactCost >= 0, incentive.isFinite, contactCost.isFinite else {
      throw .badConfiguration(
        reason: "the incentive costs \(incentive) and a contact \(contactCost)",
        fix: "give both as money of at least 0"
      )
    }
  }

  /// Refuses a customer value that no offer can be measured by.
  func check(customerValue: Double) throws(EvaluationError) {
    try check()
    guard customerValue.isFinite, customerValue > incentive else {
      throw .badConfiguration(
        reason: "a customer is worth \(customerValue), but the incentive costs \(incentive)",
        fix: "give a finite value above the incentive"
      )
    }
  }
}
