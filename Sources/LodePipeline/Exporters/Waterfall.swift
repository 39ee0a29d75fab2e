internal import LodeColumns
internal import LodeFormats
internal import LodeRuntime

/// How many people, and what value, are left after each rule of a list.
struct Waterfall {
  /// One rule.
  struct Step {
    let name: String
    let rule: String
    let people: Int
    let value: Int64
  }

  private(set) var steps: [Step] = []
  private let values: [Int64]
  private let scale: Int

  /// Starts with everybody.
  ///
  /// - Throws: a diagnostic if there is no column `value_364d`.
  init(_ everybody: Table) throws(Diagnostic) {
    let column = try everybody.requiredColumn("value_364d")
    (values, scale) = (column.integers, column.type.scale)
    let rule = "with an order before the as-of date"
    add("all customers", rule: rule, Array(0..<everybody.rowCount))
  }

  /// Adds what is left after a rule: the places of those people among everybody.
  mutating func add(_ name: String, rule: String, _ left: [Int]) {
    let value = left.reduce(0) { $0 &+ values[$1] }
    steps.append(Step(name: name, rule: rule, people: left.count, value: value))
  }

  /// Columns `step rule people_in people_out value_out`.
  func table() -> Table {
    let before = [steps.first?.people ?? 0] + steps.dropLast().map(\.people)
    return Table([
      "step": Column(texts: steps.map(\.name)),
      "rule": Column(texts: steps.map(\.rule)),
      "people_in": Column(integers: before.map { Int64($0) }),
      "people_out": Column(integers: steps.map { Int64($0.people) }),
      "value_out": Column(.money(scale: scale), integers: steps.map(\.value)),
    ])
  }

  /// The steps as JSON.
  var json: String {
    JSONText.array(
      steps.map { step in
        JSONText.object([
          ("step", JSONText.quoted(step.name)), ("rule", JSONText.quoted(step.rule)),
          ("people", String(step.people)),
        ])
      }
    )
  }
}
