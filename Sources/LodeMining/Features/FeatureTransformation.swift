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

  /// The value whose transformation is `transformed`.
  public func invert(_ transformed: Double) -> Double {
    switch self {
    case .identity: transformed
    case .logOnePlus: expm1(transformed)
    case .signedLogOnePlus: transformed < 0 ? -expm1(-transformed) : expm1(transformed)
    }
  }
}
