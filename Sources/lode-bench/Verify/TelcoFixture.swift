// swift-format-ignore-file: AlwaysUseLowerCamelCase

internal import FoundationEssentials
internal import LodeFormats
internal import LodeMining
internal import LodeNumerics

/// The churn figures of `mining_vectors.json`, read where the file is there.
struct TelcoFixture: Decodable {
  let inference: Inference
  let penalized: Predictions
  let unpenalized: Predictions

  /// statsmodels `Logit` on all rows, raw units.
  struct Inference: Decodable {
    let llf: Double
    let llnull: Double
    let pseudo_r2: Double
    let aic: Double
    let bic: Double
    let terms: [String: Term]
    let se_HC1: [String: Double]
  }

  struct Term: Decodable {
    let coef: Double
    let se: Double
    let z: Double
    let p: Double
    let lo: Double
    let hi: Double
  }

  /// scikit-learn on standardised columns: pooled folds (row mod 5) and the split test fold 4.
  struct Predictions: Decodable {
    let cv5_mean: Scores
    let cv5_pooled_oof: Scores
    let cv5_per_fold_auc: [Double]
    let fixed_split: Split
  }

  struct Scores: Decodable {
    let auc: Double
    let log_loss: Double
    let brier: Double
    let top_decile_lift: Double
  }

  struct Split: Decodable {
    let auc: Double
    let log_loss: Double
    let brier: Double
    let coef_standardised: [String: Double]
    let intercept: Double
    let first5_prob: [Double]
  }

  private enum CodingKeys: String, CodingKey {
    case inference = "logit_inference"
    case penalized = "l2_C1"
    case unpenalized = "unpenalised"
  }

  /// The part of a fixture file that is about churn.
  struct File: Decodable {
    let churn_telco: TelcoFixture
    let churn_bins_and_pairs: Bins

    struct Bins: Decodable {
      let result: [String: TelcoBins.Expected]
    }

    /// The figures of a fixture file.
    init(path: String) throws {
      self = try JSONDecoder().decode(Self.self, from: Data(contentsOf: URL(filePath: path)))
    }
  }
}

/// Lode's logistic regression against every churn figure of the fixture.
struct TelcoFixtureCheck {
  let fixture: TelcoFixture
  let features: FeatureMatrix
  let outcomes: [Bool]

  /// Checks inference, penalised coefficients and scores out of fold.
  func check(_ list: inout CheckList) throws {
    try checkInference(&list)
    try checkPredictions(&list, "L2", fixture.penalized, l2: 1, relative: 1e-6)
    try checkPredictions(&list, "unpenalised", fixture.unpenalized, l2: 0, relative: 1e-6)
  }

  private func checkInference(_ list: inout CheckList) throws {
    let expected = fixture.inference
    let model = try LogisticRegression().fit(features, outcomes: outcomes)
    list.near("fixture, log-likelihood", expected.llf, model.logLikelihood, relative: 1e-8)
    list.near("fixture, null", expected.llnull, model.nullLogLikelihood, relative: 1e-8)
    list.near("fixture, pseudo R2", expected.pseudo_r2, model.pseudoRSquared, relative: 1e-8)
    list.near("fixture, AIC", expected.aic, model.aic, relative: 1e-8)
    list.near("fixture, BIC", expected.bic, model.bic, relative: 1e-8)
    let inference = try LogisticInference(model, features: features.matrix, outcomes: outcomes)
    // statsmodels gives a Logit no small-sample factor: its HC1 is the sandwich as it is.
    let robust = try inference.terms(.robust)
    list.equal("fixture, terms", expected.terms.count, model.terms.count)
    for (term, error) in zip(model.terms, robust) {
      let name = term.name == "(intercept)" ? "const" : term.name
      guard let wanted = expected.terms[name], let hc1 = expected.se_HC1[name] else {
        list.equal("fixture, term", "one of the fixture", name)
        continue
      }
      func near(_ what: String, _ expected: Double, _ got: Double?) {
        list.near("fixture, \(name), \(what)", expected, got ?? .infinity, relative: 1e-7)
      }
      near("coefficient", wanted.coef, term.coefficient)
      near("SE", wanted.se, term.inference?.standardError)
      near("z", wanted.z, term.inference?.z)
      near("p", wanted.p, term.inference?.pValue)
      near("lower", wanted.lo, term.inference?.lowerBound)
      near("upper", wanted.hi, term.inference?.upperBound)
      near("SE, HC1", hc1, error?.standardError)
    }
    let profiles = inference.profileIntervals()
    list.equal(
      "profile intervals found",
      model.terms.count,
      profiles.count { $0?.converged == true }
    )
    for wanted in Self.profiles {
      let place = model.terms.firstIndex { $0.name == wanted.name } ?? 0
      let got = profiles[place]
      func near(_ what: String, _ expected: Double, _ got: Double?) {
        list.near("\(wanted.name), profile, \(what)", expected, got ?? .infinity, relative: 1e-7)
      }
      near("lower", wanted.lower, got?.lowerBound)
      near("upper", wanted.upper, got?.upperBound)
    }
  }

