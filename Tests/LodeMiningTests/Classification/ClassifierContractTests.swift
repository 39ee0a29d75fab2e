import FoundationEssentials
import Glibc
import LodeMining
import LodeNumerics
import LodeRuntime
import Testing

/// What every model of a yes/no outcome has to keep.
struct ClassifierContract: Sendable, CustomTestStringConvertible {
  /// A fitted model: its probabilities for the training rows, and itself as JSON.
  struct Fit {
    let probabilities: [Double]
    let json: Data
    /// The probabilities after the model went through JSON.
    let decodedProbabilities: [Double]
    /// Whether the decoded model is equal.
    let isEqual: Bool
  }

  /// What is said to rows that cannot be learned from; the cases are those of the last test.
  struct Refusals: Sendable {
    let noRows: String
    let oneClass: String
    let wrongCount: String
    let notFinite: String

    static let logistic = Refusals(
      noRows: LogisticRegression.FitError.noRows.description,
      oneClass: LogisticRegression.FitError.oneClass(rows: 3, outcome: true).description,
      wrongCount: LogisticRegression.FitError.wrongOutcomeCount(outcomes: 2, rows: 3).description,
      notFinite: LogisticRegression.FitError.notFinite(row: 2, feature: "x").description
    )
    static let columns = Refusals(
      noRows: "there are no rows to fit a classifier to.",
      oneClass: "all 3 outcomes are yes, so there is nothing to tell apart; widen the window or "
        + "change the definition of the outcome.",
      wrongCount: "there are 2 outcomes for 3 rows; give one a row.",
      notFinite: "column \"x\" is infinite in row 3; correct the value upstream."
    )
  }

  let testDescription: String
  var refusals = Refusals.logistic
  let fit: @Sendable (Matrix, [String], [Bool]) throws -> Fit

  static let all: [ClassifierContract] = [
    logistic("plain", LogisticRegression()),
    logistic("L2", LogisticRegression(l2: 1)),
    logistic("Firth", LogisticRegression(likelihood: .firth)),
    logistic("limited memory", LogisticRegression(l2: 1, solver: .limitedMemory)),
    ClassifierContract(testDescription: "elastic net") { matrix, names, outcomes in
      let model = try LogisticElasticNet(mixing: 0.7, penalties: [0.05, 0.01], tolerance: 1e-14)
        .fit(matrix, featureNames: names, outcomes: outcomes)
      return try contract(model) { $0.probabilities(for: matrix, step: 1) }
    },
    columns("binned logistic", BinnedLogistic(pairRounds: 1, l2Path: [10, 3], foldCount: 2)),
    columns("boosted trees", GradientBoostedTrees(maximumTreeCount: 12)),
  ]

  /// A classifier of columns; rows are told apart by what they hold, not by their place.
  private static func columns(_ name: String, _ classifier: some ProbabilisticClassifier) -> Self {
    ClassifierContract(testDescription: name, refusals: .columns) { matrix, names, outcomes in
      let features = FeatureColumns(matrix, names: names)
      let groups = (0..<matrix.rowCount)
        .map { row in
          var hash = 0
          for value in matrix.row(row) {
            hash = hash &* 31 &+ Int(truncatingIfNeeded: value.bitPattern)
          }
          return hash
        }
      let model = try classifier.fit(features, outcomes: outcomes, groups: groups)
      return try contract(model) { try $0.probabilities(features) }
    }
  }

  private static func logistic(_ name: String, _ configuration: LogisticRegression) -> Self {
    ClassifierContract(testDescription: name) { matrix, names, outcomes in
      let model = try configuration.fit(matrix, featureNames: names, outcomes: outcomes)
      return try contract(model) { $0.probabilities(for: matrix) }
    }
  }

  private static func contract<Model: Codable & Equatable>(
    _ model: Model,
    _ probabilities: (Model) throws -> [Double]
  ) throws -> Fit {
    let encoder = JSONEncoder()
    encoder.outputFormatting = .sortedKeys
    let json = try encoder.encode(model)
    let decoded = try JSONDecoder().decode(Model.self, from: json)
    return Fit(
      probabilities: try probabilities(model),
      json: json,
      decodedProbabilities: try probabilities(decoded),
      isEqual: decoded == model
    )
  }
}

@Suite("Contract of classifiers", .serialized)
struct ClassifierContractTests {
  private static let sample: (Matrix, [String], [Bool]) = {
    var random = CounterRandom(seed: 21)
    let (n, d) = (3000, 5)
    var elements: [Double] = []
    var outcomes: [Bool] = []
    for _ in 0..<n {
      let row = (0..<d).map { 10 * Double($0) + Double($0 + 1) * random.normal() }
      elements += row
      outcomes.append(random.uniform() < 1 / (1 + exp(-row[0] + 0.2 * (row[4] - 40))))
    }
    let matrix = Matrix(rowCount: n, columnCount: d, elements: elements)
    return (matrix, ["a", "b", "c", "d", "e"], outcomes)
  }()

  @Test(
    "one thread and many give the same bytes, and so does a second run",
    arguments: ClassifierContract.all
  )
  func threads(_ contract: ClassifierContract) throws {
    let (matrix, names, outcomes) = Self.sample
    let before = Parallel.threadCount
    defer { Parallel.threadCount = before }
    Parallel.threadCount = 1
    let one = try contract.fit(matrix, names, outcomes).json
    for count in [1, 2, 3, 8] {
      Parallel.threadCount = count
      #expect(try contract.fit(matrix, names, outcomes).json == one, "\(count) threads")
    }
  }

  @Test("a model goes through JSON unchanged", arguments: ClassifierContract.all)
  func coding(_ contract: ClassifierContract) throws {
    let (matrix, names, outcomes) = Self.sample
    let fit = try contract.fit(matrix, names, outcomes)
    #expect(fit.isEqual)
    #expect(fit.decodedProbabilities == fit.probabilities)
    #expect(fit.probabilities.allSatisfy { $0 > 0 && $0 < 1 })
  }

  @Test("the order of the rows does not matter", arguments: ClassifierContract.all)
  func rowOrder(_ contract: ClassifierContract) throws {
    let (matrix, names, outcomes) = Self.sample
    let order = outcomes.indices.map { ($0 * 1013 + 7) % outcomes.count }
    #expect(Set(order).count == outcomes.count)
    let fit = try contract.fit(matrix, names, outcomes)
    let other = try contract.fit(matrix.gathering(rows: order), names, order.map { outcomes[$0] })
    for (place, row) in order.enumerated() {
      #expect(abs(other.probabilities[place] - fit.probabilities[row]) < 1e-12)
    }
  }

  @Test(
    "no rows, one class, gaps and a wrong number of outcomes are refused",
    arguments: ClassifierContract.all
  )
  func refusals(_ contract: ClassifierContract) {
    func message(_ matrix: Matrix, _ outcomes: [Bool]) -> String {
      do {
        _ = try contract.fit(matrix, ["x"], outcomes)
        return "no refusal"
      } catch {
        return "\(error)"
      }
    }
    let none = Matrix(rowCount: 0, columnCount: 1, elements: [])
    #expect(message(none, []) == contract.refusals.noRows)
    let three = Matrix(rows: [[1], [2], [3]])
    #expect(message(three, [true, true, true]) == contract.refusals.oneClass)
    #expect(message(three, [true, false]) == contract.refusals.wrongCount)
    let infinite = Matrix(rows: [[1], [2], [.infinity]])
    #expect(message(infinite, [true, false, true]) == contract.refusals.notFinite)
  }
}
