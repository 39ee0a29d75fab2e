import LodeNumerics
import LodeRuntime
import Testing

@testable import LodeCustomer

@Suite("Proportional hazards")
struct CoxRegressionTests {
  static func rossi() throws -> (sample: SurvivalSample, covariates: Matrix) {
    let rows = RossiArrests.rows
    let sample = try SurvivalSample(durations: rows.map { $0[0] }, isEvent: rows.map { $0[1] == 1 })
    let elements = rows.flatMap { $0.dropFirst(2) }
    return (sample, Matrix(rowCount: rows.count, columnCount: 7, elements: elements))
  }

  @Test("the arrests of Rossi have the coefficients of lifelines and statsmodels")
  func rossiCoefficients() throws {
    let (sample, covariates) = try Self.rossi()
    // customer_value_vectors.json, own_run.cox_rossi: statsmodels PHReg, both kinds of ties.
    let efron = [
      -0.379422166871, -0.0574377430138, 0.313899785949, -0.149795697223, -0.43370387669,
      -0.0848710829908, 0.0914970793511,
    ]
    let efronErrors = [
      0.191379480713, 0.021999470628, 0.307992776393, 0.212224296158, 0.381868057465,
      0.195756671921, 0.0286485500735,
    ]
    let breslow = [
      -0.379021887795, -0.0572459253636, 0.314129765068, -0.151114599627, -0.432782572549,
      -0.0849828357516, 0.0911115405005,
    ]
    let breslowErrors = [
      0.191364425859, 0.0219831857515, 0.308017279579, 0.212123160796, 0.381794935064,
      0.195748207323, 0.0286312530668,
    ]
    let cases: [(CoxRegression.Ties, Double, [Double], [Double])] = [
      (.efron, -658.747659446, efron, efronErrors),
      (.breslow, -659.120605677, breslow, breslowErrors),
    ]
    for (ties, logLikelihood, coefficients, errors) in cases {
      let model = try CoxRegression(ties: ties)
        .fit(sample, covariates: covariates, names: RossiArrests.covariates)
      #expect(model.status == .converged && model.problems.isEmpty)
      #expect(abs(model.logLikelihood - logLikelihood) < 1e-8)
      #expect(model.terms.map(\.name) == RossiArrests.covariates)
      for (term, (coefficient, error)) in zip(model.terms, zip(coefficients, errors)) {
        #expect(abs(term.coefficient - coefficient) < 1e-8, "\(ties), \(term.name)")
        #expect(abs((term.standardError ?? 0) - error) < 1e-8, "\(ties), \(term.name)")
      }
      if ties == .efron { #expect(abs((model.concordance ?? 0) - 0.6403292471) < 1e-9) }
    }
  }

  @Test("two customers, worked out by hand")
  func byHand() throws {
    // The first to leave has x = 1 against 0 and 0: L = e/(e + 2), then 1/2: no bound upwards.
    let one = try SurvivalSample(durations: [1, 2, 3], isEvent: [true, true, false])
    let model = try CoxRegression()
      .fit(one, covariates: Matrix(rowCount: 3, columnCount: 1, elements: [1, 0, 0]), names: ["x"])
    #expect(model.status == .notIdentified && model.terms[0].standardError == nil)
    #expect(model.problems == [.init(name: "x", flaw: .separated)])
    // x = 0, 1, 0, all leaving: L = 1/(e^b + 2) · e^b/(e^b + 1), largest at e^b = √2.
    let two = try SurvivalSample(durations: [1, 2, 3], isEvent: [true, true, true])
    let bound = try CoxRegression()
      .fit(two, covariates: Matrix(rowCount: 3, columnCount: 1, elements: [0, 1, 0]), names: ["x"])
    #expect(abs(bound.terms[0].hazardRatio - 2.0.squareRoot()) < 1e-6)
    #expect(abs(bound.nullLogLikelihood - logarithm(1.0 / 6)) < 1e-12)
    // The hazard of x = 0 at time 1 is 1/(2 + √2).
    let chance = bound.survival([0], at: 1)
    #expect(abs(chance - exponential(-1 / (2 + 2.0.squareRoot()))) < 1e-6)
    #expect(bound.survival([0], at: 0.5) == 1)
  }

  private func logarithm(_ x: Double) -> Double {
    // By bisection of the exponential.
    var (low, high) = (-10.0, 10.0)
    for _ in 0..<80 {
      let middle = (low + high) / 2
      if exponential(middle) < x { low = middle } else { high = middle }
    }
    return low
  }

  @Test("constant, collinear and separating covariates are named, and the rest is fitted")
  func named() throws {
    let (sample, covariates) = try Self.rossi()
    let plain = try CoxRegression()
      .fit(sample, covariates: covariates, names: RossiArrests.covariates)
    let elements = (0..<432)
      .flatMap { (row: Int) -> [Double] in
        covariates.row(row) + [5, covariates[row, 0] + 2 * covariates[row, 1]]
      }
    let more = try CoxRegression()
      .fit(
        sample,
        covariates: Matrix(rowCount: 432, columnCount: 9, elements: elements),
        names: RossiArrests.covariates + ["five", "sum"]
      )
    #expect(
      more.problems == [.init(name: "five", flaw: .constant), .init(name: "sum", flaw: .collinear)]
    )
    #expect(more.terms == plain.terms && more.status == .converged)
    // Whoever was arrested, and nobody else.
    let told = (0..<432)
      .flatMap { (row: Int) -> [Double] in
        [covariates[row, 0], sample.isEvent[row] ? 1 : 0]
      }
    let separated = try CoxRegression()
      .fit(
        sample,
        covariates: Matrix(rowCount: 432, columnCount: 2, elements: told),
        names: ["fin", "arrest"]
      )
    #expect(separated.status == .notIdentified)
    #expect(separated.problems == [.init(name: "arrest", flaw: .separated)])
    #expect(separated.terms.allSatisfy { $0.coefficient.isFinite })
  }

