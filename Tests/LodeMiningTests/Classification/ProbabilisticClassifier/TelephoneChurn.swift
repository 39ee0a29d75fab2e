import LodeMining
import LodeRuntime

/// Made-up customers of a telephone company who leave for reasons that are pairs of facts.
///
/// In the spirit of the churn data of MLC++ (5,000 customers; plain logistic regression reaches an
/// AUC of 0.82 there, boosted trees 0.91): charges are copies of minutes, state and account length
/// are noise, and three pairs of facts make a customer leave.
struct TelephoneChurn {
  let features: FeatureColumns
  let outcomes: [Bool]
  /// The probability that each outcome was drawn with.
  let truth: [Double]

  init(_ n: Int, seed: UInt64) {
    var random = CounterRandom(seed: seed)
    var columns = [[Double]](repeating: [], count: 9)
    var states: [String?] = []
    var plans: [String?] = []
    var outcomes: [Bool] = []
    var truth: [Double] = []
    for _ in 0..<n {
      let hasPlan = random.uniform() < 0.1
      let hasMail = random.uniform() < 0.27
      let day = max(0, 180 + 54 * random.normal())
      let evening = max(0, 200 + 50 * random.normal())
      let abroad = max(0, 10.2 + 2.8 * random.normal())
      let callsAbroad = random.poisson(mean: 4.5)
      let serviceCalls = random.poisson(mean: 1.6)
      var probability = 0.03 + (evening > 250 ? 0.03 : 0)
      if day > 240, !hasMail { probability = 0.7 }
      if serviceCalls >= 4, day < 175 { probability = 0.8 }
      if hasPlan, callsAbroad <= 2 { probability = 0.9 }
      let row = [
        100 + 40 * random.normal(), hasMail ? 20 + 20 * random.uniform() : 0, day, 0.17 * day,
        evening, 200 + 50 * random.normal(), abroad, Double(callsAbroad), Double(serviceCalls),
      ]
      for (j, value) in row.enumerated() { columns[j].append(value) }
      states.append("S\(random.integer(below: 12))")
      plans.append(hasPlan ? "yes" : "no")
      outcomes.append(random.uniform() < probability)
      truth.append(probability)
    }
    let names = [
      "account_length", "mail_messages", "day_minutes", "day_charge", "evening_minutes",
      "night_minutes", "international_minutes", "international_calls", "service_calls",
    ]
    features = FeatureColumns(
      zip(names, columns).map { FeatureColumns.Column($0, numbers: $1) }
        + [
          FeatureColumns.Column("state", categories: states),
          FeatureColumns.Column("international_plan", categories: plans),
        ]
    )
    self.outcomes = outcomes
    self.truth = truth
  }
}
