/// A point in time as microseconds since 1970-01-01T00:00:00 UTC.
public struct Timestamp: Hashable, Comparable, Sendable, CustomStringConvertible {
  /// Microseconds in a day.
  public static let microsecondsPerDay: Int64 = 86_400_000_000

  /// Microseconds since the epoch.
  public let microseconds: Int64

  /// The point `microseconds` after the epoch.
  public init(microseconds: Int64) {
    self.microseconds = microseconds
  }

  /// Midnight UTC at the start of `date`.
  public init(_ date: CivilDate) {
    microseconds = Int64(date.daysSinceEpoch) * Self.microsecondsPerDay
  }

  /// The UTC calendar day that holds this point.
  public var date: CivilDate {
    CivilDate(daysSinceEpoch: Self.day(ofMicroseconds: microseconds))
  }

  /// `YYYY-MM-DDThh:mm:ssZ`, with a fraction only where there is one.
  public var description: String {
    let inDay = microseconds - Int64(date.daysSinceEpoch) * Self.microsecondsPerDay
    let seconds = Int(inDay / 1_000_000)
    let fraction = Int(inDay % 1_000_000)
    let clock =
      "\(padded(seconds / 3600, 2)):\(padded(seconds / 60 % 60, 2)):\(padded(seconds % 60, 2))"
    return "\(date)T\(clock)\(fraction == 0 ? "" : "." + padded(fraction, 6))Z"
  }

  /// Days since the epoch of the day that holds a point given in microseconds.
  public static func day(ofMicroseconds microseconds: Int64) -> Int {
    let quotient = microseconds / microsecondsPerDay
    return Int(microseconds % microsecondsPerDay < 0 ? quotient - 1 : quotient)
  }

  /// Earlier points come first.
  public static func < (left: Timestamp, right: Timestamp) -> Bool {
    left.microseconds < right.microseconds
  }
}
