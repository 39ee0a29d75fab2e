internal import Glibc

/// A change of scale for one feature before it is standardised.
public enum FeatureTransformation: String, Sendable, Hashable, Codable, CaseIterable {
  /// The value itself.
  case identity
  /// log(1 + x), for counts and money that are never below zero.
  case logOnePlus
  /// sign(x) · log(1 + |x|), for amounts that may be negative.
  case signedLogOnePlus

  /// The transformed value, nil where the transformation is not defined.
  public func apply(_ value: Double) -> Double? {
    switch self {
    case .identity: value
    case .logOnePlus: value < 0 ? nil : log1p(value)
    case .signedLogOnePlus: value < 0 ? -log1p(-value) : log1p(value)
    }
  }

  /// Transforms the first numbers of a list in place; NaN stays.
  ///
  /// - Parameters:
  ///   - numbers: the list.
  ///   - count: how many of them.
  /// - Returns: the place of the first number that the transformation is not defined for, which
  ///   stays as it is with all behind it; nil if there is none.
  package func apply(to numbers: inout [Double], count: Int) -> Int? {
    var numbers = numbers.mutableSpan
    switch self {
    case .identity: return nil
    case .logOnePlus: return takeLogarithms(&numbers, count, Self.logarithms.span, isSigned: false)
    case .signedLogOnePlus:
      return takeLogarithms(&numbers, count, Self.logarithms.span, isSigned: true)
    }
  }

  /// log(1 + x) of the whole numbers from 0, which most counts and days are.
  private static let logarithms = (0..<4096).map { log1p(Double($0)) }

  /// The value whose transformation is `transformed`.
  public func invert(_ transformed: Double) -> Double {
    switch self {
    case .identity: transformed
    case .logOnePlus: expm1(transformed)
    case .signedLogOnePlus: transformed < 0 ? -expm1(-transformed) : expm1(transformed)
    }
  }
}

/// log(1 + x) of each number, of its size with its sign if `isSigned`; known ones are looked up.
private func takeLogarithms(
  _ numbers: inout MutableSpan<Double>,
  _ count: Int,
  _ known: Span<Double>,
  isSigned: Bool
) -> Int? {
  for place in 0..<count {
    let number = numbers[place]
    if number >= 0, number < Double(known.count) {
      let whole = Int(number)
      numbers[place] = Double(whole) == number ? known[whole] : log1p(number)
    } else if number < 0 {
      guard isSigned else { return place }
      numbers[place] = -log1p(-number)
    } else if number > 0 {
      numbers[place] = log1p(number)
    }
  }
  return nil
}
