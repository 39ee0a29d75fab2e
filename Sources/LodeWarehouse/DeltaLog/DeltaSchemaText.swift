internal import FoundationEssentials
internal import LodeColumns
internal import LodeFormats
internal import LodeRuntime

/// Schemas as Delta writes them: a JSON text of simple types.
enum DeltaSchemaText {
  /// The schema string of a table; the partition column comes last.
  static func encode(_ schema: Schema, partitionColumn: String?) -> String {
    var fields = schema.fields.map { field in
      encode(field.name, deltaType(field.type), field.type.description, field.isPersonal)
    }
    if let partitionColumn {
      let isShard = partitionColumn == "shard"
      fields.append(
        encode(partitionColumn, isShard ? "integer" : "string", isShard ? "integer" : "text", false)
      )
    }
    return JSONText.object([
      ("type", JSONText.quoted("struct")), ("fields", JSONText.array(fields)),
    ])
  }

  private static func encode(
    _ name: String,
    _ type: String,
    _ lodeType: String,
    _ isPersonal: Bool
  ) -> String {
    var metadata: [(key: String, json: String)] = [("lode.type", JSONText.quoted(lodeType))]
    if isPersonal { metadata.append(("lode.personal", "true")) }
    return JSONText.object([
      ("name", JSONText.quoted(name)),
      ("type", JSONText.quoted(type)),
      ("nullable", "true"),
      ("metadata", JSONText.object(metadata)),
    ])
  }

  private static func deltaType(_ type: ColumnType) -> String {
    switch type {
    case .integer: "long"
    case .decimal(let precision, let scale): "decimal(\(precision),\(scale))"
    case .text: "string"
    case .double, .boolean, .date, .timestamp: type.description
    }
  }

  /// The fields of a schema string, without the partition columns.
  ///
  /// - Throws: a diagnostic for a text that is no schema, or for types that lode does not have.
  static func decode(
    _ text: String,
    partitionColumns: [String],
    table: String
  ) throws(Diagnostic) -> Schema {
    let decoded: DeltaSchema
    do {
      decoded = try JSONDecoder().decode(DeltaSchema.self, from: Data(text.utf8))
    } catch {
      throw Diagnostic(
        .failure,
        at: "table \(table)",
        "the schema in the table's log cannot be read.",
        fix: "restore the table's _delta_log from a copy."
      )
    }
    var fields: [Field] = []
    for field in decoded.fields where !partitionColumns.contains(field.name) {
      guard let type = columnType(field), !fields.contains(where: { $0.name == field.name }) else {
        throw Diagnostic(
          .failure,
          at: "table \(table)",
          "column \"\(field.name)\" is of type \(field.type ?? "a nested type"), "
            + "which lode does not have.",
          fix: "write the table again without this column."
        )
      }
      fields.append(Field(field.name, type, isPersonal: field.isPersonal))
    }
    return Schema(fields)
  }

  private static func columnType(_ field: DeltaField) -> ColumnType? {
    if let name = field.lodeType, let type = ColumnType(name) { return type }
    switch field.type {
    case "long", "integer", "short", "byte": return .integer
    case "double", "float": return .double
    case "string": return .text
    case "timestamp", "timestamp_ntz": return .timestamp
    case "boolean": return .boolean
    case "date": return .date
    case .some(let name): return ColumnType(name)
    case nil: return nil
    }
  }
}
