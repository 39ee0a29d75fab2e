/// What is known of a person's way from a first visit on, in days since 1970.
///
/// What happens on a day is seen from the day after it on.
public struct LifeCyclePerson: Sendable, Hashable {
  /// All days with orders, rising, each once.
  public var orderDays: [Int]
  /// The day of the first visit.
  public var visitDay: Int?
  /// The day from which on the person is known by name.
  public var registrationDay: Int?
  /// The first day on which the person brought in another.
  public var referralDay: Int?

  /// A person; nil where a day is not known.
  public init(
    orderDays: [Int] = [],
    visitDay: Int? = nil,
    registrationDay: Int? = nil,
    referralDay: Int? = nil
  ) {
    self.orderDays = orderDays
    self.visitDay = visitDay
    self.registrationDay = registrationDay
    self.referralDay = referralDay
  }

  /// The first sign of life: a visit, a registration or an order; nil if there is none.
  public var firstDay: Int? {
    [visitDay, registrationDay, orderDays.first].compactMap(\.self).min()
  }

  /// Whether a person without orders is known by name at the start of a day.
  ///
  /// Who is not known to have visited before is taken to be: an order needs a name.
  func isRegistered(at day: Int) -> Bool {
    registrationDay.map { $0 < day } == true || visitDay.map { $0 < day } != true
  }
}
