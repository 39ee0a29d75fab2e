internal import LodeCustomer
internal import LodeFormats
internal import LodeRuntime

/// Kernels on simulated customers of whom only purchases are known.
struct LifetimeKernels {
  let folder: String

  /// Frequency, recency and age in days and the mean value of repeat purchases, `n × 4`.
  ///
  /// Customers buy and drop out as BG/NBD says, with values as Gamma-Gamma says.
  static func simulated(_ count: Int) -> [Double] {
    Parallel.map(rows: count, chunkSize: 4096) { rows in
      var numbers: [Double] = []
      for row in rows {
        var random = CounterRandom(seed: 7, stream: UInt64(row))
        let rate = random.gamma(shape: 0.6, rate: 40)
        let (one, two) = (random.gamma(shape: 0.8, rate: 1), random.gamma(shape: 2.4, rate: 1))
        let age = Double(180 + random.integer(below: 548))
        var (time, last, repeats) = (0.0, 0.0, 0.0)
        while true {
          time += random.exponential(rate: rate)
          guard time < age else { break }
          repeats += 1
          last = time.rounded(.up)
          if random.uniform() < one / (one + two) { break }
        }
        let scale = random.gamma(shape: 3.7, rate: 15)
        let value = repeats == 0 ? 0 : random.gamma(shape: 6 * repeats, rate: scale) / repeats
        numbers += [repeats, last, age, value]
      }
      return numbers
    }
    .flatMap(\.self)
  }

  private func customers() throws -> [Double] {
    try BenchFiles.read("\(folder)/customers.f64")
  }

  private static func summaries(_ customers: [Double]) -> [PurchaseSummary] {
    (0..<customers.count / 4)
      .map { row in
        PurchaseSummary(
          frequency: Int(customers[row * 4]),
          recency: customers[row * 4 + 1],
          age: customers[row * 4 + 2]
        )
      }
  }

  /// BG/NBD of all customers, grouping and standard errors included.
  func betaGeometric() throws -> Measurement {
    let customers = Self.summaries(try customers())
    return try Measurement.of {
      BetaGeometric.fit(.standard, PurchaseGroups(customers)).fit
    } values: { fit in
      [
        "r": fit.parameters[0], "alpha": fit.parameters[1], "a": fit.parameters[2],
        "b": fit.parameters[3], "log_likelihood": fit.logLikelihood,
      ]
    }
  }

  /// Expected purchases in a year, the chance to be alive and the expected mean value of every
  /// customer, with prediction intervals, from given parameters; grouping included.
  func scores() throws -> Measurement {
    let rows = try customers()
    let summaries = Self.summaries(rows)
    let values = (0..<rows.count / 4).map { rows[$0 * 4 + 3] }
    let model = LifetimeModel(.bgnbd, parameters: [0.6, 40, 0.8, 2.4])
    let money = GammaGamma(p: 6, q: 3.7, v: 15)
    return try Measurement.of { () -> (orders: Double, alive: Double, value: Double) in
      let groups = PurchaseGroups(summaries)
      let forecasts = groups.forecasts(model, within: 365)
      let parts = Parallel.map(rows: summaries.count, chunkSize: 8192) { range in
        var orders = [Double](repeating: 0, count: range.count)
        var (alive, means) = (orders, orders)
        for (place, row) in range.enumerated() {
          let forecast = forecasts[Int(groups.groupOfCustomer[row])]
          let frequency = summaries[row].frequency
          orders[place] = forecast.mean
          alive[place] = forecast.probabilityAlive
          means[place] = money.expectedValue(frequency: frequency, meanValue: values[row]) ?? 0
        }
        return (orders: orders, alive: alive, means: means)
      }
      func sum(_ column: ((orders: [Double], alive: [Double], means: [Double])) -> [Double])
        -> Double
      { parts.reduce(0) { $0 + column($1).reduce(0, +) } }
      return (sum(\.orders), sum(\.alive), sum(\.means))
    } values: { sums in
      ["expected_orders": sums.orders, "alive": sums.alive, "expected_value": sums.value]
    }
  }

  /// The whole study of lifetime value from order lines in files by customer: purchases, all
  /// models, a holdout, totals, and the value of every customer with its interval.
  func study(_ stem: String) throws -> Measurement {
    try Measurement.of {
      let parts = try Parallel.map(16) { shard in
        let name = "\(stem)-shards/\(BenchLines.twoDigits(shard)).parquet"
        let lines = try ParquetFile(opening: "\(folder)/\(name)")
          .read(columns: PurchaseDays.lineColumns.filter { $0 != "kind" })
        var part = PurchaseDays()
        try part.append(orderLines: lines, returnMatches: nil)
        return part
      }
      var purchases = PurchaseDays()
      for part in parts { purchases.append(part) }
      guard let asOf = CivilDate("2026-01-01") else { throw Diagnostic(.failure, "no date") }
      let settings = LifetimeStudy.Settings()
      let study = LifetimeStudy(purchases, settings, asOf: asOf.daysSinceEpoch)
      let values = Parallel.map(rows: study.base.records.count, chunkSize: 8192) { range in
        range.reduce(0.0) { sum, row in
          let value = study.fits.money?
            .forecast(
              study.forecasts[Int(study.base.groups.groupOfCustomer[row])],
              frequency: study.base.records[row].summary.frequency,
              meanValue: study.base.meanValues[row]
            )
          return sum + (value?.mean ?? 0)
        }
      }
      return (study, values.reduce(0, +))
    } values: { study, value in
      [
        "customers": Double(study.base.records.count), "value": value,
        "groups": Double(study.base.groups.summaries.count),
        "purchases": study.totals.purchases.expected,
      ]
    }
  }

  /// Pareto/NBD of the same customers.
  func pareto() throws -> Measurement {
    let customers = Self.summaries(try customers())
    return try Measurement.of {
      ParetoNBD.fit(PurchaseGroups(customers)).fit
    } values: { fit in
      [
        "~r": fit.parameters[0], "~steps": Double(fit.steps), "~log_likelihood": fit.logLikelihood,
        "~s": fit.parameters[2], "~beta": fit.parameters[3],
      ]
    }
  }

  /// Gamma-Gamma of the customers with repeat purchases.
  func values() throws -> Measurement {
    let customers = try customers()
    let frequencies = (0..<customers.count / 4).map { Int(customers[$0 * 4]) }
    let values = (0..<customers.count / 4).map { customers[$0 * 4 + 3] }
    return try Measurement.of {
      GammaGamma.fit(frequencies: frequencies, values: values).fit
    } values: { fit in
      [
        "p": fit.parameters[0], "q": fit.parameters[1], "v": fit.parameters[2],
        "log_likelihood": fit.logLikelihood,
      ]
    }
  }
}
