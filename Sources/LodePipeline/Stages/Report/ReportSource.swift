internal import LodeColumns
internal import LodeReports
internal import LodeRuntime

/// The tables of a report and the ways in which it writes numbers.
struct ReportSource: Sendable {
  /// Smaller counts of people are not shown where they could point at single customers.
  static let smallestCount = 5

  /// What the pipeline file says.
  let settings: ReportSettings
  /// The as-of date, the currency and the names.
  let context: StageContext
  private let tables: StageInputs

  init(_ tables: StageInputs, settings: ReportSettings, context: StageContext) {
    self.tables = tables
    self.settings = settings
    self.context = context
  }

  /// A table that must be there with the columns that are read.
  ///
  /// - Throws: a diagnostic that names the missing table or column.
  func rows(_ name: String, _ columns: [String]) throws -> ReportRows {
    try ReportRows(try tables.table(name), columns)
  }

  /// A table that may be missing.
  ///
  /// - Throws: a diagnostic if it is there without one of the columns.
  func optionalRows(_ name: String, _ columns: [String]) throws -> ReportRows? {
    try tables.optionalTable(name).map { try ReportRows($0, columns) }
  }

  /// The as-of date in words.
  var asOfText: String { ReportNumber.date(context.asOf) }

  /// How amounts are written: whole units of the currency.
  var moneyStyle: NumberStyle { .money(currency: context.currency, places: 0) }

  /// An amount in whole units of the currency, for example `EUR 12,431`.
  func money(_ amount: Double?) -> String { moneyStyle.text(amount) }

  /// An amount for a narrow place: `EUR 3.53M` from a million on.
  func shortMoney(_ amount: Double) -> String {
    guard abs(amount) >= 1e6 else { return money(amount) }
    return NumberStyle.money(currency: context.currency, places: 2).text(amount / 1e6) + "M"
  }

  /// A probability in whole percent; small ones as `<1%`.
  func probability(_ share: Double?) -> String {
    if let share, share > 0, share < 0.01 { return "<1%" }
    return NumberStyle.percent(places: 0).text(share)
  }

  /// An interval of amounts, for example `EUR 1,000 to 2,000`.
  func money(_ interval: ClosedRange<Double>) -> String {
    "\(money(interval.lowerBound)) to \(ReportNumber.text(interval.upperBound, places: 0))"
  }

  /// An amount with two decimals, for what one person costs or brings.
  func exactMoney(_ amount: Double?) -> String {
    NumberStyle.money(currency: context.currency, places: 2).text(amount)
  }

  /// The interval of a number in columns `…_low` and `…_high`, with a suffix such as `90`; nil
  /// where an end is missing.
  func interval(
    _ rows: ReportRows,
    _ name: String,
    _ row: Int,
    suffix: String
  ) -> ClosedRange<Double>? {
    interval(rows, from: "\(name)_low\(suffix)", to: "\(name)_high\(suffix)", row)
  }

  /// The interval of a number in two columns; nil where an end is missing.
  func interval(
    _ rows: ReportRows,
    from low: String,
    to high: String,
    _ row: Int
  ) -> ClosedRange<Double>? {
    guard let low = rows.number(low, row), let high = rows.number(high, row), low <= high
    else { return nil }
    return low...high
  }

  /// A share with its interval, for example `12.1% (10.0 to 14.5)`.
  func share(_ share: Double?, _ interval: ClosedRange<Double>?) -> String {
    NumberStyle.percent(places: 1).text(share) + ends(interval)
  }

  /// A difference of shares with its interval, for example `+10.4 (6.0 to 14.8)`, in points.
  func points(_ difference: Double?, _ interval: ClosedRange<Double>?) -> String {
    guard let difference else { return "\u{2013}" }
    return NumberStyle.signed(places: 1).text(difference * 100) + ends(interval)
  }

  /// The ends of an interval of shares in percent, for example ` (10.0 to 14.5)`.
  private func ends(_ interval: ClosedRange<Double>?) -> String {
    guard let interval else { return "" }
    return " (\(ReportNumber.text(interval.lowerBound * 100, places: 1)) to "
      + "\(ReportNumber.text(interval.upperBound * 100, places: 1)))"
  }

  /// A count of people; small ones as `<5`.
  func people(_ count: Int) -> String {
    (1..<Self.smallestCount).contains(count)
      ? "<\(Self.smallestCount)" : ReportNumber.integer(count)
  }

  /// A count of customers, for example `1 customer`.
  func customers(_ count: Int) -> String {
    "\(ReportNumber.integer(count)) customer\(count == 1 ? "" : "s")"
  }
}

/// A small table read cell by cell; personal cells are masked.
struct ReportRows: Sendable {
  /// The table.
  let table: Table

  /// A table with the given columns.
  ///
  /// - Throws: a diagnostic that names a missing column.
  init(_ table: Table, _ columns: [String]) throws(Diagnostic) {
    for name in columns { _ = try table.requiredColumn(name) }
    self.table = table
  }

  /// A table whose columns were checked before.
  init(checked table: Table) { self.table = table }

  /// The number of rows.
  var count: Int { table.rowCount }
  /// The places of the rows.
  var indices: Range<Int> { 0..<table.rowCount }

  /// The text of a cell; empty if it is missing, dots if the column is personal.
  func text(_ name: String, _ row: Int) -> String {
    guard let index = table.schema.index(of: name) else { return "" }
    let cell = table.columns[index][row]
    if table.schema.fields[index].isPersonal, cell != .missing { return "\u{2022}\u{2022}\u{2022}" }
    return cell.description
  }

  /// The text of a cell as it is, for counting only: personal cells are not masked.
  func key(_ name: String, _ row: Int) -> String {
    table.column(name).map { $0[row].description } ?? ""
  }

  /// The number of a cell, nil if it is missing.
  func number(_ name: String, _ row: Int) -> Double? {
    table.column(name).flatMap { $0[row].number }
  }

  /// The number of a cell, 0 if it is missing.
  func amount(_ name: String, _ row: Int) -> Double { number(name, row) ?? 0 }

  /// The count of a cell, 0 if it is missing.
  func integer(_ name: String, _ row: Int) -> Int { Int(amount(name, row)) }

  /// The day of a cell, the first day of the epoch if it is missing.
  func date(_ name: String, _ row: Int) -> CivilDate {
    CivilDate(daysSinceEpoch: integer(name, row))
  }

  /// The sum of a column, missing cells left out.
  func sum(_ name: String) -> Double {
    numbers(name).filter(\.isFinite).reduce(0, +)
  }

  /// The numbers of a column, NaN where a cell is missing.
  func numbers(_ name: String) -> [Double] { table.column(name)?.numbers() ?? [] }

  /// The distinct texts of a column in the order of their first rows.
  func distinct(_ name: String) -> [String] {
    var seen: Set<String> = []
    return indices.map { text(name, $0) }.filter { seen.insert($0).inserted }
  }

  /// The rows with a text in a column.
  func rows(where name: String, is text: String) -> [Int] {
    indices.filter { self.text(name, $0) == text }
  }
}
