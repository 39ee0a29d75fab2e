public import LodeRuntime

/// Columns of one length under a schema.
public struct Table: Sendable, Hashable {
  /// The fields, one a column.
  public let schema: Schema
  /// The columns in schema order.
  public let columns: [Column]
  /// The number of rows.
  public let rowCount: Int

  /// A table of the given columns.
  ///
  /// - Precondition: one column a field, of its type, all of one length.
  public init(_ schema: Schema, _ columns: [Column]) {
    precondition(
      schema.fields.count == columns.count,
      "\(columns.count) columns for \(schema.fields.count) fields"
    )
    let rowCount = columns.first?.count ?? 0
    for (field, column) in zip(schema.fields, columns) {
      precondition(
        column.type == field.type && column.count == rowCount,
        "column \(field.name): \(column.count) cells of \(column.type) in a table of "
          + "\(rowCount) rows, declared \(field.type)"
      )
    }
    self.schema = schema
    self.columns = columns
    self.rowCount = rowCount
  }

  /// A table of named columns, none of them personal.
  public init(_ columns: KeyValuePairs<String, Column>) {
    self.init(
      Schema(columns.map { Field($0.key, $0.value.type) }),
      columns.map(\.value)
    )
  }

  /// A table without rows.
  public init(emptyWith schema: Schema) {
    self.init(schema, schema.fields.map { ColumnBuilder($0.type).build() })
  }

  /// The column of the given name, nil if there is none.
  public func column(_ name: String) -> Column? {
    schema.index(of: name).map { columns[$0] }
  }

  /// The column of the given name.
  ///
  /// - Throws: a diagnostic of category `failure` that lists the columns there are.
  public func requiredColumn(_ name: String) throws(Diagnostic) -> Column {
    guard let column = column(name) else {
      throw Diagnostic(
        .failure,
        "there is no column \"\(name)\"\(Suggestion.ending(for: name, in: schema.names)) "
          + "The columns are \(schema.names.joined(separator: ", "))."
      )
    }
    return column
  }

  /// The rows of the given places, in that order.
  public func gathering(_ rows: [Int]) -> Table {
    Table(schema, columns.map { $0.gathering(rows) })
  }

  /// The rows for which `isKept` holds, in their order.
  public func filtered(_ isKept: [Bool]) -> Table {
    precondition(isKept.count == rowCount, "\(isKept.count) marks for \(rowCount) rows")
    return gathering(isKept.indices.filter { isKept[$0] })
  }

  /// The table of the named columns, in that order.
  ///
  /// - Throws: a diagnostic that names the missing column.
  public func selecting(_ names: [String]) throws(Diagnostic) -> Table {
    var fields: [Field] = []
    var selected: [Column] = []
    for name in names {
      selected.append(try requiredColumn(name))
      guard let index = schema.index(of: name) else { continue }
      fields.append(schema.fields[index])
    }
    return Table(Schema(fields), selected)
  }

  /// The table with one more column, or with the column of that name replaced.
  public func setting(_ field: Field, _ column: Column) -> Table {
    var fields = schema.fields
    var all = columns
    if let index = schema.index(of: field.name) {
      fields[index] = field
      all[index] = column
    } else {
      fields.append(field)
      all.append(column)
    }
    return Table(Schema(fields), all)
  }
}
