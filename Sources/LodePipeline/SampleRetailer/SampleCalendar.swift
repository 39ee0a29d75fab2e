internal import Glibc
internal import LodeRuntime

/// The days of the sample and the demand of each: season, weekday, closed days and trend.
struct SampleCalendar: Sendable {
  /// The first day with data.
  let start: CivilDate
  /// Days with data; the last one is ``SampleRetailer/endDate``.
  let dayCount: Int
  /// Demand of each day from the start, 0 after the end included for `futureDays` days.
  let intensity: [Double]
  /// Sums of `intensity` before each day.
  let cumulative: [Double]
  /// Days of demand known after the end, for expected future orders.
  static let futureDays = 84

  init(years: Int, _ parameters: SampleParameters) {
    let end = SampleRetailer.endDate
    let parts = end.components
    start =
      CivilDate(year: parts.year - years, month: parts.month, day: parts.day)
      ?? end.advanced(byDays: -365 * years)
    dayCount = end.days(since: start) + 1
    var intensity: [Double] = []
    var cumulative = [0.0]
    for day in 0..<(dayCount + Self.futureDays) {
      let demand = Self.demand(on: start.advanced(byDays: day), day: day, parameters)
      intensity.append(demand)
      cumulative.append(cumulative[day] + demand)
    }
    self.intensity = intensity
    self.cumulative = cumulative
  }

  /// Demand of a day; the mean of a year without trend is about one.
  static func demand(on date: CivilDate, day: Int, _ parameters: SampleParameters) -> Double {
    let (year, month, dayOfMonth) = date.components
    guard let yearEnd = CivilDate(year: year, month: 12, day: 31) else { return 1 }
    let daysLeft = Double(yearEnd.days(since: date))
    let offset = (daysLeft - parameters.christmasDaysBeforeYearEnd)
    let width = parameters.christmasWidthInDays
    let peak = parameters.christmasPeak * exp(-0.5 * offset * offset / (width * width))
    let peakMean = parameters.christmasPeak * width * (2 * Double.pi).squareRoot() / 365.25
    let wave = 0.08 * cos(2 * Double.pi * (daysLeft + 61) / 365.25)
    let isClosed = (month == 12 && dayOfMonth == 25) || (month == 1 && dayOfMonth == 1)
    let trend = 1 + parameters.trendPerYear * Double(day) / 365.25
    let season = (1 + peak + wave) / (1 + peakMean)
    return season * parameters.weekdayFactors[date.weekday - 1] * trend * (isClosed ? 0.1 : 1)
  }

  /// Demand between two times in days from the start.
  func demand(from earlier: Double, to later: Double) -> Double {
    demand(before: later) - demand(before: earlier)
  }

  /// The time (days from the start) at which demand since `time` reaches `amount`, nil after the
  /// end.
  func time(after time: Double, demand amount: Double) -> Double? {
    let target = demand(before: time) + amount
    guard target < cumulative[dayCount] else { return nil }
    var low = 0
    var high = dayCount
    while high - low > 1 {
      let middle = (low + high) / 2
      if cumulative[middle] <= target { low = middle } else { high = middle }
    }
    return Double(low) + (target - cumulative[low]) / intensity[low]
  }

  /// The second since 1970 of a time in days; the part of the day is spread over opening hours.
  func second(_ time: Double) -> Int64 {
    let day = Int(time)
    var rest = (time - Double(day)) * Self.hourTotal
    var hour = 0
    while hour < 23, rest >= Self.hourWeights[hour] {
      rest -= Self.hourWeights[hour]
      hour += 1
    }
    let inHour = Self.hourWeights[hour] > 0 ? rest / Self.hourWeights[hour] : 0
    let second = hour * 3600 + min(3599, Int(inHour * 3600))
    return Int64(start.daysSinceEpoch + day) * 86_400 + Int64(second)
  }

  /// The first second after the end of the data.
  var endSecond: Int64 { Int64(start.daysSinceEpoch + dayCount) * 86_400 }

  /// The days from the start of a second.
  func day(ofSecond second: Int64) -> Int { Int(second / 86_400) - start.daysSinceEpoch }

  private func demand(before time: Double) -> Double {
    let day = min(max(0, Int(time)), dayCount + Self.futureDays - 1)
    return cumulative[day] + (time - Double(day)) * intensity[day]
  }

  /// Orders by hour of the day.
  private static let hourWeights: [Double] = [
    1, 0, 0, 0, 0, 0, 1, 3, 6, 9, 11, 12, 11, 10, 10, 10, 10, 11, 12, 13, 14, 12, 8, 3,
  ]

  private static let hourTotal = hourWeights.reduce(0, +)
}

/// Writes times as the files hold them.
enum SampleTime {
  /// `YYYY-MM-DD HH:MM:SS` of a second since 1970.
  static func text(_ second: Int64) -> String {
    let date = CivilDate(daysSinceEpoch: Int(second / 86_400))
    let inDay = Int(second % 86_400)
    let hour = zeroPadded(inDay / 3600, 2)
    return "\(date) \(hour):\(zeroPadded(inDay / 60 % 60, 2)):\(zeroPadded(inDay % 60, 2))"
  }

  /// `YYYY-MM-DD` of a second since 1970.
  static func dateText(_ second: Int64) -> String {
    CivilDate(daysSinceEpoch: Int(second / 86_400)).description
  }
}

/// A whole number with leading zeros up to `width` digits.
func zeroPadded(_ number: Int, _ width: Int) -> String {
  let digits = String(number)
  return String(repeating: "0", count: max(0, width - digits.count)) + digits
}

/// Cents as a decimal number with two digits.
func euros(_ cents: Int) -> String {
  let magnitude = abs(cents)
  return (cents < 0 ? "-" : "") + "\(magnitude / 100).\(zeroPadded(magnitude % 100, 2))"
}
