/// One published figure and what Lode gives for it.
struct Check {
  let name: String
  let expected: String
  let got: String
  let isOK: Bool
}

/// Checks in the order in which they were made.
struct CheckList {
  private(set) var checks: [Check] = []

  /// Demands two whole numbers to be equal.
  mutating func equal(_ name: String, _ expected: Int, _ got: Int) {
    checks.append(
      Check(name: name, expected: "\(expected)", got: "\(got)", isOK: expected == got)
    )
  }

  /// Demands two texts to be equal.
  mutating func equal(_ name: String, _ expected: String, _ got: String) {
    checks.append(Check(name: name, expected: expected, got: got, isOK: expected == got))
  }

  /// Demands `got` within `relative` × |`expected`| of `expected`.
  mutating func near(_ name: String, _ expected: Double, _ got: Double, relative: Double) {
    let isOK = abs(got - expected) <= relative * abs(expected)
    checks.append(Check(name: name, expected: "\(expected)", got: "\(got)", isOK: isOK))
  }

  /// Demands equal decimal text of the given number of places.
  mutating func equal(_ name: String, _ expected: Double, _ got: Double, places: Int) {
    equal(name, Self.text(expected, places: places), Self.text(got, places: places))
  }

  /// Demands `got` to be `least` or more.
  mutating func atLeast(_ name: String, _ least: Double, _ got: Double) {
    let text = Self.text(got, places: 4)
    checks.append(Check(name: name, expected: ">= \(least)", got: text, isOK: got >= least))
  }

  /// Demands `got` to be `most` or less.
  mutating func atMost(_ name: String, _ most: Double, _ got: Double) {
    let (bound, text) = (Self.text(most, places: 4), Self.text(got, places: 4))
    checks.append(Check(name: name, expected: "<= \(bound)", got: text, isOK: got <= most))
  }

  /// A number rounded to some places behind the point, in plain digits.
  static func text(_ number: Double, places: Int) -> String {
    var factor: Int64 = 1
    for _ in 0..<places { factor *= 10 }
    let units = Int64((number * Double(factor)).rounded())
    guard places > 0 else { return "\(units)" }
    let digits = String(units.magnitude)
    let full = String(repeating: "0", count: max(0, places + 1 - digits.count)) + digits
    let point = full.index(full.endIndex, offsetBy: -places)
    return (units < 0 ? "-" : "") + full[..<point] + "." + full[point...]
  }

  /// The table `check | expected | got | ok`.
  func printTable(title: String) {
    let rows =
      [["check", "expected", "got", "ok"]]
      + checks.map { [$0.name, $0.expected, $0.got, $0.isOK ? "ok" : "FAILED"] }
    let widths = (0..<4).map { column in rows.map { $0[column].count }.max() ?? 0 }
    say("\n\(title)")
    for row in rows {
      let cells = zip(row, widths)
        .map { cell, width in
          cell + String(repeating: " ", count: width - cell.count)
        }
      say("  " + cells.joined(separator: " | "))
    }
  }
}
