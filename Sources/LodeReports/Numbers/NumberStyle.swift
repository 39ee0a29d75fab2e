internal import Glibc
public import LodeRuntime

/// How a number is written in a report.
public enum NumberStyle: Hashable, Sendable {
  /// `12,431`
  case integer
  /// `3.14`, with this many decimals.
  case decimal(places: Int)
  /// A share as `31.4%`: 0.314 with one place.
  case percent(places: Int)
  /// `EUR 12,431.50`: major units with this many decimals and an ISO 4217 code.
  case money(currency: String, places: Int)
  /// `+12`: like `decimal`, always with its sign.
  case signed(places: Int)
  /// A factor as `1.8x`.
  case factor(places: Int)

  /// The number as text; an en dash for what is missing or not finite.
  public func text(_ number: Double?) -> String {
    guard let number, number.isFinite else { return "\u{2013}" }
    switch self {
    case .integer: return ReportNumber.text(number, places: 0)
    case .decimal(let places): return ReportNumber.text(number, places: places)
    case .percent(let places): return ReportNumber.text(number * 100, places: places) + "%"
    case .money(let currency, let places):
      return ReportNumber.withSpace(currency, ReportNumber.text(number, places: places))
    case .signed(let places):
      return (number > 0 ? "+" : "") + ReportNumber.text(number, places: places)
    case .factor(let places): return ReportNumber.text(number, places: places) + "x"
    }
  }

  /// A short text for an axis: `12k`, `1.5M`, `20%`.
  ///
  /// - Parameters:
  ///   - number: the place on the axis.
  ///   - step: the distance of two ticks, which decides on the decimals.
  /// - Returns: the label, without a currency.
  func axisText(_ number: Double, step: Double) -> String {
    switch self {
    case .percent:
      return ReportNumber.text(number * 100, places: ReportNumber.places(forStep: step * 100)) + "%"
    case .factor: return ReportNumber.text(number, places: ReportNumber.places(forStep: step)) + "x"
    default:
      let (divisor, suffix) = Self.scale(abs(number))
      let places = ReportNumber.places(forStep: step / divisor)
      return ReportNumber.text(number / divisor, places: places) + suffix
    }
  }

  /// What an axis in this style says beside its title.
  var axisUnit: String? {
    if case .money(let currency, _) = self { return currency }
    return nil
  }

  private static func scale(_ magnitude: Double) -> (Double, String) {
    switch magnitude {
    case 1e9...: (1e9, "B")
    case 1e6...: (1e6, "M")
    case 1e4...: (1e3, "k")
    default: (1, "")
    }
  }
}

/// Numbers, money and dates as text, the same on every machine.
public enum ReportNumber {
  /// A number with commas between thousands and a fixed number of decimals, rounded half away from
  /// zero.
  ///
  /// - Parameters:
  ///   - number: any number.
  ///   - places: decimals, 0 to 9.
  /// - Returns: the text, with a real minus sign; an en dash if the number is not finite.
  public static func text(_ number: Double, places: Int) -> String {
    precondition((0...9).contains(places), "\(places) decimals; 0 to 9 are possible")
    guard number.isFinite else { return "\u{2013}" }
    let factor = pow(10, Double(places))
    let scaled = (abs(number) * factor).rounded(.toNearestOrAwayFromZero)
    guard scaled < 9e18 else { return number < 0 ? "\u{2212}\u{221E}" : "\u{221E}" }
    let digits = Int(scaled)
    let unit = Int(factor)
    let sign = number < 0 && digits > 0 ? "\u{2212}" : ""
    let whole = sign + grouped(digits / unit)
    guard places > 0 else { return whole }
    let fraction = String(digits % unit)
    return whole + "." + String(repeating: "0", count: places - fraction.count) + fraction
  }

  /// A count with commas between thousands.
  public static func integer(_ number: Int) -> String {
    (number < 0 ? "\u{2212}" : "") + grouped(Int(number.magnitude))
  }

  /// A share as percent: `percent(0.314)` is `31.4%`.
  public static func percent(_ share: Double, places: Int = 1) -> String {
    NumberStyle.percent(places: places).text(share)
  }

  /// An amount in minor units (cents) as `EUR 1,234.50`.
  ///
  /// - Parameters:
  ///   - minorUnits: the amount in minor units.
  ///   - currency: the ISO 4217 code.
  ///   - places: decimals of the currency that are shown; 0 rounds to whole units.
  ///   - scale: decimals of the minor unit, 2 for cents.
  /// - Returns: the text.
  public static func money(
    minorUnits: Int64,
    currency: String,
    places: Int = 2,
    scale: Int = 2
  ) -> String {
    let amount = Double(minorUnits) / pow(10, Double(scale))
    return withSpace(currency, text(amount, places: places))
  }

  /// A day as `28 Jun 2026`.
  public static func date(_ date: CivilDate) -> String {
    let (year, month, day) = date.components
    return "\(day)\u{A0}\(monthName(month))\u{A0}\(year)"
  }

  /// `Jan` … `Dec`.
  static func monthName(_ month: Int) -> String {
    [
      "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec",
    ][month - 1]
  }

  /// Two words that stay on one line.
  static func withSpace(_ left: String, _ right: String) -> String {
    left.isEmpty ? right : left + "\u{A0}" + right
  }

  /// The decimals that tell two ticks of this distance apart.
  static func places(forStep step: Double) -> Int {
    guard step > 0, step < 1 else { return step.rounded() == step || step > 10 ? 0 : 1 }
    return min(6, Int((-log10(step)).rounded(.up) + 1e-9))
  }

  private static func grouped(_ number: Int) -> String {
    let digits = Array(String(number))
    var text = ""
    for (place, digit) in digits.enumerated() {
      if place > 0, (digits.count - place) % 3 == 0 { text.append(",") }
      text.append(digit)
    }
    return text
  }
}
