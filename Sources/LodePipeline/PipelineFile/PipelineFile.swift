internal import LodeFormats
public import LodeRuntime

/// A pipeline file: settings, variables and stages, read and checked.
public struct PipelineFile: Sendable {
  /// One stage as the file declares it.
  public struct StageEntry: Sendable {
    /// Its name.
    public let name: String
    /// The stages it needs, by name.
    public let needs: [String]
    /// Its tags.
    public let tags: [String]
    /// The place of the stage in the file.
    public let place: String
    /// The stage itself.
    public let stage: any Stage
    /// Its resolved configuration as canonical JSON: part of its content hash.
    public let configuration: String
  }

  /// The path of the file.
  public let path: String
  /// The pipeline's name.
  public let name: String
  /// The warehouse folder, relative to the pipeline file unless absolute.
  public let warehouse: String
  /// The exports folder, relative to the pipeline file unless absolute.
  public let exports: String
  /// The currency of all money, ISO 4217.
  public let currency: String
  /// The seed of all random choices.
  public let seed: UInt64
  /// How many shards a new warehouse gets.
  public let shardCount: Int
  /// How `--as-of` is aligned.
  public let asOfRule: AsOfRule
  /// The stages in the order of the file.
  public let stages: [StageEntry]

  /// Reads and checks a pipeline file.
  ///
  /// - Parameters:
  ///   - path: the path of the file.
  ///   - variables: values that replace those of `vars`.
  ///   - environment: the environment that `${NAME}` may read.
  /// - Throws: a diagnostic with file, line and column.
  public init(
    path: String,
    variables: [String: String] = [:],
    environment: [String: String] = [:]
  ) throws(Diagnostic) {
    let bytes: [UInt8]
    do throws(Diagnostic) {
      bytes = try FileBytes.read(path)
    } catch {
      throw Diagnostic(
        .usage,
        at: path,
        "the pipeline file cannot be read: \(error.message)",
        fix: "name a pipeline file with -f, for example -f pipelines/weekly-churn.json5."
      )
    }
    try self.init(
      text: String(decoding: bytes, as: UTF8.self),
      path: path,
      variables: variables,
      environment: environment
    )
  }

  /// Reads and checks the text of a pipeline file.
  ///
  /// - Parameters:
  ///   - text: the text.
  ///   - path: the path for messages and relative paths.
  ///   - variables: values that replace those of `vars`.
  ///   - environment: the environment that `${NAME}` may read.
  /// - Throws: a diagnostic with file, line and column.
  public init(
    text: String,
    path: String,
    variables: [String: String] = [:],
    environment: [String: String] = [:]
  ) throws(Diagnostic) {
    let document = try JSON5Parser.parse(text, file: path)
    var resolver = VariableResolver(file: path, environment: environment)
    try resolver.define(document, overrides: variables)
    let reader = try ConfigurationReader(
      try resolver.resolve(document),
      file: path,
      subject: "the pipeline"
    )
    guard try reader.integer("lode", in: 1...1) != nil else {
      throw reader.problem(
        at: reader.node,
        "the pipeline has no \"lode\" version.",
        fix: "add lode: 1."
      )
    }
    self.path = path
    name = try reader.requiredString("name")
    _ = try reader.string("owner")
    _ = try reader.strings("tags")
    _ = reader.node("vars")
    warehouse = try reader.string("warehouse") ?? "../warehouse"
    exports = try reader.string("exports") ?? "../exports"
    currency = try reader.requiredString("currency")
    seed = UInt64(try reader.integer("seed", in: 0...(1 << 53)) ?? 20_240_101)
    shardCount = try reader.integer("shards", in: 1...4096) ?? 8
    asOfRule = try AsOfRule(try reader.object("as_of"))
    stages = try Self.stages(try reader.requiredNode("stages"), file: path)
    try reader.finish()
  }

  private static func stages(
    _ node: JSON5Node,
    file: String
  ) throws(Diagnostic) -> [StageEntry] {
    guard case .object(let members) = node.kind else {
      _ = try ConfigurationReader(node, file: file, subject: "\"stages\"")
      return []
    }
    var entries: [StageEntry] = []
    for member in members {
      let subject = "stage \"\(member.key)\""
      let reader = try ConfigurationReader(member.node, file: file, subject: subject)
      let place = "\(file):\(member.keyPosition.line):\(member.keyPosition.column)"
      let type = try StageRegistry.stageType(reader)
      let needs = try reader.strings("needs") ?? []
      let tags = try reader.strings("tags") ?? []
      let stage = try type.init(reader)
      try reader.finish()
      entries.append(
        StageEntry(
          name: member.key,
          needs: needs,
          tags: tags,
          place: place,
          stage: stage,
          configuration: member.node.canonicalJSON()
        )
      )
    }
    return entries
  }

  /// A path of the file, made relative to the current folder: absolute paths stay, others count
  /// from the folder of the pipeline file.
  public func resolved(_ relative: String) -> String {
    Self.resolved(relative, against: path)
  }

  /// A path counted from the folder of `file`, unless it is absolute.
  static func resolved(_ relative: String, against file: String) -> String {
    guard !relative.hasPrefix("/"), let slash = file.lastIndex(of: "/") else { return relative }
    var parts = file[..<slash].split(separator: "/", omittingEmptySubsequences: false)[...]
    for part in relative.split(separator: "/") {
      if part == "." { continue }
      if part == "..", let last = parts.last, last != "..", last != ".", !last.isEmpty {
        parts.removeLast()
      } else {
        parts.append(part)
      }
    }
    return parts.isEmpty ? "." : parts.joined(separator: "/")
  }
}

/// How the as-of date of a run is found from `--as-of`.
public struct AsOfRule: Hashable, Sendable {
  /// To which day a date is moved back.
  public enum Alignment: String, CaseIterable, Sendable {
    /// The day itself.
    case day
    /// The Monday of its week.
    case week
    /// The first day of its month.
    case month
  }

  /// The alignment.
  public let alignment: Alignment
  /// The date of a run without `--as-of`; nil demands the argument.
  public let defaultDate: CivilDate?

  init(_ reader: ConfigurationReader?) throws(Diagnostic) {
    alignment = try reader?.choice("align", of: Alignment.self) ?? .day
    if let reader, let text = try reader.string("default"), let node = reader.node("default") {
      guard let date = CivilDate(text) else {
        throw reader.problem(
          at: node,
          "\"default\" of \(reader.subject) is \"\(text)\".",
          fix: "write a date as YYYY-MM-DD."
        )
      }
      defaultDate = date
    } else {
      defaultDate = nil
    }
    try reader?.finish()
  }

  /// The aligned date.
  public func aligned(_ date: CivilDate) -> CivilDate {
    switch alignment {
    case .day: return date
    case .week: return date.startOfWeek
    case .month: return date.advanced(byDays: 1 - date.components.day)
    }
  }
}
