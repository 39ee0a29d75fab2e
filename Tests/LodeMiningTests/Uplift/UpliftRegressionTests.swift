import LodeMining
import LodeNumerics
import Testing

@Suite("Uplift models")
struct UpliftRegressionTests {
  typealias Example = UpliftExample

  @Test(
    "predicted uplifts equal scikit-learn's",
    arguments: zip(
      UpliftRegression.Method.allCases,
      [
        [0.09980149517856468, 0.16101235506993714, 0.29301270371402827],
        [0.09470454819245622, 0.15565235638968825, 0.2864933865627233],
        [0.08888043267332413, 0.16415770375651229, 0.2818662638603162],
      ]
    )
  )
  func peers(_ method: UpliftRegression.Method, _ expected: [Double]) throws {
    let model = try UpliftRegression(method: method)
      .fit(
        Example.features,
        featureNames: ["u", "w"],
        treated: Example.treated,
        outcomes: Example.outcomes
      )
    let uplift = model.uplift(for: Matrix(rows: [[0, 0], [0.5, 5], [1, 2]]))
    for (got, expected) in zip(uplift, expected) { #expect(abs(got - expected) < 1e-9) }
    #expect(model.converged)
    #expect(
      (model.treatedProbabilities(for: Example.features) == nil) == (method == .classTransformation)
    )
  }

  @Test("two models refuse an arm without any event, and say which")
  func armWithoutEvents() {
    do {
      _ = try UpliftRegression()
        .fit(
          Matrix(columns: [[1, 2, 3, 4]]),
          featureNames: ["u"],
          treated: [true, true, false, false],
          outcomes: [true, false, false, false]
        )
      Issue.record("no error")
    } catch {
      #expect(
        "\(error)"
          == "all 2 control rows have the outcome no; take more rows or another outcome, or use "
          + "interactions."
      )
    }
  }

  @Test("a class transformation refuses arms of unequal size")
  func unequalArms() {
    let treated = (0..<600).map { $0 % 3 == 0 }
    do {
      _ = try UpliftRegression(method: .classTransformation)
        .fit(
          Example.features,
          featureNames: ["u", "w"],
          treated: treated,
          outcomes: Example.outcomes
        )
      Issue.record("no error")
    } catch {
      #expect(
        "\(error)"
          == "the class transformation needs arms of equal size, but the treated share is "
          + "0.3333333333333333; use two models or interactions."
      )
    }
  }

  @Test("random arms are sound, a shifted feature and lost rows are named")
  func randomization() throws {
    let sound = try RandomizationCheck(
      Example.features,
      featureNames: ["u", "w"],
      treated: Example.treated
    )
    #expect(sound.isSound)
    #expect(sound.pValue == 1)
    let treated = Example.first.map { $0 > 0.4 }
    let broken = try RandomizationCheck(
      Example.features,
      featureNames: ["u", "w"],
      treated: treated
    )
    #expect(broken.imbalanced.contains("u"))
    // 360 of 600: (60²/300)·2 = 24 with one degree of freedom.
    #expect(broken.treatedCount == 360)
    #expect(abs(broken.chiSquare - 24) < 1e-12)
    #expect(broken.hasSampleRatioMismatch)
    #expect(!broken.isSound)
  }
}
