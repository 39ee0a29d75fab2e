internal import LodeColumns
internal import LodeCustomer
internal import LodeRuntime

/// The tables of a study of lifetime value.
struct LifetimeTables {
  let study: LifetimeStudy
  let purchases: PurchaseDays
  let discount: DiscountRate
  let currency: String

  /// One row a customer of some places among the purchases; money in the scale of order lines.
  ///
  /// - Parameters:
  ///   - part: the places of the customers.
  ///   - residuals: ``residualPurchases()``.
  ///   - asOf: the date of the run.
  /// - Returns: the rows in the order of the places.
  func customers(_ part: Range<Int>, _ residuals: [Double], asOf: CivilDate) -> Table {
    let base = study.base
    let scale = purchases.scale
    let unit = Double(powerOfTen(scale))
    var columns = CustomerColumns(scale: scale)
    // Places ascend: those of a part are next to each other.
    let first = Self.firstRow(base.places, from: part.lowerBound)
    for row in first..<Self.firstRow(base.places, from: part.upperBound) {
      let record = base.records[row]
      let group = Int(base.groups.groupOfCustomer[row])
      guard group >= 0 else { continue }
      let forecast = study.forecasts[group]
      let value = study.fits.money?
        .forecast(
          forecast,
          frequency: record.summary.frequency,
          meanValue: record.meanValue,
          level: study.settings.level
        )
      columns.append(
        id: purchases.customers[base.places[row]],
        asOf: asOf,
        forecast: forecast,
        value: value,
        residual: value.map { $0.orderValue * residuals[group] },
        unit: unit
      )
    }
    return columns.table()
  }

  /// The first row whose place is not below one.
  private static func firstRow(_ places: [Int], from place: Int) -> Int {
    var (low, high) = (0, places.count)
    while low < high {
      let middle = (low + high) / 2
      if places[middle] < place { low = middle + 1 } else { high = middle }
    }
    return low
  }

  /// The discounted purchases to come of every group.
  func residualPurchases() -> [Double] {
    let groups = study.base.groups
    guard study.fits.money != nil else { return Array(repeating: 0, count: groups.summaries.count) }
    return groups.discountedPurchases(
      study.fits.model,
      study.forecasts,
      discount: discount,
      unit: study.settings.unit
    )
  }

  /// The parameters of all models that were fitted, a row each.
  func models() -> Table {
    var rows = ModelRows(hasIntervals: !purchases.firstOrders.isEmpty)
    let unit = study.settings.unit.rawValue
    for (place, candidate) in study.fits.candidates.enumerated() {
      rows.append(
        candidate.model.kind.rawValue,
        candidate.fit,
        isChosen: place == study.fits.chosen,
        unit: unit,
        level: study.settings.level
      )
      guard case .covariates(let model) = candidate.model, let test = model.test else { continue }
      for (name, figure) in [
        ("likelihood_ratio", test.statistic),
        ("likelihood_ratio_degrees", Double(test.degreesOfFreedom)),
        ("likelihood_ratio_p_value", test.pValue),
      ] {
        rows.append(
          model.kind.rawValue,
          name,
          figure,
          status: candidate.fit.status.rawValue,
          isChosen: place == study.fits.chosen
        )
      }
    }
    rows.append(
      "gamma_gamma",
      study.fits.values.fit,
      isChosen: true,
      unit: currency,
      level: study.settings.level
    )
    let independence = [("pearson", study.fits.pearson), ("spearman", study.fits.spearman)]
    for (name, value) in independence {
      rows.append("frequency_value_correlation", name, value)
    }
    return rows.table()
  }

  /// The judgements of the model and of the rules on the latest holdout.
  func holdout() -> Table {
    var rows = HoldoutRows()
    if let test = study.holdout { rows.append(test) }
    return rows.table()
  }

  /// The sums over all customers with prediction intervals.
  func totals() -> Table {
    let sums: [(String, LifetimeTotal?)] = [
      ("purchases", study.totals.purchases), ("customers_who_buy", study.totals.buyers),
      ("revenue", study.totals.revenue),
    ]
    var numbers = (0..<6).map { _ in ColumnBuilder(.double) }
    for (_, total) in sums {
      let figures = [
        total?.expected, total?.interval?.lowerBound, total?.interval?.upperBound,
        total.map { $0.individualVariance.squareRoot() },
        total?.parameterVariance.map { $0.squareRoot() },
        total.map { $0.calibrationVariance.squareRoot() },
      ]
      for (place, figure) in figures.enumerated() {
        numbers[place].append(double: figure.flatMap { $0.isFinite ? $0 : nil })
      }
    }
    let days = Int64(study.settings.horizonDays)
    return Table([
      "measure": Column(texts: sums.map(\.0)),
      "horizon_days": Column(integers: sums.map { _ in days }),
      "level": Column(doubles: sums.map { _ in study.settings.level }),
      "expected": numbers[0].build(), "lower": numbers[1].build(), "upper": numbers[2].build(),
      "sd_customers": numbers[3].build(), "sd_parameters": numbers[4].build(),
      "sd_calibration": numbers[5].build(),
    ])
  }

