import LodeNumerics

/// 600 rows of a trial by a recipe that any language can repeat; numpy's and scikit-learn's values.
enum UpliftExample {
  static let first = (0..<600).map { fraction(Double($0) * 0.6180339887498949) }
  static let second = (0..<600).map { 10 * fraction(Double($0) * 0.3247179572447460) }
  static let treated = (0..<600).map { $0 % 2 == 0 }
  static let outcomes = (0..<600)
    .map { i in
      fraction(Double(i) * 0.7548776662466927 + 0.5) < 0.2 + (i % 2 == 0 ? 0.3 * first[i] : 0)
    }
  /// With ties: hundredths.
  static let scores = first.map { (100 * $0).rounded() / 100 }
  static let features = Matrix(columns: [first, second])

  private static func fraction(_ x: Double) -> Double { x.truncatingRemainder(dividingBy: 1) }
}
