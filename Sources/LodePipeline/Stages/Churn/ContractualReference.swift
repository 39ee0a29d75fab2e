internal import LodeColumns
internal import LodeMining
internal import LodeRuntime

/// The bins of the labelled rows of all runs so far, by as-of date, that later runs compare with.
///
/// A run looks only at runs of earlier dates and replaces its own: so a run again as of the same
/// date gives the same bytes, and one as of an older date sees nothing of later ones.
struct ContractualReference: Sendable {
  private let table: Table?
  private let asOf: CivilDate

  /// The runs of a table; none if there is no table yet.
  init(_ table: Table?, asOf: CivilDate) {
    (self.table, self.asOf) = (table, asOf)
  }

  /// The last run before the date, nil if there is none.
  func lastRun() throws -> (asOf: CivilDate, features: [DriftBaseline.Feature])? {
    guard let table else { return nil }
    let days = try table.requiredColumn("as_of").integers
    let today = Int64(asOf.daysSinceEpoch)
    guard let day = days.filter({ $0 < today }).max() else { return nil }
    let run = table.gathering(days.indices.filter { days[$0] == day })
    let names = (0..<run.rowCount).map { run.columns[1][$0].description }
    let starts = names.indices.filter { $0 == 0 || names[$0] != names[$0 - 1] }
    let features = try zip(starts, starts.dropFirst() + [names.count])
      .map { try Self.feature(names[$0], run.gathering(Array($0..<$1))) }
    return (CivilDate(daysSinceEpoch: Int(day)), features)
  }

  /// One feature from its rows: its bins in order, then the rows without a value.
  private static func feature(_ name: String, _ rows: Table) throws -> DriftBaseline.Feature {
    let isNumber = try rows.requiredColumn("kind")[0] == .text("number")
    let counts = try rows.requiredColumn("rows").integers.map { Int($0) }
    let own = 0..<max(counts.count - 2, 0)
    let edges = try rows.requiredColumn("up_to")
    let categories = try rows.requiredColumn("category")
    return DriftBaseline.Feature(
      name: name,
      bins: isNumber
        ? .edges(own.map { edges.doubles[$0] })
        : .categories(own.map { categories[$0].description }),
      sample: .init(
        counts: Array(counts.dropLast()),
        missing: counts.last ?? 0,
        unknown: isNumber ? 0 : counts.dropLast().last ?? 0
      )
    )
  }

  /// The table with the run of the date in its place.
  func adding(_ baseline: DriftBaseline) throws -> Table {
    let today = Int64(asOf.daysSinceEpoch)
    var rows: [(feature: String, kind: String, edge: Double?, category: String?, count: Int)] = []
    for feature in baseline.features {
      let (kind, edges, categories): (String, [Double], [String]) =
        switch feature.bins {
        case .edges(let edges): ("number", edges, [])
        case .categories(let names): ("category", [], names)
        }
      for (bin, count) in (feature.sample.counts + [feature.sample.missing]).enumerated() {
        rows.append(
          (
            feature.name, kind, bin < edges.count ? edges[bin] : nil,
            bin < categories.count ? categories[bin] : nil, count
          )
        )
      }
    }
    let own = Table([
      "as_of": Column(.date, integers: rows.map { _ in today }),
      "feature": Column(texts: rows.map(\.feature)), "kind": Column(texts: rows.map(\.kind)),
      "up_to": Column(optional: rows.map(\.edge)),
      "category": Column(texts: rows.map(\.category)),
      "rows": Column(integers: rows.map { Int64($0.count) }),
    ])
    guard let table else { return own }
    let days = try table.requiredColumn("as_of").integers
    return Table.concatenating([
      table.gathering(days.indices.filter { days[$0] < today }), own,
      table.gathering(days.indices.filter { days[$0] > today }),
    ])
  }
}

/// What a contractual churn run compares its rows with, and how far they have moved.
struct ContractualDrift: Sendable {
  /// Fewer rows without a label than this say too little by themselves: their indices are chance.
  private static let leastRows = 100

  /// The bins of the labelled rows, scored out of fold.
  let baseline: DriftBaseline
  /// nil in a first run whose rows all have a label.
  let drift: ChurnDrift?

  /// Compares the rows without a label with those that have one; without such rows, the labelled
  /// rows with those of the last run.
  ///
  /// - Parameters:
  ///   - features: all rows.
  ///   - labelled: the rows with a label.
  ///   - outOfFold: the log-odds of these by models that did not see them.
  ///   - logOdds: the log-odds of all rows.
  ///   - importances: one a feature.
  ///   - history: the runs before.
  /// - Throws: ``EvaluationError``.
  init(
    _ features: FeatureColumns,
    labelled: [Int],
    outOfFold: [Double],
    logOdds: [Double],
    importances: [Double],
    _ history: ContractualReference
  ) throws {
    let weights = Dictionary(uniqueKeysWithValues: zip(features.names, importances))
    let chosen = ChurnDrift.chosen(labelled.count)
    let before = ChurnDrift.columns(
      features.gathering(rows: chosen.map { labelled[$0] }),
      chosen.map { outOfFold[$0] }
    )
    let baseline = try DriftBaseline(before)
    self.baseline = baseline
    let known = Set(labelled)
    let open = (0..<features.rowCount).filter { !known.contains($0) }
    if open.count >= Self.leastRows {
      let rows = ChurnDrift.chosen(open.count).map { open[$0] }
      drift = try ChurnDrift(
        baseline,
        ChurnDrift.columns(features.gathering(rows: rows), rows.map { logOdds[$0] }),
        importances: weights,
        reference: "the labelled rows"
      )
    } else if let last = try history.lastRun() {
      // Columns that came, went or changed their kind since cannot be compared.
      let same = last.features.filter { feature in
        baseline.features.contains {
          $0.name == feature.name && $0.bins.isNumber == feature.bins.isNumber
        }
      }
      drift = try ChurnDrift(
        DriftBaseline(counted: same),
        before,
        importances: weights,
        reference: "the run as of \(last.asOf)"
      )
    } else {
      drift = nil
    }
  }

  /// The verdict in words.
  var words: String {
    guard let drift else {
      return "nothing to compare with: all rows have a label, and no earlier run left its bins"
    }
    return "\(drift.words), compared with \(drift.reference)"
  }

  /// ``ChurnDrift/table`` with what was compared; empty without a comparison.
  var table: Table {
    let rows = drift?.table ?? ChurnDrift.table(nil)
    return rows.setting(
      Field("compared_with", .text),
      Column(texts: Array(repeating: drift?.reference, count: rows.rowCount))
    )
  }
}
