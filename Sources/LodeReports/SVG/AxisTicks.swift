internal import Glibc
internal import LodeRuntime

/// Round places on an axis, in steps of 1, 2 or 5 times a power of ten.
public struct AxisTicks: Hashable, Sendable {
  /// The ticks, ascending; the first and the last enclose the data.
  public let values: [Double]
  /// The distance of two ticks.
  public let step: Double

  /// Ticks that enclose a range.
  ///
  /// - Source: Heckbert (1990), "Nice numbers for graph labels", Graphics Gems I.
  ///
  /// - Parameters:
  ///   - low: the lowest value.
  ///   - high: the highest value; a range of no length is widened.
  ///   - count: about how many steps are wanted, at least one.
  public init(low: Double, high: Double, count: Int = 5) {
    precondition(low.isFinite && high.isFinite && low <= high, "axis from \(low) to \(high)")
    precondition(count > 0, "\(count) steps")
    var low = low
    var high = high
    if high - low < max(abs(high), abs(low)) * 1e-9 || high == low {
      let margin = high == 0 ? 1 : abs(high) * 0.1
      if low >= 0 && low - margin < 0 { low = 0 } else { low -= margin }
      high += margin
    }
    let rough = (high - low) / Double(count)
    let exponent = Int(log10(rough).rounded(.down))
    let power = pow(10, Double(abs(exponent)))
    let fraction = exponent >= 0 ? rough / power : rough * power
    let digit: Double = fraction < 1.5 ? 1 : fraction < 3.5 ? 2 : fraction < 7.5 ? 5 : 10
    let place = { (index: Int) in
      exponent >= 0 ? Double(index) * digit * power : Double(index) * digit / power
    }
    step = place(1)
    let first = Int((low / step + 1e-9).rounded(.down))
    let last = Int((high / step - 1e-9).rounded(.up))
    values = (first...max(first + 1, last)).map(place)
  }

  /// The lowest tick.
  public var low: Double { values[0] }
  /// The highest tick.
  public var high: Double { values[values.count - 1] }
}

/// Ticks on an axis of days.
struct DateTicks {
  let values: [(date: CivilDate, label: String)]

  /// At most about `count` ticks on weeks, months, quarters or years.
  init(from first: CivilDate, to last: CivilDate, count: Int) {
    let span = last.days(since: first)
    let limit = max(2, count)
    if span <= limit * 7 {
      let step = span <= limit ? 1 : 7
      let start = step == 7 && first.weekday != 1 ? first.startOfWeek.advanced(byDays: 7) : first
      values = stride(from: 0, through: last.days(since: start), by: step)
        .map {
          let date = start.advanced(byDays: $0)
          let (_, month, day) = date.components
          return (date, "\(day) \(ReportNumber.monthName(month))")
        }
      return
    }
    let months = Double(span) / 30.44
    let step = [1, 2, 3, 6, 12, 24, 60, 120].first { months / Double($0) <= Double(limit) } ?? 240
    var values: [(CivilDate, String)] = []
    let (year, month, _) = first.components
    var index = year * 12 + month - 1
    while true {
      if index % step == 0, let date = CivilDate(year: index / 12, month: index % 12 + 1, day: 1) {
        if date > last { break }
        if date >= first {
          let name = ReportNumber.monthName(index % 12 + 1)
          values.append((date, step >= 12 ? "\(index / 12)" : "\(name) \(index / 12)"))
        }
      } else if index > 12 * 9998 {
        break
      }
      index += 1
    }
    self.values = values
  }
}
