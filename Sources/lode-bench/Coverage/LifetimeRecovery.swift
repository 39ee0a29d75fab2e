internal import Glibc
internal import LodeCustomer
internal import LodeRuntime

/// Whether fits of lifetime models find the parameters behind many simulated customers, without and
/// with covariates: every parameter and coefficient within three standard errors.
struct LifetimeRecovery {
  var customers = 100_000

  /// What is true of all models: r, α, then a, b or s, β.
  private static let rates = [0.8, 5.0]
  private static let dropouts = [1.2, 2.4]
  private static let lives = [0.9, 20.0]
  /// The coefficients of a channel of 0 or 1 and of a score of 0 to 1.5: on α, on a or β, on b.
  private static let coefficients: [[Double]] = [[0.6, -0.3], [0.5, 0.2], [0.2, 0.1]]

  /// Prints a table of parameters.
  ///
  /// - Returns: 0 if all are within three errors, else 1.
  func run() -> Int32 {
    var list = CheckList()
    for kind in LifetimeModel.Kind.allCases {
      for isCovariate in [false, true] { check(kind, isCovariate, &list) }
    }
    list.printTable(title: "Parameters of \(customers) simulated customers, in errors off")
    return list.checks.allSatisfy(\.isOK) ? 0 : 1
  }

  private func check(_ kind: LifetimeModel.Kind, _ isCovariate: Bool, _ list: inout CheckList) {
    let coefficients = isCovariate ? Self.coefficients : [[0, 0], [0, 0], [0, 0]]
    let world =
      Parallel.map(rows: customers, chunkSize: 4096) { rows in
        rows.map { Self.customer(kind, coefficients, row: $0) }
      }
      .flatMap(\.self)
    let covariates = CustomerCovariates(
      names: isCovariate ? ["channel", "score"] : [],
      rows: world.map { isCovariate ? $0.row : [] }
    )
    let groups = PurchaseGroups(world.map(\.summary), covariates)
    let (model, fit) = LifetimeModel.fit(kind, groups)
    var truth = Self.rates + (kind == .paretonbd ? Self.lives : Self.dropouts)
    if isCovariate {
      truth += (kind == .paretonbd ? coefficients.dropLast() : coefficients[...]).flatMap(\.self)
    }
    let name = kind.rawValue + (isCovariate ? " with covariates" : "")
    list.equal("\(name), status", "converged", fit.status.rawValue)
    for (place, expected) in truth.enumerated() {
      let errors = abs(fit.parameters[place] - expected) / fit.standardErrors[place]
      list.atMost("\(name), \(fit.names[place])", 3, errors)
    }
    guard case .covariates(let model) = model, let test = model.test else { return }
    list.atMost("\(name), p of the likelihood ratio", 1e-6, test.pValue)
  }

  /// What a customer did in 40 to 66 weeks, and the covariates.
  private static func customer(
    _ kind: LifetimeModel.Kind,
    _ coefficients: [[Double]],
    row: Int
  ) -> (summary: PurchaseSummary, row: [Double]) {
    var random = CounterRandom(seed: 77, stream: UInt64(row))
    let known = [Double(random.integer(below: 2)), Double(random.integer(below: 4)) / 2]
    let effects = coefficients.map { exp($0[0] * known[0] + $0[1] * known[1]) }
    let rate = random.gamma(shape: rates[0], rate: rates[1] / effects[0])
    let one = random.gamma(shape: dropouts[0] * effects[1], rate: 1)
    let two = random.gamma(shape: dropouts[1] * effects[2], rate: 1)
    let chance = one / (one + two)
    let leaving = random.gamma(shape: lives[0], rate: lives[1] / effects[1])
    let life = random.exponential(rate: max(leaving, 1e-12))
    let age = 40 + Double(row % 27)
    var (time, last, repeats) = (0.0, 0.0, 0)
    var isGone = kind == .mbgnbd && random.uniform() < chance
    while !isGone {
      time += random.exponential(rate: rate)
      if time >= age || (kind == .paretonbd && time > life) { break }
      repeats += 1
      last = time
      isGone = kind != .paretonbd && random.uniform() < chance
    }
    return (PurchaseSummary(frequency: repeats, recency: last, age: age), known)
  }
}
