internal import LodeRuntime

extension Table {
  /// The rows of all tables, one table after the other.
  ///
  /// - Parameters:
  ///   - tables: at least one table, all of one schema.
  ///   - apart: columns of which no text occurs in two tables, as that by which rows were laid
  ///     apart: their dictionaries are joined without looking at the texts.
  /// - Returns: all rows.
  /// - Complexity: O(rows), columns in parallel; dictionaries of texts are merged in order of first
  ///   occurrence.
  public static func concatenating(_ tables: [Table], apart: Set<String> = []) -> Table {
    guard let first = tables.first else { preconditionFailure("no tables to concatenate") }
    guard tables.count > 1 else { return first }
    for table in tables {
      precondition(
        table.schema == first.schema,
        "tables of different schemas: \(table.schema.names) and \(first.schema.names)"
      )
    }
    let columns = Parallel.map(first.schema.fields.count) { index in
      Column.concatenating(
        tables.map { $0.columns[index] },
        areApart: apart.contains(first.schema.fields[index].name)
      )
    }
    return Table(first.schema, columns)
  }
}

extension Column {
  /// The cells of all columns, one column after the other.
  ///
  /// - Parameters:
  ///   - columns: at least one column, all of one type.
  ///   - areApart: whether no text occurs in two of them.
  /// - Returns: all cells.
  public static func concatenating(_ columns: [Column], areApart: Bool = false) -> Column {
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
    case .texts: storage = areApart ? joiningTexts(columns) : concatenatingTexts(columns)
    }
    return Column(type: first.type, storage: storage, validity: validity)
  }

  /// Texts of which none occurs in two columns.
  ///
  /// A dictionary may hold one for cells that are missing: it stays, and does no harm.
  private static func joiningTexts(_ columns: [Column]) -> Storage {
    var (bytes, offsets): ([UInt8], [Int]) = ([], [0])
    var codes: [UInt32] = []
    bytes.reserveCapacity(columns.reduce(0) { $0 + $1.dictionary.bytes.count })
    offsets.reserveCapacity(columns.reduce(1) { $0 + $1.dictionary.count })
    codes.reserveCapacity(columns.reduce(0) { $0 + $1.count })
    for column in columns {
      let dictionary = column.dictionary
      let (firstCode, firstByte) = (UInt32(offsets.count - 1), bytes.count)
      bytes += dictionary.bytes
      for offset in dictionary.offsets.dropFirst() { offsets.append(firstByte + offset) }
      for code in column.codes { codes.append(firstCode + code) }
    }
    return .texts(codes: codes, dictionary: TextDictionary(bytes: bytes, offsets: offsets))
  }

  private static func concatenatingTexts(_ columns: [Column]) -> Storage {
    // Parts of one table share its dictionary, which is told by its address.
    let shared = columns[0].dictionary
    if columns.allSatisfy({ $0.dictionary == shared }) {
      return .texts(codes: columns.flatMap(\.codes), dictionary: shared)
    }
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
