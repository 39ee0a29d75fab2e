internal import LodeColumns
internal import LodeFormats
internal import LodeMining
internal import LodeNumerics

/// The e-mail trial of Hillstrom (2008): uplift models, their Qini numbers and honest verdicts.
struct HillstromUplift {
  let file: String

  /// Figures of one arm and outcome.
  ///
  /// - Source: mining_vectors.json, uplift_hillstrom (scikit-learn 1.9.1 and the printed formulas
  ///   in numpy, ties in row order).
  private struct Expected {
    let arm: String
    let outcome: String
    let effect: Double
    /// Qini coefficient and AUUC above random of two models, interactions, class transformation.
    let qini: [Double]
    let auuc: [Double]
    let top30: Double
    let verdict: UpliftEvaluation.Verdict?
  }

  private static let expected = [
    Expected(
      arm: "Womens E-Mail",
      outcome: "visit",
      effect: 0.05562698316324685,
      qini: [0.006821849024498894, 0.006819045511160908, 0.006346897005592135],
      auuc: [0.0064312533567714575, 0.0064295539475429375, 0.005963572495041709],
      top30: 0.06721459405409361,
      verdict: .heterogeneity
    ),
    Expected(
      arm: "Womens E-Mail",
      outcome: "conversion",
      effect: 0.004209202003670143,
      qini: [-0.0007277233023593871, -0.0007346193478856675, -0.0007149493609664114],
      auuc: [-0.0007339579114439216, -0.0007409106481494876, -0.0007237094443881147],
      top30: -0.0024041318158965217,
      verdict: UpliftEvaluation.Verdict.none
    ),
    Expected(
      arm: "Mens E-Mail",
      outcome: "visit",
      effect: 0.060067985114107644,
      qini: [-0.003085086007041691, -0.0030814944188767117, -0.0009354172427163861],
      auuc: [-0.003098254174864628, -0.0030962029191312496, -0.001126034963821989],
      top30: 0.04546840091813312,
      verdict: UpliftEvaluation.Verdict.none
    ),
  ]

  /// One arm with the customers who got nothing, in the order of the file.
  private struct Trial {
    let features: Matrix
    let names: [String]
    let treated: [Bool]
    let outcomes: [Bool]

    /// Every fifth row, or the others.
    func part(isTest: Bool) -> Trial {
      let rows = treated.indices.filter { ($0 % 5 == 4) == isTest }
      return Trial(
        features: features.gathering(rows: rows),
        names: names,
        treated: rows.map { treated[$0] },
        outcomes: rows.map { outcomes[$0] }
      )
    }
  }

  /// Checks counts, randomization, areas and verdicts.
  func check(_ list: inout CheckList) throws {
    let table = try CSVReader().read(try SourceBytes(file: file)).table
    list.equal("rows", 64_000, table.rowCount)
    for expected in Self.expected { try check(&list, table, expected) }
  }

  private func check(_ list: inout CheckList, _ table: Table, _ expected: Expected) throws {
    let title = "\(expected.arm), \(expected.outcome)"
    let trial = try trial(table, expected)
    let balance = try RandomizationCheck(
      trial.features,
      featureNames: trial.names,
      treated: trial.treated
    )
    list.equal("\(title), randomization", "true", "\(balance.isSound)")
    let (training, test) = (trial.part(isTest: false), trial.part(isTest: true))
    for (place, method) in UpliftRegression.Method.allCases.enumerated() {
      let model = try UpliftRegression(method: method)
        .fit(
          training.features,
          featureNames: training.names,
          treated: training.treated,
          outcomes: training.outcomes
        )
      let uplift = model.uplift(for: test.features)
      let curve = try UpliftCurve(
        uplift,
        treated: test.treated,
        outcomes: test.outcomes,
        ties: .rowOrder
      )
      let name = "\(title), \(method.rawValue)"
      list.equal("\(name), Qini", expected.qini[place], curve.qiniCoefficient, places: 9)
      list.equal("\(name), AUUC", expected.auuc[place], curve.auucAboveRandom, places: 9)
      guard method == .twoModels else { continue }
      list.near("\(title), effect", expected.effect, curve.averageEffect, relative: 1e-12)
      let top = curve.uplift(atShare: 0.3) ?? .infinity
      list.equal("\(title), uplift at 30 %", expected.top30, top, places: 9)
      let evaluation = try UpliftEvaluator()
        .evaluate(uplift, treated: test.treated, outcomes: test.outcomes)
      say(
        "  \(title): Qini \(evaluation.curve.qiniCoefficient), interval "
          + "\(evaluation.lowerBound)…\(evaluation.upperBound), p \(evaluation.pValue): "
          + evaluation.sentence
      )
      guard let verdict = expected.verdict else { continue }
      list.equal("\(title), verdict", verdict.rawValue, evaluation.verdict.rawValue)
    }
  }

  private func trial(_ table: Table, _ expected: Expected) throws -> Trial {
    let segment = try table.requiredColumn("segment")
    let rows = (0..<table.rowCount)
      .filter { [expected.arm, "No E-Mail"].contains(segment[$0].description) }
    func numbers(_ name: String) throws -> [Double] {
      let column = try table.requiredColumn(name)
      return rows.map { Double(column[$0].description) ?? .nan }
    }
    func levels(_ name: String, _ level: String) throws -> [Double] {
      let column = try table.requiredColumn(name)
      return rows.map { column[$0].description == level ? 1 : 0 }
    }
    let history = try numbers("history")
    let columns: [(String, [Double])] = [
      ("recency", try numbers("recency")),
      ("log1p_history", history.compactMap { FeatureTransformation.logOnePlus.apply($0) }),
      ("mens", try numbers("mens")), ("womens", try numbers("womens")),
      ("newbie", try numbers("newbie")),
      ("zip_code=Surburban", try levels("zip_code", "Surburban")),
      ("zip_code=Urban", try levels("zip_code", "Urban")),
      ("channel=Phone", try levels("channel", "Phone")),
      ("channel=Web", try levels("channel", "Web")),
    ]
    return Trial(
      features: Matrix(columns: columns.map(\.1)),
      names: columns.map(\.0),
      treated: rows.map { segment[$0].description == expected.arm },
      outcomes: try numbers(expected.outcome).map { $0 == 1 }
    )
  }
}
