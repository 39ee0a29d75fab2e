internal import LodeColumns
internal import LodeRuntime

/// How the columns of a table may change when rows are added to it.
///
/// A column may be added, whose cells are missing in earlier rows, and a decimal may get more
/// digits before the point. Everything else needs a write of the whole table: no value is ever
/// read as another type than it was written.
enum SchemaEvolution {
  /// The columns of a table after rows with some columns are added.
  ///
  /// - Parameters:
  ///   - table: the table, for messages.
  ///   - present: its columns.
  ///   - added: the columns of the new rows.
  /// - Returns: the present columns in their order, widened, and then the new ones.
  /// - Throws: a diagnostic that names the column and both types.
  static func columns(
    of table: String,
    _ present: Schema,
    adding added: Schema
  ) throws(Diagnostic) -> Schema {
    var fields: [Field] = []
    for field in present.fields {
      guard let index = added.index(of: field.name) else {
        throw Diagnostic(
          .failure,
          at: "table \(table)",
          "the new rows lack the column \"\(field.name)\" of type \(field.type), which the table "
            + "has.",
          fix: "write the column too, or write the whole table again."
        )
      }
      let other = added.fields[index]
      guard let type = wider(field.type, other.type) else {
        throw Diagnostic(
          .failure,
          at: "table \(table)",
          "the column \"\(field.name)\" is of type \(field.type), the new rows have \(other.type).",
          fix: "convert the new rows to \(field.type), or write the whole table again."
        )
      }
      fields.append(Field(field.name, type, isPersonal: field.isPersonal || other.isPersonal))
    }
    return Schema(fields + added.fields.filter { present.index(of: $0.name) == nil })
  }

  /// The type that holds all values of both; nil if there is none without conversion.
  static func wider(_ left: ColumnType, _ right: ColumnType) -> ColumnType? {
    if left == right { return left }
    guard case .decimal(let leftPrecision, let scale) = left,
      case .decimal(let rightPrecision, scale) = right
    else { return nil }
    return .decimal(precision: max(leftPrecision, rightPrecision), scale: scale)
  }
}
