internal import LodeCustomer
internal import LodeFormats
internal import LodeRuntime

/// The lifetime models on the CDNOW sample: 2,357 customers, 39 weeks to 1997-09-30.
struct CDNOWLifetimes {
  let file: String

  /// A customer before the end of September 1997, and the days with purchases afterwards.
  private struct Customer {
    let summary: PurchaseSummary
    let meanValue: Double
    let later: Int
    /// The value of the first day in dollars.
    let firstValue: Double
  }

  /// A published optimum: parameters, log-likelihood and standard errors.
  private struct Optimum {
    let name: String
    let parameters: [Double]
    let logLikelihood: Double
    var errors: [Double] = []
  }

  /// The optima on the summary with weeks rounded to two digits, as its publishers ship it.
  ///
  /// - Source: customer_value_vectors.json, own_run: bgnbd_exact_mle_cdnow, mbgnbd_exact_mle_cdnow,
  ///   pareto_nbd_quadrature_mle_cdnow; the papers print r .243, alpha 4.414,
  ///   a .793, b 2.426 (Fader, Hardie & Lee 2005) and r .553, alpha 10.578, s .606, beta 11.669.
  private static let optima = [
    Optimum(
      name: "BG/NBD",
      parameters: [0.242592907229, 4.41353156335, 0.792886148042, 2.42575343619],
      logLikelihood: -9582.42556057,
      errors: [0.0125573195849, 0.378221415637, 0.185719143037, 0.705345754894]
    ),
    Optimum(
      name: "MBG/NBD",
      parameters: [0.524838105801, 6.18299258955, 0.891355778913, 1.61399796323],
      logLikelihood: -9582.1326849,
      errors: [0.083264065655, 0.695597979751, 0.154785128047, 0.537471455589]
    ),
    Optimum(
      name: "Pareto/NBD",
      parameters: [0.553275564294, 10.5776130112, 0.606213426594, 11.6679064814],
      logLikelihood: -9594.97392983
    ),
  ]

  /// The optima with the value of the first day, in hundreds of dollars, as a covariate.
  ///
  /// - Source: Tests/Bench/covariates_scipy.py, an own likelihood maximised by SciPy 1.17.1;
  ///   no covariate result on CDNOW is published.
  private static let covariateOptima: [(kind: LifetimeModel.Kind, Optimum)] = [
    (
      .bgnbd,
      Optimum(
        name: "BG/NBD by first value",
        parameters: [0.252208850990, 6.42132766164, 0.370217031503, 0.913887170524]
          + [0.884319656370, 2.34156512465, 2.94112940468],
        logLikelihood: -9558.89503404931
      )
    ),
    (
      .mbgnbd,
      Optimum(
        name: "MBG/NBD by first value",
        parameters: [0.509258732273, 7.65669188286, 0.634874118310, 0.939032192197]
          + [0.557271236460, 1.37637493235, 2.23710120004],
        logLikelihood: -9558.82983647276
      )
    ),
    (
      .paretonbd,
      Optimum(
        name: "Pareto/NBD by first value",
        parameters: [0.574587561378, 14.3916739944, 0.589943699166, 12.2280766041]
          + [0.736937093490, 0.215082602456],
        logLikelihood: -9572.12384625232
      )
    ),
  ]

  private func checkCovariates(_ customers: [Customer], _ list: inout CheckList) {
    let covariates = CustomerCovariates(
      names: ["first"],
      rows: customers.map { [$0.firstValue / 100] }
    )
    let groups = PurchaseGroups(customers.map(\.summary), covariates)
    for (kind, optimum) in Self.covariateOptima {
      let fit = LifetimeModel.fit(kind, groups).fit
      list.equal("\(optimum.name), status", "converged", fit.status.rawValue)
      list.near(
        "\(optimum.name), log-likelihood",
        optimum.logLikelihood,
        fit.logLikelihood,
        relative: 1e-10
      )
      for (place, name) in fit.names.enumerated() {
        // The search of the peer stops at a difference of 1e-9 in the likelihood.
        let expected = optimum.parameters[place]
        list.near("\(optimum.name), \(name)", expected, fit.parameters[place], relative: 1e-4)
      }
    }
  }

  /// Expected purchases in 39 weeks and the chance to be alive, by x, t_x, T.
  ///
  /// - Source: customer-value-and-churn.md §3.1 (lifetimes 0.11.3, parameters of its own fit).
  private static let predictions: [(x: Int, tx: Double, age: Double, figures: [Double])] = [
    (0, 0, 38.86, [0.1948, 1, 0.1540, 0.3897, 0.1071, 0.2951]),
    (1, 1.71, 38.86, [0.2033, 0.2122, 0.1888, 0.1708, 0.1710, 0.1679]),
    (2, 30.43, 38.86, [1.2259, 0.7266, 1.2627, 0.7061, 1.4551, 0.8691]),
    (7, 29.43, 38.86, [3.3372, 0.6418, 3.1668, 0.6226, 3.7117, 0.7494]),
    (10, 20, 38.86, [0.2864, 0.0394, 0.2913, 0.0414, 0.5727, 0.0828]),
    (26, 30.86, 31, [20.7506, 0.9689, 19.4480, 0.9656, 20.1158, 0.9979]),
    (29, 37, 38.86, [18.6121, 0.9139, 17.5534, 0.9082, 18.5830, 0.9589]),
  ]

