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
      let translation = builder.codes(for: column.dictionary)
      for code in column.codes { codes.append(translation[Int(code)]) }
    }
    return .texts(codes: codes, dictionary: builder.build())
  }
}

extension Table {
  /// The same rows with dictionaries of the texts that occur, in order of first occurrence.
  ///
  /// - Complexity: O(rows + texts of the dictionaries).
  public func compacted() -> Table {
    Table(schema, columns.map { $0.compacted() })
  }
}

extension Column {
  /// The same cells with a dictionary of the texts that occur, in order of first occurrence.
  public func compacted() -> Column {
    guard case .texts(let codes, let dictionary) = storage else { return self }
    // The new code plus 1, 0 for texts that were not met yet.
    var newCodes = [UInt32](repeating: 0, count: dictionary.count)
    var compact = [UInt32](repeating: 0, count: codes.count)
    var (bytes, offsets): ([UInt8], [Int]) = ([], [0])
    var output = compact.mutableSpan
    var table = newCodes.mutableSpan
    for row in codes.indices {
      if let validity, !validity[row] { continue }
      let code = Int(codes[row])
      if table[code] == 0 {
        bytes += dictionary.bytes[dictionary.offsets[code]..<dictionary.offsets[code + 1]]
        offsets.append(bytes.count)
        table[code] = UInt32(truncatingIfNeeded: offsets.count - 1)
      }
      output[row] = table[code] - 1
    }
    // Missing cells have code 0, so there is one text at least.
    if offsets.count == 1, !codes.isEmpty { offsets.append(0) }
    return Column(
      type: type,
      storage: .texts(
        codes: compact,
        dictionary: TextDictionary(bytes: bytes, offsets: offsets)
      ),
      validity: validity
    )
  }
}
