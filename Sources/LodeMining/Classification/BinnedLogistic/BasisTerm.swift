/// One regressor of an additive model: a shape of one column, or a product of two.
public struct BasisTerm: Sendable, Hashable, Codable, CustomStringConvertible {
  /// What is made of the cell of a column.
  public enum Shape: Sendable, Hashable, Codable {
    /// The number itself.
    case linear
    /// `max(x − knot, 0)`: a bend of the line.
    case hinge(knot: Double)
    /// 1 where `x > threshold`, else 0.
    case above(threshold: Double)
    /// 1 where `x ≤ threshold`, else 0.
    case atMost(threshold: Double)
    /// 1 where the cell has this level, else 0.
    case level(String)
    /// 0 where the cell has this level, else 1.
    case notLevel(String)
    /// 1 where the cell is missing, else 0.
    case missing

    /// Whether values are 0 and 1.
    var isIndicator: Bool {
      switch self {
      case .linear, .hinge: false
      default: true
      }
    }
  }

  /// A shape of a column.
  public struct Part: Sendable, Hashable, Codable, CustomStringConvertible {
    /// The place of the column among those of the model.
    public let column: Int
    /// Its name.
    public let name: String
    /// What is made of its cells.
    public let shape: Shape

    /// The part as a condition or an amount.
    public var description: String {
      switch shape {
      case .linear: name
      case .hinge(let knot): "(\(name) above \(knot))"
      case .above(let threshold): "\(name) > \(threshold)"
      case .atMost(let threshold): "\(name) <= \(threshold)"
      case .level(let level): "\(name) = \(level)"
      case .notLevel(let level): "\(name) other than \(level)"
      case .missing: "\(name) is missing"
      }
    }
  }

  /// The first part.
  public let first: Part
  /// The second part of a product.
  public let second: Part?

  /// A term of one column, or of two if `second` is given.
  init(_ first: Part, and second: Part? = nil) {
    self.first = first
    self.second = second
  }

  /// Whether values are 0 and 1.
  var isIndicator: Bool { first.shape.isIndicator && second?.shape.isIndicator ?? true }

  /// The term in words.
  public var description: String { second.map { "\(first) and \($0)" } ?? "\(first)" }
}
