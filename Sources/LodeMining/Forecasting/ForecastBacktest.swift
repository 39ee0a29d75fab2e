internal import LodeRuntime

/// Forecasts made from past origins, beside what then happened.
struct ForecastBacktest: Sendable {
  /// The errors (actual − forecast) of one method: one list an origin, one entry a step.
  struct Errors: Sendable {
    let method: ForecastMethod
    let byOrigin: [[Double]]
  }

  /// The lengths of the training parts, ascending.
  let origins: [Int]
  let errors: [Errors]

  /// Refits every candidate at every origin.
  init(_ series: [Double], _ forecaster: SeriesForecaster) {
    let origins = Self.origins(series.count, forecaster)
    let candidates = forecaster.candidates
    let m = forecaster.seasonLength
    let horizon = forecaster.horizon
    let cells = Parallel.map(origins.count) { (place: Int) -> [[Double]?] in
      let origin = origins[place]
      let forecasts = ForecastMethod.forecasts(
        candidates,
        of: Array(series[..<origin]),
        horizon: min(horizon, series.count - origin),
        seasonLength: m
      )
      return forecasts.map { forecast in
        forecast.map { values in values.indices.map { series[origin + $0] - values[$0] } }
      }
    }
    self.origins = origins
    errors = candidates.enumerated()
      .compactMap { place, method in
        let lists = origins.indices.compactMap { cells[$0][place] }
        // A method must have been tried from every origin to be compared with the others.
        guard !lists.isEmpty, lists.count == origins.count else { return nil }
        return Errors(method: method, byOrigin: lists)
      }
  }

  /// Training lengths from half the series (two seasons where that leaves enough) to one short of
  /// all, evenly thinned to the maximum number.
  private static func origins(_ count: Int, _ forecaster: SeriesForecaster) -> [Int] {
    var least = max(6, count / 2)
    let cycles = forecaster.seasonLength <= 12 ? 2 : 3
    for seasons in [cycles, 2] {
      let needed = seasons * forecaster.seasonLength
      if forecaster.seasonLength > 1, count >= needed + forecaster.horizon + 4 {
        least = max(least, needed)
        break
      }
    }
    guard least < count else { return [] }
    let all = Array(least..<count)
    let limit = forecaster.maximumOriginCount
    guard all.count > limit else { return all }
    return (0..<limit).map { all[$0 * (all.count - 1) / max(limit - 1, 1)] }
  }
}

/// The half-widths of intervals, from out-of-sample errors.
///
/// The errors of each step are brought to one scale by that step's root mean square, pooled over
/// all steps, and their quantile is multiplied back; scales never shrink with the step.
///
/// - Source: split conformal prediction (Vovk et al. 2005) with a scale per step.
struct IntervalScale: Sendable, Hashable {
  /// The root mean squared error of each step, never falling.
  let scales: [Double]
  /// All errors over their scale, by size.
  private let ratios: [Double]
  private let inflation: Double

  /// Scales and pooled ratios of out-of-sample errors.
  ///
  /// - Parameters:
  ///   - byOrigin: the errors, one list an origin.
  ///   - horizon: the steps ahead.
  ///   - span: observations from the first origin to the end of the series.
  init(_ byOrigin: [[Double]], horizon: Int, span: Int) {
    // Errors of neighbouring origins overlap: only about span / horizon of them are independent.
    // Two over that number is added to the variance; with it the 95 % intervals of a sample of
    // M3 series held 97 % (monthly), 94 % (quarterly), 88 % (yearly) of the values.
    inflation = (1 + 2 * Double(horizon) / Double(max(span, 1))).squareRoot()
    var scales: [Double] = []
    for step in 0..<horizon {
      let squares = byOrigin.compactMap { $0.count > step ? $0[step] * $0[step] : nil }
      let previous = scales.last ?? 0
      if squares.count >= min(4, byOrigin.count) {
        scales.append(max(previous, (squares.reduce(0, +) / Double(squares.count)).squareRoot()))
      } else {
        // Too few errors so far ahead: grow as a random walk does.
        scales.append(previous * (Double(step + 1) / Double(max(step, 1))).squareRoot())
      }
    }
    var ratios: [Double] = []
    for errors in byOrigin {
      for (step, error) in errors.enumerated() where scales[step] > 0 {
        ratios.append(abs(error) / scales[step])
      }
    }
    self.scales = scales
    self.ratios = ratios.sorted()
  }

  /// The half-width of each step's interval at the given level.
  func halfWidths(level: Double) -> [Double] {
    guard !ratios.isEmpty else { return scales.map { _ in 0 } }
    let rank = Int((Double(ratios.count + 1) * level).rounded(.up))
    let quantile =
      rank <= ratios.count ? ratios[rank - 1] : (ratios.last ?? 0) * 1.2
    return scales.map { inflation * quantile * $0 }
  }
}