  /// Checks the fits, the predictions and that days give the same model as weeks.
  func check(_ list: inout CheckList) throws {
    let customers = try customers()
    let groups = PurchaseGroups(customers.map(\.summary))
    list.equal("CDNOW customers", 2357, customers.count)
    list.equal("repeat purchases", 2457, customers.reduce(0) { $0 + $1.summary.frequency })
    list.equal("different summaries", 1016, groups.summaries.count)
    let standard = BetaGeometric.fit(.standard, groups)
    let modified = BetaGeometric.fit(.modified, groups)
    let pareto = ParetoNBD.fit(groups)
    for (optimum, fit) in zip(Self.optima, [standard.fit, modified.fit, pareto.fit]) {
      list.equal("\(optimum.name), status", "converged", fit.status.rawValue)
      list.near(
        "\(optimum.name), log-likelihood",
        optimum.logLikelihood,
        fit.logLikelihood,
        relative: 1e-10
      )
      for (place, name) in fit.names.enumerated() {
        let expected = optimum.parameters[place]
        list.near("\(optimum.name), \(name)", expected, fit.parameters[place], relative: 1e-6)
        guard !optimum.errors.isEmpty else { continue }
        list.near(
          "\(optimum.name), error of \(name)",
          optimum.errors[place],
          fit.standardErrors[place],
          relative: 1e-5
        )
      }
    }
    for (x, tx, age, figures) in Self.predictions {
      let summary = PurchaseSummary(frequency: x, recency: tx, age: age)
      let got = [
        standard.model.expectedPurchases(summary, within: 39),
        standard.model.probabilityAlive(summary),
        modified.model.expectedPurchases(summary, within: 39),
        modified.model.probabilityAlive(summary),
        pareto.model.expectedPurchases(summary, within: 39), pareto.model.probabilityAlive(summary),
      ]
      for (name, (expected, figure)) in zip(
        ["BG E39", "BG alive", "MBG E39", "MBG alive", "Pareto E39", "Pareto alive"],
        zip(figures, got)
      ) {
        // Four digits of a fit whose parameters differ from ours in the fifth.
        list.near(
          "\(name) of x = \(x), t = \(tx)",
          expected,
          figure,
          relative: 1.1e-4 / expected
        )
      }
    }
    checkDays(groups, standard, &list)
    checkCovariates(customers, &list)
    checkValues(customers, &list)
    let models: [LifetimeModel] = [
      .betaGeometric(standard.model), .betaGeometric(modified.model), .pareto(pareto.model),
    ]
    checkHoldout(customers, groups, models, &list)
  }

  /// What the models and simple rules say about the 39 weeks held out.
  ///
  /// - Source: customer-value-and-churn.md §3.2, figures of lifetimes 0.11.3 and our own runs.
  private func checkHoldout(
    _ customers: [Customer],
    _ groups: PurchaseGroups,
    _ models: [LifetimeModel],
    _ list: inout CheckList
  ) {
    let judge = LifetimeHoldout(actual: customers.map(\.later))
    list.equal("holdout, purchases", 1882, judge.total)
    let active = Double(customers.count { $0.later > 0 }) / Double(customers.count)
    list.equal("holdout, share of buyers, %", 29.0, active * 100, places: 1)
    func check(_ score: LifetimeHoldout.Score, _ published: [Double?]) {
      let figures = [
        score.total, score.meanAbsoluteError, score.rootMeanSquareError, score.auc,
        score.topDecileShare.map { $0 * 100 },
      ]
      let names = ["total", "MAE", "RMSE", "AUC", "top decile, %"]
      for (place, expected) in published.enumerated() {
        guard let expected, let figure = figures[place] else { continue }
        let places = [0, 3, 3, 3, 1][place]
        list.equal("holdout, \(score.name), \(names[place])", expected, figure, places: places)
      }
    }
    let summaries = customers.map(\.summary)
    check(judge.score("zero", summaries.map { _ in 0 }), [0, 0.798, 2.206])
    let rates = summaries.map { Double($0.frequency) / $0.age * 39 }
    check(judge.score("own rate", rates), [2930, 1.024, 2.212])
    check(
      judge.score("recency", summaries.map { $0.recency - $0.age }, isCount: false),
      [nil, nil, nil, 0.771]
    )
    check(
      judge.score("frequency", summaries.map { Double($0.frequency) }, isCount: false),
      [nil, nil, nil, 0.758]
    )
    let published: [[Double?]] = [
      [1653, 0.785, 1.608, 0.773, 47.0], [1577, 0.765, 1.607, 0.773, 47.7],
      [1666, 0.755, 1.603, 0.779, 47.4],
    ]
    for (model, figures) in zip(models, published) {
      let forecasts = groups.forecasts(model, within: 39)
      let expected = groups.groupOfCustomer.map { forecasts[Int($0)].mean }
      check(judge.score(model.kind.rawValue, expected), figures)
      let alive = groups.groupOfCustomer.map { forecasts[Int($0)].probabilityAlive }
      let auc = judge.score("\(model.kind.rawValue) P(alive)", alive, isCount: false)
      check(auc, [nil, nil, nil, [0.316, 0.687, 0.726][LifetimeModel.Kind.place(model.kind)]])
    }
  }

