internal import LodeRuntime

/// The customers who had bought before a date, in groups.
public struct LifetimeBase: Sendable {
  /// Their places in the purchases.
  public let places: [Int]
  /// What each of them did.
  public let records: [PurchaseDays.Record]
  /// Those of them who did the same.
  public let groups: PurchaseGroups
  /// The mean value of their repeat purchases, in money.
  public let meanValues: [Double]
  /// The columns of first orders that have one level only, or none large enough to tell apart.
  public let uniformColumns: [String]

  /// The customers of some purchases.
  ///
  /// - Parameters:
  ///   - purchases: the purchases.
  ///   - day: the first day that is not seen, in days since 1970.
  ///   - unit: the unit of times.
  public init(_ purchases: PurchaseDays, asOf day: Int, unit: TimeUnit) {
    let (places, records) = purchases.known(asOf: day, unit: unit)
    self.places = places
    self.records = records
    let summaries = records.map(\.summary)
    if purchases.firstOrders.isEmpty {
      groups = PurchaseGroups(summaries)
      uniformColumns = []
    } else {
      let columns = purchases.firstOrders.map { column in
        (name: column.name, texts: column.texts, places: places.map { column.places[$0] })
      }
      let covariates = CustomerCovariates(levelsOf: columns)
      groups = PurchaseGroups(summaries, covariates)
      uniformColumns = columns.map(\.name)
        .filter { name in
          !covariates.names.contains { $0.hasPrefix("\(name)=") }
        }
    }
    meanValues = records.map(\.meanValue)
  }
}

/// The fitted models of purchases and of values.
public struct LifetimeFits: Sendable {
  /// All kinds that were fitted, in the order of trial.
  public let candidates: [(model: LifetimeModel, fit: LifetimeFit)]
  /// The place of the chosen one.
  public let chosen: Int
  /// The model of values with its fit.
  public let values: (model: GammaGamma, fit: LifetimeFit)
  /// The correlation of frequency and mean value, which Gamma-Gamma takes for nothing.
  public private(set) var pearson: Double?
  /// The same of the ranks.
  public private(set) var spearman: Double?
  /// What a user should know about the fits.
  public private(set) var warnings: [String] = []

  /// The names of the covariates of the customers.
  private let covariateNames: [String]

  /// The chosen model of purchases.
  public var model: LifetimeModel { candidates[chosen].model }
  /// Its fit.
  public var fit: LifetimeFit { candidates[chosen].fit }

  /// The values of purchases, nil where they have no mean.
  public var money: GammaGamma? {
    let (model, fit) = values
    return fit.customerCount > 0 && fit.logLikelihood.isFinite && model.q > 1 ? model : nil
  }

  /// From this correlation on the values of frequent customers differ enough to say so.
  private static let dependence = 0.3

  /// Fits all kinds and chooses, of those with a maximum, the one of highest likelihood; where
  /// covariates give some more coefficients than others, each counts one unit (AIC).
  public init(_ base: LifetimeBase, kinds: [LifetimeModel.Kind]) {
    self.init(base, kinds: kinds, from: nil)
    (pearson, spearman) = Self.dependence(base)
    warn(base)
  }

  /// The same of customers of an earlier date, from the parameters of a later one on; without
  /// correlations and warnings.
  init(_ base: LifetimeBase, kinds: [LifetimeModel.Kind], from later: LifetimeFits?) {
    let candidates = kinds.map { kind -> (model: LifetimeModel, fit: LifetimeFit) in
      // Coefficients of other levels are no start.
      let isSame = later?.covariateNames == base.groups.covariateNames
      let start = later?.candidates
        .first { isSame && $0.model.kind == kind && $0.fit.status == .converged }
      let fitted = LifetimeModel.fit(kind, base.groups, from: start?.fit.parameters)
      guard start != nil, fitted.fit.status != .converged else { return fitted }
      return LifetimeModel.fit(kind, base.groups)
    }
    self.candidates = candidates
    covariateNames = base.groups.covariateNames
    func rank(_ place: Int) -> (Int, Double) {
      let fit = candidates[place].fit
      return (
        fit.status == .converged ? 1 : 0,
        fit.logLikelihood.isFinite
          ? fit.logLikelihood - Double(fit.parameters.count - 4) : -Double.greatestFiniteMagnitude
      )
    }
    var best = 0
    for place in candidates.indices where rank(place) > rank(best) { best = place }
    chosen = best
    values = GammaGamma.fit(
      frequencies: base.records.map(\.summary.frequency),
      values: base.meanValues
    )
  }

  private mutating func warn(_ base: LifetimeBase) {
    for name in base.uniformColumns {
      warnings.append("the covariate \(name) has no coefficients: all first orders have one level")
    }
    if case .covariates(let model) = model {
      for covariate in model.leftOut {
        warnings.append("the covariate \(covariate.name) has no coefficients: \(covariate.words)")
      }
    }
    if fit.status != .converged {
      warnings.append(
        "the parameters of the \(model.kind.rawValue) model are \(fit.status.words): too few "
          + "repeat purchases; figures of customers are rough and totals have no interval"
      )
    }
    if values.fit.status != .converged {
      warnings.append(
        "the parameters of the model of values are \(values.fit.status.words): "
          + (money == nil ? "there are no values" : "values are rough, revenue has no interval")
      )
    }
    if let spearman, abs(spearman) >= Self.dependence {
      warnings.append(
        "frequency and mean value are correlated (Spearman \((spearman * 100).rounded() / 100)), "
          + "which Gamma-Gamma takes for independent: values of frequent customers are biased"
      )
    }
  }

  private static func dependence(_ base: LifetimeBase) -> (Double?, Double?) {
    var frequencies: [Double] = []
    var values: [Double] = []
    for record in base.records where record.summary.frequency > 0 && record.meanValue > 0 {
      frequencies.append(Double(record.summary.frequency))
      values.append(record.meanValue)
    }
    guard frequencies.count > 2 else { return (nil, nil) }
    return (correlation(frequencies, values), correlation(ranks(frequencies), ranks(values)))
  }

  /// Pearson's correlation; nil where one side does not vary.
  private static func correlation(_ left: [Double], _ right: [Double]) -> Double? {
    let n = Double(left.count)
    let (a, b) = (left.reduce(0, +) / n, right.reduce(0, +) / n)
    var (both, one, other) = (0.0, 0.0, 0.0)
    for (x, y) in zip(left, right) {
      both += (x - a) * (y - b)
      one += (x - a) * (x - a)
      other += (y - b) * (y - b)
    }
    return one > 0 && other > 0 ? both / (one * other).squareRoot() : nil
  }

  /// The ranks of values, equal ones sharing the mean of theirs.
  private static func ranks(_ values: [Double]) -> [Double] {
    let order = RadixSort.order(of: values)
    var ranks = [Double](repeating: 0, count: values.count)
    var start = 0
    while start < order.count {
      let value = values[Int(order[start])]
      var end = start
      while end < order.count, values[Int(order[end])] == value { end += 1 }
      for place in start..<end { ranks[Int(order[place])] = Double(start + end - 1) / 2 }
      start = end
    }
    return ranks
  }
}

extension LeftOutCovariate {
  /// Why it is left out, in words.
  public var words: String {
    switch reason {
    case .constant: "it is the same for all customers"
    case .collinear: "those named before it say the same"
    }
  }
}

extension LifetimeFit.Status {
  /// The status in words.
  public var words: String {
    switch self {
    case .converged: "found"
    case .notIdentified: "not identified"
    case .stopped: "not found"
    }
  }
}
