extension Table {
  /// The rows of all tables, one table after the other.
  ///
  /// - Precondition: at least one table, all of one schema.
  /// - Complexity: O(rows); dictionaries of texts are merged in order of first occurrence.
  public static func concatenating(_ tables: [Table]) -> Table {
    guard let first = tables.first else { preconditionFailure("no tables to concatenate") }
    guard tables.count > 1 else { return first }
    for table in tables {
      precondition(
        table.schema == first.schema,
        "tables of different schemas: \(table.schema.names) and \(first.schema.names)"
      )
    }
    let columns = first.schema.fields.indices.map { index in
      Column.concatenating(tables.map { $0.columns[index] })
    }
    return Table(first.schema, columns)
  }
}

extension Column {
  /// The cells of all columns, one column after the other.
  ///
  /// - Precondition: at least one column, all of one type.
  public static func concatenating(_ columns: [Column]) -> Column {
    guard let first = columns.first else { preconditionFailure("no columns to concatenate") }
    var validity: [Bool]?
    if columns.contains(where: { $0.validity != nil }) {
      validity = columns.flatMap { $0.validity ?? Array(repeating: true, count: $0.count) }
    }
    let storage: Storage
    switch first.storage {
    case .integers: storage = .integers(columns.flatMap(\.integers))
    case .doubles: storage = .doubles(columns.flatMap(\.doubles))
    case .booleans: storage = .booleans(columns.flatMap(\.booleans))
    case .texts: storage = concatenatingTexts(columns)
    }
    return Column(type: first.type, storage: storage, validity: validity)
  }

  private static func concatenatingTexts(_ columns: [Column]) -> Storage {
    var builder = TextDictionaryBuilder()
    var codes: [UInt32] = []
    codes.reserveCapacity(columns.reduce(0) { $0 + $1.count })
    for column in columns {
      let dictionary = column.dictionary
      let (bytes, offsets) = (dictionary.bytes, dictionary.offsets)
      var translation: [UInt32] = []
      translation.reserveCapacity(dictionary.count)
      for code in 0..<dictionary.count {
        let text = bytes.span.extracting(offsets[code]..<offsets[code + 1])
        translation.append(builder.code(for: text))
      }
      for code in column.codes { codes.append(translation[Int(code)]) }
    }
    return .texts(codes: codes, dictionary: builder.build())
  }
}
