internal import LodeColumns
internal import LodeMining
internal import LodeNumerics
internal import LodeRuntime

/// The centroids of all runs so far, by as-of date, from which segments keep their numbers.
///
/// A run looks only at runs of earlier dates and replaces its own: so a run again as of the same
/// date gives the same bytes, and one as of an older date sees nothing of later ones.
struct SegmentHistory: Sendable {
  /// The name of the table.
  static let table = "segment_history"

  /// The segments of one earlier run.
  struct Run: Sendable {
    let asOf: CivilDate
    /// The numbers of the segments, rising.
    let numbers: [Int]
    /// One row a number, in the standard units of that run.
    let centroids: Matrix
    let scaling: (means: [Double], standardDeviations: [Double])

    /// The segment of each transformed point by the centroids of that run.
    func places(of transformed: Matrix) -> [Int] {
      let points = encoded(transformed)
      var labels = [Int32](repeating: 0, count: points.rowCount)
      var places = labels.mutableSpan
      NearestCentroids(
        centroids.elements,
        origin: Array(repeating: 0, count: points.columnCount)
      )
      .label(points.elements.span, into: &places)
      return labels.map { Int($0) }
    }

    /// The centroids before they were standardised.
    var transformedCentroids: Matrix {
      var elements = centroids.elements
      for i in elements.indices {
        let j = i % centroids.columnCount
        elements[i] = elements[i] * divisor(j) + scaling.means[j]
      }
      return Matrix(
        rowCount: centroids.rowCount,
        columnCount: centroids.columnCount,
        elements: elements
      )
    }

    private func encoded(_ transformed: Matrix) -> Matrix {
      var elements = transformed.elements
      for i in elements.indices {
        let j = i % transformed.columnCount
        elements[i] = (elements[i] - scaling.means[j]) / divisor(j)
      }
      return Matrix(
        rowCount: transformed.rowCount,
        columnCount: transformed.columnCount,
        elements: elements
      )
    }

    private func divisor(_ column: Int) -> Double {
      scaling.standardDeviations[column] == 0 ? 1 : scaling.standardDeviations[column]
    }
  }

  /// One line of the table.
  private struct Line: Sendable {
    var day: Int64
    var segment: Int
    var feature: String
    var scale: String
    var centroid: Double
    var mean: Double
    var deviation: Double
  }

  private let asOf: CivilDate
  private var lines: [Line] = []

  /// The runs of a table, none if there is no table yet.
  init(_ table: Table?, asOf: CivilDate) throws {
    self.asOf = asOf
    guard let table, table.rowCount > 0 else { return }
    let days = try table.requiredColumn("as_of").integers
    let segments = try table.requiredColumn("segment").integers
    let features = try table.requiredColumn("feature")
    let scales = try table.requiredColumn("scale")
    let centroids = try table.requiredColumn("centroid").numbers()
    let means = try table.requiredColumn("mean").numbers()
    let deviations = try table.requiredColumn("standard_deviation").numbers()
    lines = (0..<table.rowCount)
      .map { row in
        Line(
          day: days[row],
          segment: Int(segments[row]),
          feature: features[row].description,
          scale: scales[row].description,
          centroid: centroids[row],
          mean: means[row],
          deviation: deviations[row]
        )
      }
  }

  private var today: Int64 { Int64(asOf.daysSinceEpoch) }

  /// The highest number that an earlier run used, 0 if there is none.
  var highestNumber: Int { lines.filter { $0.day < today }.map(\.segment).max() ?? 0 }

  /// The last run before the date, nil if there is none or it looked at other features.
  func lastRun(_ selection: FeatureSelection) -> Run? {
    guard let day = lines.filter({ $0.day < today }).map(\.day).max() else { return nil }
    let rows = lines.filter { $0.day == day }
    let numbers = Set(rows.map(\.segment)).sorted()
    let scales = selection.transformations.map(\.rawValue)
    var centroids: [[Double]] = []
    for number in numbers {
      let own = rows.filter { $0.segment == number }
      guard own.map(\.feature) == selection.names, own.map(\.scale) == scales else { return nil }
      centroids.append(own.map(\.centroid))
    }
    let first = rows.filter { $0.segment == numbers.first }
    return Run(
      asOf: CivilDate(daysSinceEpoch: Int(day)),
      numbers: numbers,
      centroids: Matrix(rows: centroids),
      scaling: (first.map(\.mean), first.map(\.deviation))
    )
  }

  /// The table with the run of the date in its place.
  func table(
    adding model: KMeans.Model,
    numbers: [Int],
    _ selection: FeatureSelection,
    _ scaling: Standardization
  ) -> Table {
    var all = lines.filter { $0.day < today }
    for (cluster, number) in numbers.enumerated() {
      for (j, name) in selection.names.enumerated() {
        all.append(
          Line(
            day: today,
            segment: number,
            feature: name,
            scale: selection.transformations[j].rawValue,
            centroid: model.centroids[cluster, j],
            mean: scaling.means[j],
            deviation: scaling.standardDeviations[j]
          )
        )
      }
    }
    all += lines.filter { $0.day > today }
    return Table([
      "as_of": Column(.date, integers: all.map(\.day)),
      "segment": Column(integers: all.map { Int64($0.segment) }),
      "feature": Column(texts: all.map(\.feature)),
      "scale": Column(texts: all.map(\.scale)),
      "centroid": Column(doubles: all.map(\.centroid)),
      "mean": Column(doubles: all.map(\.mean)),
      "standard_deviation": Column(doubles: all.map(\.deviation)),
    ])
  }
}
