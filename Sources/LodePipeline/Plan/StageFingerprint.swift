internal import LodeFormats
internal import LodeRuntime

/// Everything that decides what a stage computes; equal fingerprints give equal outputs.
struct StageFingerprint: Hashable, Sendable {
  /// Kind, method and version of the stage, for example `cluster kmeans v1`.
  var method: String
  /// The resolved configuration as canonical JSON.
  var configuration: String
  /// The as-of date, empty where the stage does not use it.
  var asOf: String
  /// The seed of the run, in digits.
  var seed: String
  /// The content hash of each input table, or `absent`.
  var tables: [String: String]
  /// The SHA-256 of each source file.
  var files: [String: String]

  /// One digest of all parts.
  var digest: String { SHA256.hexDigest(of: json) }

  /// The parts as JSON.
  var json: String {
    JSONText.object([
      ("method", JSONText.quoted(method)),
      ("configuration", JSONText.quoted(configuration)),
      ("as_of", JSONText.quoted(asOf)),
      ("seed", JSONText.quoted(seed)),
      ("tables", Self.json(tables)),
      ("files", Self.json(files)),
    ])
  }

  /// The parts as `json` wrote them.
  init(_ reader: ConfigurationReader) throws(Diagnostic) {
    method = try reader.requiredString("method")
    configuration = try reader.requiredString("configuration")
    asOf = try reader.requiredString("as_of")
    seed = try reader.requiredString("seed")
    tables = try Self.texts(try reader.object("tables"))
    files = try Self.texts(try reader.object("files"))
  }

  init(
    method: String,
    configuration: String,
    asOf: String,
    seed: String,
    tables: [String: String],
    files: [String: String]
  ) {
    self.method = method
    self.configuration = configuration
    self.asOf = asOf
    self.seed = seed
    self.tables = tables
    self.files = files
  }

  /// Why a stage with this fingerprint is stale against an earlier one; empty if it is not.
  func differences(from earlier: StageFingerprint) -> [String] {
    var reasons: [String] = []
    if method != earlier.method {
      reasons.append("the method changed (\(earlier.method) → \(method))")
    }
    if configuration != earlier.configuration { reasons.append("its settings changed") }
    if asOf != earlier.asOf { reasons.append("the as-of date changed (\(earlier.asOf) → \(asOf))") }
    if seed != earlier.seed { reasons.append("the seed changed (\(earlier.seed) → \(seed))") }
    reasons += Self.differences(tables, earlier.tables, kind: "table")
    reasons += Self.differences(files, earlier.files, kind: "file")
    return reasons
  }

  private static func differences(
    _ now: [String: String],
    _ before: [String: String],
    kind: String
  ) -> [String] {
    Set(now.keys).union(before.keys).sorted()
      .compactMap { name in
        switch (now[name], before[name]) {
        case (nil, _): "the \(kind) \(name) is gone"
        case (_, nil): "the \(kind) \(name) is new"
        case (let new, let old): new == old ? nil : "the \(kind) \(name) changed"
        }
      }
  }

  private static func json(_ texts: [String: String]) -> String {
    JSONText.object(texts.keys.sorted().map { ($0, JSONText.quoted(texts[$0] ?? "")) })
  }

  private static func texts(_ reader: ConfigurationReader?) throws(Diagnostic) -> [String: String] {
    var texts: [String: String] = [:]
    for key in reader?.keys ?? [] { texts[key] = try reader?.requiredString(key) }
    return texts
  }
}
