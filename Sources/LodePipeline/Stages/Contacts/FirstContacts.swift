internal import LodeColumns
internal import LodeRuntime

/// The earliest of several times of a person, with the source that it came from.
struct FirstContact: Sendable {
  /// Microseconds since 1970.
  private(set) var time: Int64
  private(set) var source: String?

  /// The day of the time.
  var day: Int { Timestamp.day(ofMicroseconds: time) }

  /// Keeps the earlier of two; at one time the first source in byte order.
  mutating func keepEarlier(_ other: FirstContact) {
    guard other.time <= time else { return }
    if other.time == time {
      source = [source, other.source].compactMap(\.self).min()
    } else {
      self = other
    }
  }
}

/// The first visit of each person before a date, read part by part: no visit is kept but the first.
///
/// The visits of a visitor who was ever known are those of the customer.
struct FirstVisits: Sendable {
  /// By customer.
  private(set) var ofCustomers: [String: FirstContact] = [:]
  /// By visitor, of those who were never known.
  private(set) var ofStrangers: [String: FirstContact] = [:]
  /// The first visits that say themselves who the customer is, by customer.
  private(set) var named: [String: FirstContact] = [:]
  /// Who a visitor is: of the earliest visit that says so, then the first in byte order.
  private var customerOf: [String: (time: Int64, customer: String)] = [:]

  /// Reads all visits.
  ///
  /// - Parameters:
  ///   - tables: the inputs.
  ///   - settings: the table and its columns.
  ///   - limit: visits at or behind it are not seen, microseconds since 1970.
  ///   - checked: counts the rows, and takes those without a person or a time.
  /// - Throws: a diagnostic for a wrong column or a file that cannot be read.
  init(
    _ tables: StageInputs,
    _ settings: VisitSettings,
    before limit: Int64,
    _ checked: inout CheckedRows
  ) throws(Diagnostic) {
    for part in 0..<(try tables.partCount(of: settings.table)) {
      try add(try tables.part(part, of: settings.table), settings, before: limit, &checked)
    }
    for (visitor, known) in customerOf {
      guard let visit = ofStrangers.removeValue(forKey: visitor) else { continue }
      ofCustomers[known.customer, default: visit].keepEarlier(visit)
    }
  }

  private mutating func add(
    _ table: Table,
    _ settings: VisitSettings,
    before limit: Int64,
    _ checked: inout CheckedRows
  ) throws(Diagnostic) {
    let person = IdCells(try settings.person.ids(of: table, settings.table))
    let times = try settings.at.times(of: table, settings.table)
    let customer = try IdCells(settings.customer, of: table, settings.table)
    let source = try IdCells(settings.source, of: table, settings.table)
    for row in 0..<table.rowCount {
      if let time = times[row], time >= limit { continue }
      let (visitor, own) = (person[row], customer?[row])
      let reasons =
        (visitor == nil && own == nil ? ["missing_person"] : [])
        + (times[row] == nil ? ["missing_time"] : [])
      guard checked.takes(row, of: table, settings.table, reasons), let time = times[row] else {
        continue
      }
      let visit = FirstContact(time: time, source: source?[row])
      if let own {
        ofCustomers[own, default: visit].keepEarlier(visit)
        named[own, default: visit].keepEarlier(visit)
        guard let visitor else { continue }
        if let known = customerOf[visitor], (known.time, known.customer) <= (time, own) { continue }
        customerOf[visitor] = (time, own)
      } else if let visitor {
        ofStrangers[visitor, default: visit].keepEarlier(visit)
      }
    }
  }
}

extension CheckedRows {
  /// The first event of each customer before a date.
  ///
  /// - Parameters:
  ///   - settings: the table and its columns.
  ///   - tables: the inputs.
  ///   - limit: events at or behind it are not seen, microseconds since 1970.
  /// - Returns: the events by customer.
  /// - Throws: a diagnostic for a wrong column or a file that cannot be read.
  mutating func firstEvents(
    _ settings: CustomerEventSettings,
    in tables: StageInputs,
    before limit: Int64
  ) throws(Diagnostic) -> [String: FirstContact] {
    var first: [String: FirstContact] = [:]
    for part in 0..<(try tables.partCount(of: settings.table)) {
      let table = try tables.part(part, of: settings.table)
      let customer = IdCells(try settings.customer.ids(of: table, settings.table))
      let times = try settings.at.times(of: table, settings.table)
      let source = try IdCells(settings.source, of: table, settings.table)
      for row in 0..<table.rowCount {
        if let time = times[row], time >= limit { continue }
        let id = customer[row]
        let reasons =
          (id == nil ? ["missing_customer"] : []) + (times[row] == nil ? ["missing_time"] : [])
        guard takes(row, of: table, settings.table, reasons), let id, let time = times[row] else {
          continue
        }
        let event = FirstContact(time: time, source: source?[row])
        first[id, default: event].keepEarlier(event)
      }
    }
    return first
  }
}

/// The cells of a column of ids as texts, each distinct text made once.
private struct IdCells {
  private let column: Column
  private let texts: [String]
  private let codes: [UInt32]

  init(_ column: Column) {
    self.column = column
    texts = column.dictionary.texts
    codes = column.codes
  }

  /// The column of a setting; nil without one.
  ///
  /// - Throws: a diagnostic for a column that is not there.
  init?(_ setting: ColumnSetting?, of table: Table, _ name: String) throws(Diagnostic) {
    guard let setting else { return nil }
    self.init(try setting.ids(of: table, name))
  }

  /// The id of a row; nil where it is missing.
  subscript(row: Int) -> String? { column.isMissing(row) ? nil : texts[Int(codes[row])] }
}