  @Test("shifts, scales, the order of rows and stays in two parts change nothing")
  func laws() throws {
    let (sample, covariates) = try Self.rossi()
    let names = RossiArrests.covariates
    let plain = try CoxRegression().fit(sample, covariates: covariates, names: names)
    let order = (0..<432).map { ($0 * 35 + 7) % 432 }
    let turned = try SurvivalSample(
      durations: order.map { sample.durations[$0] },
      isEvent: order.map { sample.isEvent[$0] }
    )
    let shifted = Matrix(
      rowCount: 432,
      columnCount: 7,
      elements: order.flatMap { covariates.row($0).map { $0 * 1000 - 3e5 } }
    )
    let other = try CoxRegression().fit(turned, covariates: shifted, names: names)
    let cut = sample.durations.map { $0 / 2 }
    let split = try SurvivalSample(
      durations: cut + sample.durations,
      isEvent: cut.map { _ in false } + sample.isEvent,
      entries: cut.map { _ in 0 } + cut
    )
    let twice = Matrix(
      rowCount: 864,
      columnCount: 7,
      elements: covariates.elements + covariates.elements
    )
    let parts = try CoxRegression().fit(split, covariates: twice, names: names)
    for j in names.indices {
      let coefficient = plain.terms[j].coefficient
      #expect(abs(other.terms[j].coefficient * 1000 / coefficient - 1) < 1e-6)
      #expect(abs(parts.terms[j].coefficient / coefficient - 1) < 1e-6)
    }
    #expect(abs(parts.logLikelihood - plain.logLikelihood) < 1e-8)
  }

  @Test("wrong covariates are refused, and samples that say nothing give a status")
  func refusals() throws {
    let sample = try SurvivalSample(durations: [1, 2], isEvent: [false, false])
    let two = Matrix(rowCount: 2, columnCount: 1, elements: [1, 2])
    let nothing = try CoxRegression().fit(sample, covariates: two, names: ["x"])
    #expect(nothing.status == .notIdentified && nothing.concordance == nil)
    #expect(nothing.problems.isEmpty && nothing.survival([1], at: 9) == 1)
    let none = try CoxRegression()
      .fit(
        try SurvivalSample(durations: [], isEvent: []),
        covariates: Matrix(rowCount: 0, columnCount: 1, elements: []),
        names: ["x"]
      )
    #expect(none.status == .notIdentified)
    #expect(throws: CoxRegression.FitError.notFinite(row: 1, column: "x")) {
      try CoxRegression()
        .fit(
          sample,
          covariates: Matrix(rowCount: 2, columnCount: 1, elements: [1, .nan]),
          names: ["x"]
        )
    }
    #expect(
      throws: CoxRegression.FitError.wrongShape(rows: 2, columns: 1, sampleRows: 2, names: 2)
    ) {
      try CoxRegression().fit(sample, covariates: two, names: ["x", "y"])
    }
  }
}
