/// An exact sum of doubles in fixed point (value × 2³² in 128 bits): the same bits in any order.
///
/// Each value is rounded once to a multiple of 2⁻³²; the additions themselves are exact, so the sum
/// does not depend on threads, grouping or order. Values up to 2⁶² in size are held.
public struct FixedPointSum: Hashable, Sendable {
  /// The sum in units of 2⁻³².
  public private(set) var scaled: Int128

  /// An empty sum.
  public init() {
    scaled = 0
  }

  /// The sum as a double.
  public var value: Double { Double(scaled) * 0x1p-32 }

  /// Adds one finite value below 2⁶² in size.
  @inlinable
  public mutating func add(_ value: Double) {
    add(scaled: Self.scaled(value))
  }

  /// Adds a value already in units of 2⁻³².
  public mutating func add(scaled other: Int128) {
    scaled &+= other
  }

  /// Adds another sum.
  public mutating func merge(_ other: FixedPointSum) {
    scaled &+= other.scaled
  }

  /// The value in units of 2⁻³², rounded to nearest even.
  @inlinable
  public static func scaled(_ value: Double) -> Int128 {
    let rounded = (value * 0x1p32).rounded(.toNearestOrEven)
    precondition(rounded.magnitude < 0x1p94, "\(value) is too large for a fixed-point sum")
    return rounded.magnitude < 0x1p62 ? Int128(Int64(rounded)) : Int128(rounded)
  }
}
