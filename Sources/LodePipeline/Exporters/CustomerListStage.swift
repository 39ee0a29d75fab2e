internal import LodeColumns
public import LodeFormats
public import LodeRuntime

/// Values, scores and consents to one ready-to-send customer list with its waterfall of counts.
public struct CustomerListStage: Stage {
  /// The kind of the stage.
  public static let operation = Operation.export
  /// There is one method.
  public static let method = "customer_list"
  /// The version of the method.
  public static let version = 4

  /// What a list is for.
  enum Action: String, CaseIterable {
    case keep
    case win
    case extend
  }

  private let audience: String
  private let condition: Expression?
  private let conditionText: String
  private let ranking: [SortKey]
  private let limit: Int
  private let action: Action
  private let consent: ConsentRule?
  private let expiryDays: Int
  private let profiles: [CSVWriter.Profile]
  private let excelUsesComma: Bool

  /// Reads `audience`, `where`, `rank_by`, `limit`, `action`, `consent`, `expires_days`, `files`.
  public init(_ reader: ConfigurationReader) throws(Diagnostic) {
    audience = try reader.requiredString("audience")
    guard audience.utf8.allSatisfy({ Self.isNameByte($0) }), !audience.isEmpty,
      let node = reader.node("audience")
    else {
      throw reader.problem(
        at: reader.node("audience") ?? reader.node,
        "\"audience\" of \(reader.subject) is \"\(audience)\".",
        fix: "use small letters, digits and -, for example \"retention-2\"."
      )
    }
    _ = node
    conditionText = try reader.string("where") ?? ""
    if let node = reader.node("where") {
      do throws(Diagnostic) {
        condition = try Expression(parsing: conditionText)
      } catch {
        throw reader.problem(
          at: node,
          "\"where\" of \(reader.subject): \(error.message)",
          fix: error.fix ?? ""
        )
      }
    } else {
      condition = nil
    }
    ranking = try Ranking.keys("rank_by", reader)
    limit = try reader.integer("limit", in: 1...1_000_000_000) ?? 1_000_000_000
    action = try reader.choice("action", of: Action.self) ?? .keep
    consent = try ConsentRule(reader)
    expiryDays = try reader.integer("expires_days", in: 1...366) ?? 28
    var profiles: [CSVWriter.Profile] = []
    for name in try reader.strings("files") ?? ["machine", "excel"] {
      guard let profile = CSVWriter.Profile(rawValue: name) else {
        throw reader.problem(
          at: reader.node("files") ?? reader.node,
          "\"files\" of \(reader.subject) names the unknown profile \"\(name)\".",
          fix: "choose from \"machine\" and \"excel\"."
        )
      }
      guard !profiles.contains(profile) else {
        throw reader.problem(
          at: reader.node("files") ?? reader.node,
          "\"files\" of \(reader.subject) names the profile \"\(name)\" twice.",
          fix: "remove one of the two."
        )
      }
      profiles.append(profile)
    }
    self.profiles = profiles
    let decimal = try reader.string("excel_decimal")
    guard decimal == nil || decimal == "," || decimal == "." else {
      throw reader.problem(
        at: reader.node("excel_decimal") ?? reader.node,
        "\"excel_decimal\" of \(reader.subject) is \"\(decimal ?? "")\".",
        fix: "write \",\" for Excel of countries with a decimal comma, or \".\"."
      )
    }
    excelUsesComma = decimal == ","
    try checkColumns(reader)
  }

  /// Values, scores and segments.
  public var inputs: [String] {
    ["customer_value", "churn_scores", "customer_cluster", "order_lines"]
      + (consent == nil ? [] : ["consents"]) + Candidates.extras.map(\.table).filter(isNamed)
  }
  /// Rules for offers, what is shown where it is there, and what is said of estimates.
  public var optionalInputs: [String] {
    ["product_rules"] + ListedEstimates.tables
      + Candidates.extras.map(\.table).filter { !isNamed($0) }
  }
  /// The list as a table, and its waterfall.
  public var outputs: [String] { [tableName, "\(tableName)_waterfall"] }

  private var tableName: String { "audience." + audience.replacing("-", with: "_") }

  /// Chooses, ranks and writes.
  public func run(_ tables: StageInputs, in context: StageContext) throws -> StageOutput {
    let candidates = try Candidates(tables, withOffers: action == .extend).table
    var waterfall = try Waterfall(candidates)
    var people = Array(0..<candidates.rowCount)
    if let condition {
      let fits = try condition.rows(of: candidates)
      people.removeAll { !fits[$0] }
      waterfall.add("condition", rule: conditionText, people)
    }
    if let consent {
      let allowed = try consent.allowed(try tables.table("consents"))
      let ids = try candidates.requiredColumn("customer_id")
      people.removeAll { !allowed.contains(ids[$0].description) }
      let rule = "\(consent.purpose) consent by \(consent.channel), as of \(context.asOf)"
      waterfall.add("consent", rule: rule, people)
    }
    // Those of equal rank go by their ids.
    let ranked = try candidates.first(limit, of: people, by: ranking + [SortKey("customer_id")])
    if people.count > limit { waterfall.add("limit", rule: "first \(limit) by rank", ranked) }
    let rows = candidates.gathering(ranked).compacted()
    let list = finished(rows, context)
    var output = StageOutput()
    output.tables = [
      OutputTable(tableName, list, order: [SortKey("priority")]),
      OutputTable("\(tableName)_waterfall", waterfall.table()),
    ]
    if profiles.contains(.machine) { try refuseControlCharacters(list, context) }
    let estimates = try ListedEstimates(tables, context).json(list.schema.names)
    output.files = files(list, waterfall, estimates, context)
    output.finding =
      "\(list.rowCount) customers to \(action.rawValue): "
      + waterfall.steps.map { "\($0.name) \($0.people)" }.joined(separator: " → ")
    if list.rowCount == 0 { output.warnings.append("the list \"\(audience)\" is empty") }
    return output
  }