  /// The study in one line.
  func finding() -> String {
    func words(_ total: LifetimeTotal, _ unit: String) -> String {
      let interval = total.interval
        .map { " (\($0.lowerBound.rounded(toPlaces: 0)) to \($0.upperBound.rounded(toPlaces: 0)))" }
      return "\(total.expected.rounded(toPlaces: 0))\(interval ?? "") \(unit)"
    }
    var text =
      "next \(study.settings.horizonDays) days: \(words(study.totals.purchases, "purchases")) by "
      + words(study.totals.buyers, "customers")
    if let revenue = study.totals.revenue { text += ", worth \(words(revenue, currency))" }
    text += "; model \(study.fits.model.kind.rawValue)"
    if let purchases = study.holdout?.purchases, purchases.actual > 0 {
      let error = (purchases.expected / purchases.actual - 1) * 100
      text += ", \(error.rounded(toPlaces: 1)) % off on the holdout"
    }
    return text
  }
}

/// The columns of `customer_clv` while they grow.
private struct CustomerColumns {
  private let scale: Int
  /// The ids, each of which comes once.
  private var (idBytes, idEnds): ([UInt8], [Int]) = ([], [0])
  private var dates: [Int64] = []
  private var expected: [Double] = []
  private var lower: [Int64] = []
  private var upper: [Int64] = []
  private var chance: [Double] = []
  private var alive: [Double] = []
  private var (orderValue, orderLower, orderUpper) = (Amounts(), Amounts(), Amounts())
  private var (value, valueLower, valueUpper) = (Amounts(), Amounts(), Amounts())
  private var residual = Amounts()

  init(scale: Int) { self.scale = scale }

  mutating func append(
    id: String,
    asOf: CivilDate,
    forecast: PurchaseForecast,
    value: ValueForecast?,
    residual: Double?,
    unit: Double
  ) {
    idBytes += id.utf8
    idEnds.append(idBytes.count)
    dates.append(Int64(asOf.daysSinceEpoch))
    expected.append(forecast.mean)
    lower.append(Int64(forecast.lower))
    upper.append(Int64(forecast.upper))
    chance.append(forecast.chanceToBuy)
    alive.append(forecast.probabilityAlive)
    orderValue.append(value?.orderValue, unit)
    orderLower.append(value?.orderValueLower, unit)
    orderUpper.append(value?.orderValueUpper, unit)
    self.value.append(value?.mean, unit)
    valueLower.append(value?.lower, unit)
    valueUpper.append(value?.upper, unit)
    self.residual.append(residual, unit)
  }

  func table() -> Table {
    let money = ColumnType.money(scale: scale)
    let ids = Column.Storage.texts(
      codes: dates.indices.map { UInt32(truncatingIfNeeded: $0) },
      dictionary: TextDictionary(bytes: idBytes, offsets: idEnds)
    )
    return Table([
      "customer_id": Column(type: .text, storage: ids), "as_of": Column(.date, integers: dates),
      "clv_purchases": Column(doubles: expected), "clv_purchases_lower": Column(integers: lower),
      "clv_purchases_upper": Column(integers: upper), "clv_buys_p": Column(doubles: chance),
      "clv_order_value": orderValue.column(money),
      "clv_order_value_lower": orderLower.column(money),
      "clv_order_value_upper": orderUpper.column(money),
      "clv_value": value.column(money), "clv_value_lower": valueLower.column(money),
      "clv_value_upper": valueUpper.column(money),
      "clv_residual_value": residual.column(money), "clv_active_p": Column(doubles: alive),
    ])
  }
}

/// Amounts of money while they grow, missing where there is none or more than can be written.
private struct Amounts {
  private var cells: [Int64] = []
  private var isThere: [Bool] = []

  mutating func append(_ figure: Double?, _ unit: Double) {
    let cents = (figure ?? .nan) * unit
    let isKnown = abs(cents) < 9e17
    cells.append(isKnown ? Int64(cents.rounded()) : 0)
    isThere.append(isKnown)
  }

  func column(_ money: ColumnType) -> Column {
    Column(type: money, storage: .integers(cells), validity: isThere)
  }
}

/// The rows of `model.clv`.
private struct ModelRows {
  private var model: [String] = []
  private var name: [String] = []
  private var value = ColumnBuilder(.double)
  private var error = ColumnBuilder(.double)
  private var unit: [String?] = []
  private var status: [String?] = []
  private var isChosen = ColumnBuilder(.boolean)
  /// The ends of intervals; nil without covariates.
  private var ends: [ColumnBuilder]?

