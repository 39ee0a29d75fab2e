internal import LodeNumerics

/// What to do with customers of each state so that their value is the largest.
///
/// - Source: Howard's policy iteration: Puterman (2005), "Markov Decision Processes", §6.4; for
///   customers: Pfeifer & Carraway (2000), Journal of Interactive Marketing 14(2).
public struct MigrationPolicy: Sendable, Hashable, Codable {
  /// One thing that can be done with customers of a state.
  public struct Choice: Sendable, Hashable, Codable {
    /// Its name, as "mail" or "stop".
    public let name: String
    /// The chances to go to each state.
    public let transitions: [Double]
    /// What a customer brings in the period, money, less what the choice costs.
    public let reward: Double

    /// A choice.
    ///
    /// - Parameters:
    ///   - name: its name.
    ///   - transitions: the chances to go to each state; they add up to 1.
    ///   - reward: what a customer brings in the period.
    /// - Precondition: the chances are no less than 0 and add up to 1; the reward is finite.
    public init(_ name: String, transitions: [Double], reward: Double) {
      let sum = transitions.reduce(0, +)
      precondition(
        transitions.allSatisfy { $0 >= 0 } && abs(sum - 1) <= 1e-6 && reward.isFinite,
        "choice \(name) with chances adding up to \(sum) and reward \(reward)"
      )
      (self.name, self.transitions, self.reward) = (name, transitions, reward)
    }
  }

  /// The place of the best choice of each state.
  public let choices: [Int]
  /// The value of a customer in each state, all choices being the best, money.
  public let values: [Double]
  /// The number of policies that were looked at.
  public let steps: Int
  /// Whether no choice can be improved any more.
  public let converged: Bool

  /// The best policy.
  ///
  /// - Parameters:
  ///   - options: what can be done with each state, one or more for each.
  ///   - discount: the rate of one period, above 0.
  ///   - maximumSteps: the most policies to look at.
  /// - Precondition: every state has an option, and options have as many chances as states.
  public init(
    best options: [[Choice]],
    discountPerPeriod discount: Double,
    maximumSteps: Int = 1000
  ) {
    precondition(
      discount > 0 && maximumSteps > 0
        && options.allSatisfy { option in
          !option.isEmpty && option.allSatisfy { $0.transitions.count == options.count }
        },
      "\(options.count) states with a rate of \(discount) per period"
    )
    var policy = Array(repeating: 0, count: options.count)
    var values = [Double](repeating: 0, count: options.count)
    var (steps, isStable) = (0, false)
    while !isStable, steps < maximumSteps {
      let taken = options.indices.map { options[$0][policy[$0]] }
      // A rate above 0 leaves no singular system.
      values =
        MigrationModel.endless(taken.flatMap(\.transitions), taken.map(\.reward), discount)
        ?? values
      steps += 1
      isStable = true
      for state in options.indices {
        func worth(_ choice: Choice) -> Double {
          var next = 0.0
          for j in values.indices { next += choice.transitions[j] * values[j] }
          return choice.reward + next / (1 + discount)
        }
        var best = worth(options[state][policy[state]])
        for (place, choice) in options[state].enumerated() {
          let other = worth(choice)
          if other > best + 1e-10 * max(1, abs(best)) {
            (best, policy[state], isStable) = (other, place, false)
          }
        }
      }
    }
    (choices, self.values, self.steps, converged) = (policy, values, steps, isStable)
  }
}