  private func finished(_ rows: Table, _ context: StageContext) -> Table {
    let count = rows.rowCount
    let expiry = Int64(context.asOf.advanced(byDays: expiryDays).daysSinceEpoch)
    let priorities = (0..<count).map { Int64($0 + 1) }
    let scores = rows.column("churn_p")
      .map { column in
        Column(
          type: .double,
          storage: .doubles(column.doubles.map { ($0 * 10_000).rounded() / 10_000 }),
          validity: column.validity
        )
      }
    let rounded = scores.map { rows.setting(Field("churn_p", .double), $0) } ?? rows
    return
      rounded
      .setting(
        Field("action", .text),
        Column(texts: Array(repeating: action.rawValue, count: count))
      )
      .setting(Field("priority", .integer), Column(integers: priorities))
      .setting(
        Field("expires_on", .date),
        Column(.date, integers: Array(repeating: expiry, count: count))
      )
  }

  /// Lists for programs hold no control characters: upload pages cut or misread such rows.
  private func refuseControlCharacters(
    _ list: Table,
    _ context: StageContext
  ) throws(Diagnostic) {
    for (field, column) in zip(list.schema.fields, list.columns) where field.type == .text {
      let isBad = (0..<column.dictionary.count)
        .map { code in column.dictionary.utf8(code).contains { $0 < 0x20 || $0 == 0x7F } }
      guard isBad.contains(true) else { continue }
      let codes = column.codes
      let rows = codes.indices.filter { !column.isMissing($0) && isBad[Int(codes[$0])] }
      guard let row = rows.first else { continue }
      throw Diagnostic(
        .contract,
        at: "stage \(context.stageName)",
        "the column \"\(field.name)\" of the list \"\(audience)\" holds a control character in "
          + "\(rows.count) row\(rows.count == 1 ? "" : "s"), the first with priority \(row + 1).",
        fix: "clean the column in the source, or write files: [\"excel\"] only."
      )
    }
  }

  private func files(
    _ list: Table,
    _ waterfall: Waterfall,
    _ estimates: String,
    _ context: StageContext
  ) -> [OutputFile] {
    let stem = "\(context.asOf)/audience_\(audience)_\(context.asOf)"
    var files = Parallel.map(profiles.count) { place in
      let profile = profiles[place]
      return OutputFile(
        path: "\(stem)\(profile == .excel ? "_excel" : "").csv",
        bytes: CSVWriter(profile, usesDecimalComma: profile == .excel && excelUsesComma)
          .bytes(list),
        rowCount: list.rowCount
      )
    }
    files.append(
      OutputFile(path: "\(stem)_waterfall.csv", bytes: CSVWriter().bytes(waterfall.table()))
    )
    let sums = files.map { file in
      JSONText.object([
        ("path", JSONText.quoted(String(file.path.split(separator: "/").last ?? ""))),
        ("sha256", JSONText.quoted(SHA256.hexDigest(of: file.bytes))),
        ("rows", file.rowCount.map(String.init) ?? "null"),
      ])
    }
    let meta = JSONText.object([
      ("audience", JSONText.quoted(audience)),
      ("action", JSONText.quoted(action.rawValue)),
      ("as_of", JSONText.quoted(context.asOf.description)),
      ("expires_on", JSONText.quoted(context.asOf.advanced(byDays: expiryDays).description)),
      ("currency", JSONText.quoted(context.currency)),
      ("expected_loss", JSONText.quoted("churn_p × value_364d: what leaves with the customer")),
      ("estimates", estimates),
      ("waterfall", waterfall.json),
      ("files", JSONText.array(sums)),
    ])
    files.append(OutputFile(path: "\(stem).meta.json", bytes: Array((meta + "\n").utf8)))
    return files
  }

  /// The columns that the condition and the ranking name.
  private var namedColumns: [String] {
    (condition?.columnNames ?? []).sorted() + ranking.map(\.column)
  }

  /// Whether the condition or the ranking needs a table that not every pipeline makes.
  private func isNamed(_ table: String) -> Bool {
    Candidates.extras.contains { extra in
      extra.table == table && extra.columns.contains { namedColumns.contains($0.shown) }
    }
  }

  private func checkColumns(_ reader: ConfigurationReader) throws(Diagnostic) {
    for name in namedColumns where !Candidates.columns.contains(name) {
      let key = condition?.columnNames.contains(name) ?? false ? "where" : "rank_by"
      throw reader.problem(
        at: reader.node(key) ?? reader.node,
        "\"\(key)\" of \(reader.subject) names the unknown column \"\(name)\""
          + "\(Suggestion.ending(for: name, in: Candidates.columns))",
        fix: "choose from \(Candidates.columns.joined(separator: ", "))."
      )
    }
  }

  private static func isNameByte(_ byte: UInt8) -> Bool {
    (0x61...0x7A).contains(byte) || (0x30...0x39).contains(byte) || byte == UInt8(ascii: "-")
  }
}