  /// The model of values of the 946 customers with repeat purchases, as printed.
  ///
  /// - Source: Fader & Hardie (2013), note 025; the log-likelihood is that of CLVTools 0.12.1.
  private func checkValues(
    _ customers: [Customer],
    _ list: inout CheckList
  ) {
    let values = GammaGamma.fit(
      frequencies: customers.map(\.summary.frequency),
      values: customers.map(\.meanValue)
    )
    list.equal("Gamma-Gamma, status", "converged", values.fit.status.rawValue)
    list.equal("Gamma-Gamma, customers", 946, Int(values.fit.customerCount))
    list.equal("Gamma-Gamma, log-likelihood", -4055.9177, values.fit.logLikelihood, places: 4)
    for (place, printed) in [6.25, 3.74, 15.44].enumerated() {
      let name = "Gamma-Gamma, \(values.fit.names[place])"
      list.equal(name, printed, values.fit.parameters[place], places: 2)
    }
  }

  /// The same customers in days: alpha is sevenfold, the rest is the same.
  private func checkDays(
    _ groups: PurchaseGroups,
    _ weeks: (model: BetaGeometric, fit: LifetimeFit),
    _ list: inout CheckList
  ) {
    var customers: [PurchaseSummary] = []
    for (summary, count) in zip(groups.summaries, groups.counts) {
      let days = PurchaseSummary(
        frequency: summary.frequency,
        recency: summary.recency * 7,
        age: summary.age * 7
      )
      customers += Array(repeating: days, count: Int(count))
    }
    let days = BetaGeometric.fit(.standard, PurchaseGroups(customers))
    list.near("BG/NBD in days, alpha / 7", weeks.model.alpha, days.model.alpha / 7, relative: 1e-7)
    list.near("BG/NBD in days, b", weeks.model.b, days.model.b, relative: 1e-7)
    // LL in days = LL in weeks − Σx · ln 7.
    let expected = weeks.fit.logLikelihood - 2457 * 1.945910149055313
    list.near(
      "BG/NBD in days, log-likelihood",
      expected,
      days.fit.logLikelihood,
      relative: 1e-12
    )
  }

  /// Summaries in weeks, rounded to two digits, and the mean value of repeat purchases.
  private func customers() throws -> [Customer] {
    guard let end = CivilDate("1997-09-30") else { return [] }
    let text = String(decoding: try FileBytes.read(file), as: UTF8.self)
    var order: [Substring] = []
    var purchases: [Substring: [(day: CivilDate, cents: Int)]] = [:]
    var later: [Substring: Int] = [:]
    var lastDay: [Substring: CivilDate] = [:]
    for line in text.split(whereSeparator: \.isNewline) {
      let fields = line.split(separator: " ")
      guard fields.count == 5, fields[2].utf8.count == 8, let dollars = Double(fields[4]) else {
        throw Diagnostic(.failure, at: file, "a line of \(fields.count) fields.")
      }
      let digits = fields[2]
      let written = "\(digits.prefix(4))-\(digits.dropFirst(4).prefix(2))-\(digits.suffix(2))"
      guard let day = CivilDate(written) else {
        throw Diagnostic(.failure, at: file, "the day \(digits).")
      }
      guard day <= end else {
        if lastDay[fields[1]] != day { later[fields[1], default: 0] += 1 }
        lastDay[fields[1]] = day
        continue
      }
      let cents = Int((dollars * 100).rounded())
      if purchases[fields[1]] == nil { order.append(fields[1]) }
      var days = purchases[fields[1]] ?? []
      // Purchases of one day count once.
      if let last = days.last, last.day == day {
        days[days.count - 1].cents += cents
      } else {
        days.append((day, cents))
      }
      purchases[fields[1]] = days
    }
    return order.compactMap { customer in
      guard let days = purchases[customer], let first = days.first, let last = days.last else {
        return nil
      }
      let repeats = days.dropFirst()
      let total = repeats.reduce(0) { $0 + $1.cents }
      let mean = repeats.isEmpty ? 0 : Double(total) / 100 / Double(repeats.count)
      return Customer(
        summary: PurchaseSummary(
          frequency: repeats.count,
          recency: weeks(last.day.days(since: first.day)),
          age: weeks(end.days(since: first.day))
        ),
        meanValue: mean,
        later: later[customer] ?? 0,
        firstValue: Double(first.cents) / 100
      )
    }
  }

  private func weeks(_ days: Int) -> Double { (Double(days) / 7 * 100).rounded() / 100 }
}

extension LifetimeModel.Kind {
  /// The place of a kind among all of them.
  fileprivate static func place(_ kind: Self) -> Int { allCases.firstIndex(of: kind) ?? 0 }
}
