internal import LodeColumns
internal import LodeRuntime

/// The types of the columns of JSON Lines.
enum JSONLineTypes {
  private static let parser = CellParser()

  /// The narrowest type of all cells; text if there is none.
  ///
  /// - Throws: a diagnostic if some cells are texts and others numbers or truths.
  static func type(
    of cells: [JSONLineValue],
    column: String,
    name: String,
    line: (Int) -> Int
  ) throws(Diagnostic) -> ColumnType {
    var inference = CSVTypeInference()
    var kind: (name: String, row: Int)?
    for (row, value) in cells.enumerated() {
      let own: String
      switch value {
      case .null: continue
      case .number(let digits):
        own = "numbers"
        observe(digits, &inference)
      case .text(let text):
        own = "texts"
        observe(text, &inference)
      case .boolean: own = "truths"
      }
      if let kind, kind.name != own {
        throw Diagnostic(
          .failure,
          at: "\(name):\(line(row))",
          "column \"\(column)\" holds \(own) here and \(kind.name) on line \(line(kind.row)).",
          fix: "declare its type: types: { \(column): \"text\" }, or correct the file."
        )
      }
      if kind == nil { kind = (own, row) }
    }
    switch kind?.name {
    case "truths": return .boolean
    case "numbers":
      switch inference.type {
      case .integer: return .integer
      case .decimal(let precision, let scale): return .decimal(precision: precision, scale: scale)
      default:
        let isSafe = cells.allSatisfy { isExactDouble($0) }
        return isSafe ? .double : .text
      }
    case "texts":
      switch inference.type {
      case .date: return .date
      case .timestamp: return .timestamp
      default: return .text
      }
    default: return .text
    }
  }

  private static func observe(_ text: String, _ inference: inout CSVTypeInference) {
    let bytes = Array(text.utf8)
    // An empty text is a text, not a missing cell.
    let shown = bytes.isEmpty ? [0x20] : bytes
    if !inference.isText || !inference.hasCells {
      inference.observe(shown.span, 0, shown.count, parser)
    }
  }

  /// Whether a number loses nothing as a double: at most 15 significant digits, and finite.
  private static func isExactDouble(_ value: JSONLineValue) -> Bool {
    guard case .number(let digits) = value else { return true }
    let mantissa = digits.prefix { $0 != "e" && $0 != "E" }.filter(\.isNumber)
    let significant = mantissa.drop { $0 == "0" }
    guard significant.count <= 15, let number = Double(digits), number.isFinite else {
      return false
    }
    return number != 0 || significant.isEmpty
  }

  /// Appends a cell; a cell that does not fit becomes missing and gives false.
  static func append(
    _ value: JSONLineValue,
    to builder: inout ColumnBuilder,
    _ zones: inout (has: Bool, lacks: Bool)
  ) -> Bool {
    switch (value, builder.type) {
    case (.null, _):
      builder.appendMissing()
      return true
    case (.text(let text), .text), (.number(let text), .text):
      builder.append(text: text)
      return true
    case (.boolean(let flag), .text):
      builder.append(text: flag ? "true" : "false")
      return true
    case (.boolean(let flag), .boolean):
      builder.append(boolean: flag)
      return true
    case (.boolean, _), (_, .boolean):
      builder.appendMissing()
      return false
    case (.number(let text), .date), (.number(let text), .timestamp):
      _ = text
      builder.appendMissing()
      return false
    case (.number(let text), _), (.text(let text), _):
      return append(Array(text.utf8), to: &builder, &zones)
    }
  }

  private static func append(
    _ bytes: [UInt8],
    to builder: inout ColumnBuilder,
    _ zones: inout (has: Bool, lacks: Bool)
  ) -> Bool {
    let (span, end) = (bytes.span, bytes.count)
    switch builder.type {
    case .double:
      let number = parser.double(span, 0, end)
      builder.append(double: number)
      return number != nil
    case .timestamp:
      if let time = parser.timestamp(span, 0, end) {
        if time.hasZone { zones.has = true } else { zones.lacks = true }
        builder.append(integer: time.microseconds)
        return true
      }
      let day = parser.date(span, 0, end)
      if day != nil { zones.lacks = true }
      builder.append(integer: day.map { $0 * Timestamp.microsecondsPerDay })
      return day != nil
    case .decimal(let precision, let scale):
      let units = parser.decimal(span, 0, end, precision: precision, scale: scale)
      builder.append(integer: units)
      return units != nil
    default:
      let number =
        builder.type == .date ? parser.date(span, 0, end) : parser.integer(span, 0, end)
      builder.append(integer: number)
      return number != nil
    }
  }

  static func mixedZones(_ column: String, _ name: String) -> Diagnostic {
    Diagnostic(
      .failure,
      at: name,
      "column \"\(column)\" holds times with a zone and times without one, which cannot be put on "
        + "one clock.",
      fix: "declare it text and convert it in the pipeline, or export all times in UTC."
    )
  }

  /// A value as it is shown in messages.
  static func words(_ value: JSONLineValue) -> String {
    switch value {
    case .null: "null"
    case .number(let digits): digits
    case .text(let text): "\"\(text)\""
    case .boolean(let flag): "\(flag)"
    }
  }
}
