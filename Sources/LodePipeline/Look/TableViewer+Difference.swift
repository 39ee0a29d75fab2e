internal import LodeColumns
internal import LodeRuntime
internal import LodeWarehouse

/// What differs between two versions of a table.
public struct TableDifference: Sendable, Hashable {
  /// Columns that only the second version has, that only the first has, and that changed type.
  public internal(set) var columns: [String] = []
  /// Rows of the first and of the second version.
  public internal(set) var rowCounts = [0, 0]
  /// Rows that only the second version has, by key or as a whole.
  public internal(set) var addedRowCount = 0
  /// Rows that only the first version has, by key or as a whole.
  public internal(set) var removedRowCount = 0
  /// Rows of one key whose other cells differ; nil where there is no key.
  public internal(set) var changedRowCount: Int?

  /// Whether the versions are equal, order of rows aside.
  public var isEmpty: Bool {
    columns.isEmpty && addedRowCount == 0 && removedRowCount == 0 && changedRowCount ?? 0 == 0
  }

  /// The difference as CSV.
  public var csv: String {
    var lines = columns.map { ($0, Int64(1)) }
    lines.append(("rows before", Int64(rowCounts[0])))
    lines.append(("rows after", Int64(rowCounts[1])))
    lines.append(("rows added", Int64(addedRowCount)))
    lines.append(("rows removed", Int64(removedRowCount)))
    if let changedRowCount { lines.append(("rows changed", Int64(changedRowCount))) }
    return TableViewer.csv(
      Table([
        "what": Column(texts: lines.map(\.0)), "count": Column(integers: lines.map(\.1)),
      ])
    )
  }
}

extension TableViewer {
  /// Compares two versions of a table.
  ///
  /// Rows are compared in the columns that both versions have with the same type.
  ///
  /// - Parameters:
  ///   - name: the table, without a version.
  ///   - before: the first version: a number, a date, a time or a tag.
  ///   - after: the second version.
  ///   - key: columns that name a row; none to compare whole rows, each as often as it is there.
  /// - Returns: the difference.
  /// - Throws: a diagnostic for an unknown table, version or column, or a key that repeats.
  public func difference(
    _ name: String,
    _ before: String,
    _ after: String,
    key: [String]
  ) throws -> TableDifference {
    let old = try snapshot("\(name)@\(before)")
    let new = try snapshot("\(name)@\(after)")
    var difference = TableDifference()
    difference.columns = Self.columnChanges(old.schema, new.schema)
    difference.rowCounts = [old.rowCount, new.rowCount]
    if !key.isEmpty { difference.changedRowCount = 0 }
    for column in key {
      _ = try old.table(columns: [column])
      _ = try new.table(columns: [column])
    }
    if old.contentHash == new.contentHash && key.isEmpty { return difference }
    let fields = old.schema.fields.filter { field in
      new.schema.fields.contains { $0.name == field.name && $0.type == field.type }
    }
    let schema = Schema(fields.map { Field($0.name, $0.type) })
    let names = schema.names
    for column in key where !names.contains(column) {
      throw Diagnostic(
        .usage,
        at: "table \(name)",
        "the key \"\(column)\" has another type in \(name)@\(before) than in \(name)@\(after).",
        fix: "choose another key, or leave --key out to compare whole rows."
      )
    }
    let both = Table.concatenating([
      Table(schema, try old.table(columns: names).columns),
      Table(schema, try new.table(columns: names).columns),
    ])
    let rows = try both.grouping(by: names).groupOfRow.map { Int($0) }
    let boundary = old.rowCount
    guard !key.isEmpty else {
      Self.compareRows(rows, boundary, &difference)
      return difference
    }
    let keys = try both.grouping(by: key).groupOfRow.map { Int($0) }
    try Self.compareKeys(keys, rows, boundary, &difference) { isOld in
      Diagnostic(
        .usage,
        at: "table \(name)",
        "rows of \(name)@\(isOld ? before : after) share the key "
          + "\(key.joined(separator: ", ")).",
        fix: "name more columns with --key, or leave it out to compare whole rows."
      )
    }
    return difference
  }

  private static func columnChanges(_ old: Schema, _ new: Schema) -> [String] {
    var changes: [String] = []
    for field in old.fields {
      guard let index = new.index(of: field.name) else {
        changes.append("column removed: \(field.name) \(field.type)")
        continue
      }
      let type = new.fields[index].type
      if type != field.type {
        changes.append("column changed: \(field.name) \(field.type) to \(type)")
      }
    }
    for field in new.fields where old.index(of: field.name) == nil {
      changes.append("column added: \(field.name) \(field.type)")
    }
    return changes
  }

  /// Counts whole rows that are there more often in one version than in the other.
  private static func compareRows(
    _ rows: [Int],
    _ boundary: Int,
    _ difference: inout TableDifference
  ) {
    var balance = [Int](repeating: 0, count: (rows.max() ?? -1) + 1)
    for (row, group) in rows.enumerated() { balance[group] += row < boundary ? -1 : 1 }
    for count in balance {
      if count > 0 { difference.addedRowCount += count }
      if count < 0 { difference.removedRowCount -= count }
    }
  }

  /// Matches rows by their keys.
  private static func compareKeys(
    _ keys: [Int],
    _ rows: [Int],
    _ boundary: Int,
    _ difference: inout TableDifference,
    repeated: (_ isOld: Bool) -> Diagnostic
  ) throws(Diagnostic) {
    var oldRows = [Int](repeating: -1, count: (keys.max() ?? -1) + 1)
    var newRows = oldRows
    for (row, group) in keys.enumerated() {
      if row < boundary {
        guard oldRows[group] < 0 else { throw repeated(true) }
        oldRows[group] = row
      } else {
        guard newRows[group] < 0 else { throw repeated(false) }
        newRows[group] = row
      }
    }
    for (old, new) in zip(oldRows, newRows) {
      if old < 0 {
        difference.addedRowCount += 1
      } else if new < 0 {
        difference.removedRowCount += 1
      } else if rows[old] != rows[new] {
        difference.changedRowCount = (difference.changedRowCount ?? 0) + 1
      }
    }
  }
}
