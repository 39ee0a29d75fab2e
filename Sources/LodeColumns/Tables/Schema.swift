/// The name and meaning of one column of a table.
public struct Field: Hashable, Sendable {
  /// The column's name, `snake_case`.
  public let name: String
  /// What its cells mean.
  public let type: ColumnType
  /// Whether its cells identify or describe a person, and so stay out of messages and reports.
  public let isPersonal: Bool

  /// A field.
  public init(_ name: String, _ type: ColumnType, isPersonal: Bool = false) {
    self.name = name
    self.type = type
    self.isPersonal = isPersonal
  }
}

/// The fields of a table, in order, with distinct names.
public struct Schema: Hashable, Sendable {
  /// The fields in column order.
  public let fields: [Field]

  /// A schema of the given fields.
  ///
  /// - Precondition: the names are distinct.
  public init(_ fields: [Field]) {
    precondition(
      Set(fields.map(\.name)).count == fields.count,
      "duplicate field names in \(fields.map(\.name))"
    )
    self.fields = fields
  }

  /// The names in column order.
  public var names: [String] { fields.map(\.name) }

  /// The place of a field, nil if there is none of this name.
  public func index(of name: String) -> Int? {
    fields.firstIndex { $0.name == name }
  }
}
