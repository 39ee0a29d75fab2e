internal import Glibc
internal import LodeColumns
public import LodeFormats
public import LodeRuntime

/// Churn scores to the expected number of churners, and the value that leaves, by week.
///
/// A customer becomes a churner on the day on which the silence since the last order reaches the
/// horizon of the label. Until then silence of *d* more days has probability p^(d / horizon), with
/// p the churn score. Counts come with 80 % and 95 % intervals of the sum of independent customers.
public struct ChurnForecastStage: Stage {
  /// The kind of the stage.
  public static let operation = Operation.forecast
  /// The name in pipeline files.
  public static let method = "churners"
  /// The version of the method.
  public static let version = 1

  private let weeks: Int
  private let horizonDays: Int

  /// Reads `weeks` and `horizon_days`.
  public init(_ reader: ConfigurationReader) throws(Diagnostic) {
    weeks = try reader.integer("weeks", in: 1...104) ?? 13
    horizonDays = try reader.integer("horizon_days", in: 1...3660) ?? 90
  }

  /// Scores and values.
  public var inputs: [String] { ["churn_scores", "customer_value"] }
  /// The forecast.
  public var outputs: [String] { ["churn_forecast"] }

  /// Sums the customers whose silence would reach the horizon, week by week.
  public func run(_ tables: StageInputs, in context: StageContext) throws -> StageOutput {
    let customers = try tables.table("customer_value")
      .joining(
        try tables.table("churn_scores"),
        on: "customer_id",
        taking: ["churn_p"]
      )
    let silences = try customers.requiredColumn("days_since_last").integers
    let value = try customers.requiredColumn("value_364d")
    let values = value.numbers()
    let scores = try customers.requiredColumn("churn_p")
    var expected = [Double](repeating: 0, count: weeks)
    var variance = expected
    var lost = expected
    for row in 0..<customers.rowCount where !scores.isMissing(row) {
      let daysLeft = horizonDays - Int(silences[row])
      guard daysLeft > 0, daysLeft <= weeks * 7 else { continue }
      let probability = pow(scores.doubles[row], Double(daysLeft) / Double(horizonDays))
      let week = (daysLeft - 1) / 7
      expected[week] += probability
      variance[week] += probability * (1 - probability)
      lost[week] += probability * values[row]
    }
    func bound(_ width: Double) -> Column {
      Column(doubles: (0..<weeks).map { max(0, expected[$0] + width * variance[$0].squareRoot()) })
    }
    let days = (0..<weeks).map { Int64(context.asOf.advanced(byDays: 7 * $0).daysSinceEpoch) }
    let money = lost.map { Int64(($0 * 100).rounded()) }
    var output = StageOutput()
    output.tables = [
      OutputTable(
        "churn_forecast",
        Table([
          "week_from": Column(.date, integers: days),
          "expected_churners": Column(doubles: expected),
          "low80": bound(-1.2816), "high80": bound(1.2816),
          "low95": bound(-1.96), "high95": bound(1.96),
          "expected_value_lost": Column(.money(scale: 2), integers: money),
        ])
      )
    ]
    let total = expected.reduce(0, +).rounded(toPlaces: 1)
    output.finding =
      "\(total) customers expected to fall silent for \(horizonDays) days within "
      + "\(weeks) weeks"
    return output
  }
}
