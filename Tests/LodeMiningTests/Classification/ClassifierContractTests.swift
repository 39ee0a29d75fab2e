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

  let testDescription: String
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
  ]

  private static func logistic(_ name: String, _ configuration: LogisticRegression) -> Self {
    ClassifierContract(testDescription: name) { matrix, names, outcomes in
      let model = try configuration.fit(matrix, featureNames: names, outcomes: outcomes)
      return try contract(model) { $0.probabilities(for: matrix) }
    }
  }

  private static func contract<Model: Codable & Equatable>(
    _ model: Model,
    _ probabilities: (Model) -> [Double]
  ) throws -> Fit {
    let encoder = JSONEncoder()
    encoder.outputFormatting = .sortedKeys
    let json = try encoder.encode(model)
    let decoded = try JSONDecoder().decode(Model.self, from: json)
    return Fit(
      probabilities: probabilities(model),
      json: json,
      decodedProbabilities: probabilities(decoded),
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
    let none = Matrix(rowCount: 0, columnCount: 1, elements: [])
    #expect(throws: LogisticRegression.FitError.noRows) {
      _ = try contract.fit(none, ["x"], [])
    }
    let three = Matrix(rows: [[1], [2], [3]])
    #expect(throws: LogisticRegression.FitError.oneClass(rows: 3, outcome: true)) {
      _ = try contract.fit(three, ["x"], [true, true, true])
    }
    #expect(throws: LogisticRegression.FitError.wrongOutcomeCount(outcomes: 2, rows: 3)) {
      _ = try contract.fit(three, ["x"], [true, false])
    }
    #expect(throws: LogisticRegression.FitError.notFinite(row: 2, feature: "x")) {
      _ = try contract.fit(Matrix(rows: [[1], [2], [.infinity]]), ["x"], [true, false, true])
    }
  }
}