  init(hasIntervals: Bool) {
    if hasIntervals { ends = [ColumnBuilder(.double), ColumnBuilder(.double)] }
  }

  mutating func append(
    _ model: String,
    _ fit: LifetimeFit,
    isChosen: Bool,
    unit: String,
    level: Double
  ) {
    for (place, parameter) in fit.names.enumerated() {
      let isScale = ["alpha", "beta", "v"].contains(parameter)
      append(
        model,
        parameter,
        fit.parameters[place],
        error: fit.standardErrors[place],
        interval: ends == nil ? nil : fit.interval(of: { $0[place] }, level: level),
        unit: isScale ? unit : nil,
        status: fit.status.rawValue,
        isChosen: isChosen
      )
    }
    for (figure, number) in [
      ("log_likelihood", fit.logLikelihood), ("customers", fit.customerCount),
      ("steps", Double(fit.steps)),
    ] {
      append(model, figure, number, status: fit.status.rawValue, isChosen: isChosen)
    }
  }

  mutating func append(
    _ model: String,
    _ name: String,
    _ value: Double?,
    error: Double? = nil,
    interval: ClosedRange<Double>? = nil,
    unit: String? = nil,
    status: String? = nil,
    isChosen: Bool? = nil
  ) {
    self.model.append(model)
    self.name.append(name)
    self.value.append(double: value.flatMap { $0.isFinite ? $0 : nil })
    self.error.append(double: error.flatMap { $0.isFinite ? $0 : nil })
    ends?[0].append(double: interval?.lowerBound)
    ends?[1].append(double: interval?.upperBound)
    self.unit.append(unit)
    self.status.append(status)
    self.isChosen.append(boolean: isChosen)
  }

  func table() -> Table {
    guard let ends else {
      return Table([
        "model": Column(texts: model), "name": Column(texts: name), "value": value.build(),
        "standard_error": error.build(), "unit": Column(texts: unit),
        "status": Column(texts: status), "is_chosen": isChosen.build(),
      ])
    }
    return Table([
      "model": Column(texts: model), "name": Column(texts: name), "value": value.build(),
      "standard_error": error.build(), "lower": ends[0].build(), "upper": ends[1].build(),
      "unit": Column(texts: unit), "status": Column(texts: status),
      "is_chosen": isChosen.build(),
    ])
  }
}

/// The rows of `clv_holdout`.
private struct HoldoutRows {
  private var part: [String] = []
  private var name: [String] = []
  private var measure: [String] = []
  private var value = ColumnBuilder(.double)
  private var from: [Int64] = []
  private var to: [Int64] = []

  mutating func append(_ test: LifetimeTest) {
    func add(_ part: String, _ name: String, _ measure: String, _ value: Double?) {
      self.part.append(part)
      self.name.append(name)
      self.measure.append(measure)
      self.value.append(double: value)
      from.append(Int64(test.range.lowerBound))
      to.append(Int64(test.range.upperBound - 1))
    }
    add("totals", "customers", "actual", Double(test.customerCount))
    let totals: [(String, LifetimeTest.Outcome?, LifetimeTotal?)] = [
      ("purchases", test.purchases, test.totals.purchases),
      ("customers_who_buy", test.buyers, test.totals.buyers),
      ("revenue", test.revenue, test.totals.revenue),
    ]
    for (name, outcome, total) in totals {
      add("totals", name, "actual", outcome?.actual)
      add("totals", name, "predicted", outcome?.expected)
      add("totals", name, "predicted_lower", total?.interval?.lowerBound)
      add("totals", name, "predicted_upper", total?.interval?.upperBound)
    }
    let actual = test.purchases.actual
    for score in test.scores {
      add("predictors", score.name, "total", score.total)
      add(
        "predictors",
        score.name,
        "relative_error",
        actual > 0 ? score.total.map { $0 / actual - 1 } : nil
      )
      add("predictors", score.name, "mean_absolute_error", score.meanAbsoluteError)
      add("predictors", score.name, "root_mean_square_error", score.rootMeanSquareError)
      add("predictors", score.name, "auc_buys", score.auc)
      add("predictors", score.name, "top_decile_share", score.topDecileShare)
    }
    for group in test.groups {
      let name = "\(group.frequency)\(group.frequency == test.groups.count - 1 ? "+" : "")"
      add("frequency", name, "customers", Double(group.customerCount))
      add("frequency", name, "predicted", group.predicted)
      add("frequency", name, "actual", group.actual)
    }
  }

  func table() -> Table {
    Table([
      "part": Column(texts: part), "name": Column(texts: name), "measure": Column(texts: measure),
      "value": value.build(), "from_day": Column(.date, integers: from),
      "to_day": Column(.date, integers: to),
    ])
  }
}