  /// Ends of profile intervals by scipy 1.17.1 `brentq` over statsmodels 0.15.0 `GLM` with offset.
  private static let profiles: [(name: String, lower: Double, upper: Double)] = [
    ("(intercept)", -0.4296626585828145, 2.7647991341283973),
    ("tenure", -0.07273708261419816, -0.048294576648637184),
    ("MonthlyCharges", -0.1027773557510992, 0.02163956469919348),
    ("InternetService=Fiber optic", 0.19045493334340452, 3.317609393690818),
  ]

  private func checkPredictions(
    _ list: inout CheckList,
    _ title: String,
    _ expected: TelcoFixture.Predictions,
    l2: Double,
    relative: Double
  ) throws {
    var pooled = [Double](repeating: 0, count: outcomes.count)
    var means = (auc: 0.0, logLoss: 0.0, brier: 0.0, lift: 0.0)
    func near(_ what: String, _ expected: Double, _ got: Double?) {
      list.near("fixture, \(title), \(what)", expected, got ?? .infinity, relative: relative)
    }
    for fold in 0..<5 {
      let test = outcomes.indices.filter { $0 % 5 == fold }
      let training = outcomes.indices.filter { $0 % 5 != fold }
      let model = try LogisticRegression(l2: l2)
        .fit(
          features.matrix.gathering(rows: training),
          featureNames: features.featureNames,
          outcomes: training.map { outcomes[$0] }
        )
      let probabilities = model.probabilities(for: features.matrix.gathering(rows: test))
      for (row, probability) in zip(test, probabilities) { pooled[row] = probability }
      let scores = try ClassifierScores(probabilities, outcomes: test.map { outcomes[$0] })
      near("AUC of fold \(fold)", expected.cv5_per_fold_auc[fold], scores.auc)
      means.auc += (scores.auc ?? 0) / 5
      means.logLoss += scores.logLoss / 5
      means.brier += scores.brier / 5
      means.lift += (scores.topDecileLift ?? 0) / 5
      guard fold == 4 else { continue }
      let split = expected.fixed_split
      near("split, AUC", split.auc, scores.auc)
      near("split, log-loss", split.log_loss, scores.logLoss)
      near("split, Brier", split.brier, scores.brier)
      for (j, name) in model.featureNames.enumerated() {
        let coefficient = model.coefficients[j] * model.standardDeviations[j]
        near("split, \(name)", split.coef_standardised[name] ?? .infinity, coefficient)
      }
      let center =
        model.intercept
        + zip(model.coefficients, model.means)
        .reduce(0) {
          $0 + $1.0 * $1.1
        }
      near("split, intercept", split.intercept, center)
      for (i, probability) in split.first5_prob.enumerated() {
        near("split, probability \(i)", probability, probabilities[i])
      }
    }
    near("mean AUC", expected.cv5_mean.auc, means.auc)
    near("mean log-loss", expected.cv5_mean.log_loss, means.logLoss)
    near("mean Brier", expected.cv5_mean.brier, means.brier)
    near("mean lift", expected.cv5_mean.top_decile_lift, means.lift)
    let scores = try ClassifierScores(pooled, outcomes: outcomes)
    near("pooled AUC", expected.cv5_pooled_oof.auc, scores.auc)
    near("pooled log-loss", expected.cv5_pooled_oof.log_loss, scores.logLoss)
    near("pooled Brier", expected.cv5_pooled_oof.brier, scores.brier)
    near("pooled lift", expected.cv5_pooled_oof.top_decile_lift, scores.topDecileLift)
  }
}
