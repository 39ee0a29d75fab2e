internal import LodeColumns
internal import LodeFormats
internal import LodeRuntime

/// What a commit says about the cells of a data file.
enum DeltaStatisticsText {
  /// Bounds are written of this many columns from the first.
  private static let boundedColumnCount = 32

  /// The `stats` of an `add` line: row count, bounds and missing cells.
  ///
  /// Timestamps are written to the millisecond, minima rounded down and maxima up.
  static func encode(_ table: Table, _ columns: [ColumnSummary]) -> String {
    var minima: [(key: String, json: String)] = []
    var maxima: [(key: String, json: String)] = []
    var missing: [(key: String, json: String)] = []
    for (field, column) in zip(table.schema.fields, columns).prefix(boundedColumnCount) {
      if let minimum = value(column.minimum, isMaximum: false) {
        minima.append((field.name, minimum))
      }
      if let maximum = value(column.maximum, isMaximum: true) {
        maxima.append((field.name, maximum))
      }
      missing.append((field.name, String(column.missingCount)))
    }
    return
      JSONText.object([
        ("numRecords", String(table.rowCount)),
        ("minValues", JSONText.object(minima)),
        ("maxValues", JSONText.object(maxima)),
        ("nullCount", JSONText.object(missing)),
      ])
  }

  private static func value(_ cell: Cell, isMaximum: Bool) -> String? {
    switch cell {
    case .missing, .boolean: return nil
    case .integer, .decimal: return cell.description
    case .double(let number): return number.isFinite ? "\(number)" : nil
    case .text(let text): return JSONText.quoted(text)
    case .date(let date):
      return (1...9999).contains(date.components.year) ? JSONText.quoted(date.description) : nil
    case .timestamp(let timestamp):
      let (shifted, hasOverflowed) = timestamp.microseconds
        .addingReportingOverflow(isMaximum ? 999 : 0)
      guard !hasOverflowed else { return nil }
      let remainder = shifted % 1000
      let rounded = shifted - (remainder < 0 ? remainder + 1000 : remainder)
      let (year, _, _) = Timestamp(microseconds: rounded).date.components
      return (1...9999).contains(year) ? JSONText.quoted(milliseconds(rounded)) : nil
    }
  }

  /// `YYYY-MM-DDThh:mm:ss.mmmZ`.
  private static func milliseconds(_ microseconds: Int64) -> String {
    let timestamp = Timestamp(microseconds: microseconds)
    let inDay = microseconds - Int64(timestamp.date.daysSinceEpoch) * Timestamp.microsecondsPerDay
    let fraction = String(inDay / 1000 % 1000)
    let seconds = timestamp.description.prefix(19)
    return "\(seconds).\(String(repeating: "0", count: 3 - fraction.count))\(fraction)Z"
  }

  /// The exact sum of each integer and decimal column, as a JSON object of texts.
  static func sums(of table: Table) -> String {
    var sums: [(key: String, json: String)] = []
    for (field, column) in zip(table.schema.fields, table.columns) {
      switch field.type {
      case .integer, .decimal:
        let sum = sum(column.integers, column.validity)
        sums.append((field.name, JSONText.quoted(decimalText(sum, scale: field.type.scale))))
      default: continue
      }
    }
    return JSONText.object(sums)
  }

  private static func sum(_ numbers: [Int64], _ validity: [Bool]?) -> Int128 {
    var sum: Int128 = 0
    if let validity {
      for row in numbers.indices where validity[row] { sum += Int128(numbers[row]) }
    } else {
      for number in numbers { sum += Int128(number) }
    }
    return sum
  }

  private static func decimalText(_ units: Int128, scale: Int) -> String {
    guard scale > 0 else { return String(units) }
    let digits = String(units.magnitude)
    let full = String(repeating: "0", count: max(0, scale + 1 - digits.count)) + digits
    return (units < 0 ? "-" : "") + full.dropLast(scale) + "." + full.suffix(scale)
  }
}
