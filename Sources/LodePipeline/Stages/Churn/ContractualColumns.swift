internal import LodeColumns
internal import LodeFormats
internal import LodeMining
internal import LodeRuntime

/// Which columns of a customer table a churn model may learn from, and why others are left out.
struct ContractualColumns: Sendable {
  /// Parts of names of columns that are written when or after a customer leaves.
  private static let tellingNames = [
    "churn", "cancel", "attrition", "terminat", "exit_", "left_on", "leaving", "retained",
    "customer_status",
  ]
  /// A text column with more different texts than this share of rows names customers.
  private static let idShare = 0.5
  /// Fewer rows than this do not show that a column names customers.
  private static let leastRows = 20

  /// The features, numbers or categories, gaps kept.
  let features: FeatureColumns
  /// Columns that are left out without being asked for, with the reason.
  let leftOut: [(name: String, reason: String)]

  /// - Parameters:
  ///   - table: the customers.
  ///   - listed: the columns that the pipeline file asks for; nil takes all that may be taken.
  ///   - excluded: the columns that are not to be looked at: id, label, fold and the excluded ones.
  ///   - categorical: columns of numbers whose values are names.
  ///   - label: the name of the label column.
  ///   - stageName: for messages.
  /// - Throws: a diagnostic for a listed column that is not there or names customers.
  init(
    _ table: Table,
    listed: [String]?,
    excluded: Set<String>,
    categorical: Set<String>,
    label: String,
    stageName: String
  ) throws {
    var columns: [FeatureColumns.Column] = []
    var leftOut: [(name: String, reason: String)] = []
    for name in listed ?? table.schema.names {
      if listed == nil, excluded.contains(name) || name.hasPrefix("_") { continue }
      let column = try table.requiredColumn(name)
      if let reason = Self.refusal(column, name: name, label: label) {
        guard listed == nil else {
          throw Diagnostic(
            .usage,
            at: "stage \(stageName)",
            "the feature \"\(name)\" \(reason).",
            fix: "drop it from features."
          )
        }
        leftOut.append((name, reason))
        continue
      }
      columns.append(Self.feature(column, name: name, isCategory: categorical.contains(name)))
    }
    guard !columns.isEmpty else {
      throw Diagnostic(
        .failure,
        at: "stage \(stageName)",
        "no column is left to learn from.",
        fix: "name some in features: [\"…\"], or exclude fewer."
      )
    }
    features = FeatureColumns(columns, rowCount: table.rowCount)
    self.leftOut = leftOut
  }

  /// Why a column cannot be a feature, nil if it can.
  private static func refusal(_ column: Column, name: String, label: String) -> String? {
    let lower = name.lowercased()
    if tellingNames.contains(where: { lower.contains($0) })
      || (label.count > 3 && lower.contains(label.lowercased()))
    {
      return "is written when a customer leaves, as its name says"
    }
    let filled = column.count - column.missingCount
    guard filled >= leastRows else { return nil }
    switch column.storage {
    case .texts(let codes, _):
      guard numbers(column) == nil else { return nil }
      var seen: Set<UInt32> = []
      for row in codes.indices where !column.isMissing(row) { seen.insert(codes[row]) }
      if Double(seen.count) > idShare * Double(filled) {
        return "has \(seen.count) different texts in \(filled) rows: it names customers"
      }
    case .integers(let cells) where column.type == .integer:
      var seen: Set<Int64> = []
      for row in cells.indices where !column.isMissing(row) { seen.insert(cells[row]) }
      if seen.count == filled {
        return "has a different whole number in each of \(filled) rows: it names customers"
      }
    default: break
    }
    return nil
  }

  /// A column as a feature: numbers where all filled cells are numbers, else categories.
  static func feature(
    _ column: Column,
    name: String,
    isCategory: Bool
  ) -> FeatureColumns.Column {
    if !isCategory {
      if column.type != .text { return FeatureColumns.Column(name, numbers: column.numbers()) }
      if let numbers = numbers(column) { return FeatureColumns.Column(name, numbers: numbers) }
    }
    return FeatureColumns.Column(
      name,
      categories: (0..<column.count)
        .map { row in
          if column.isMissing(row) { return nil }
          let text = column[row].description
          return text.allSatisfy(\.isWhitespace) ? nil : text
        }
    )
  }

  /// The numbers of a text column whose filled cells are all numbers; nil for any other.
  private static func numbers(_ column: Column) -> [Double]? {
    guard column.type == .text else { return nil }
    var values: [Double] = []
    for text in column.dictionary.texts {
      let isBlank = text.allSatisfy(\.isWhitespace)
      guard let value = isBlank ? .nan : Double(text), isBlank || value.isFinite else { return nil }
      values.append(value)
    }
    guard values.contains(where: { !$0.isNaN }) else { return nil }
    let codes = column.codes
    return (0..<column.count).map { column.isMissing($0) ? .nan : values[Int(codes[$0])] }
  }

  /// The features that alone tell the outcome almost without error: probably known only after it.
  ///
  /// - Returns: the names with the AUC of the feature alone, above `limit`.
  static func leaks(
    _ features: FeatureColumns,
    outcomes: [Bool],
    limit: Double = 0.95
  ) -> [(name: String, auc: Double)] {
    features.columns.compactMap { column in
      let auc = ClassifierScores.auc(scores(column, outcomes), outcomes: outcomes) ?? 0.5
      let best = max(auc, 1 - auc)
      return best > limit ? (column.name, best) : nil
    }
  }

  /// A score a row by one column alone: its number, or the share of churners of its category.
  private static func scores(_ column: FeatureColumns.Column, _ outcomes: [Bool]) -> [Double] {
    switch column.values {
    case .numeric(let numbers):
      let filled = numbers.filter { !$0.isNaN }
      let mean = filled.reduce(0, +) / Double(max(filled.count, 1))
      return numbers.map { $0.isNaN ? mean : $0 }
    case .categorical(let levels, let codes):
      var counts = [Double](repeating: 0, count: levels.count + 1)
      var events = counts
      for (row, code) in codes.enumerated() {
        counts[Int(code) + 1] += 1
        if outcomes[row] { events[Int(code) + 1] += 1 }
      }
      return codes.map { events[Int($0) + 1] / max(counts[Int($0) + 1], 1) }
    }
  }
}
