internal import LodeFormats
internal import LodeRuntime

/// What a stage did last: its fingerprint and what it published.
struct StageState: Sendable {
  /// The fingerprint under which it ran.
  let fingerprint: StageFingerprint
  /// The content hash of each table that it published.
  let outputs: [String: String]
  /// The SHA-256 of each file that it published, by path.
  let files: [String: String]
  /// The run that published.
  let runID: String
  /// How long it took, in milliseconds.
  let milliseconds: Int

  /// The state as JSON.
  var json: String {
    JSONText.object([
      ("fingerprint", fingerprint.json),
      ("outputs", Self.json(outputs)),
      ("files", Self.json(files)),
      ("run", JSONText.quoted(runID)),
      ("milliseconds", String(milliseconds)),
    ])
  }

  init(
    fingerprint: StageFingerprint,
    outputs: [String: String],
    files: [String: String],
    runID: String,
    milliseconds: Int
  ) {
    self.fingerprint = fingerprint
    self.outputs = outputs
    self.files = files
    self.runID = runID
    self.milliseconds = milliseconds
  }

  /// The state that `json` wrote; nil for text that is none (the stage then runs again).
  init?(json text: String, path: String) {
    do {
      let node = try JSON5Parser.parse(text, file: path)
      let reader = try ConfigurationReader(node, file: path, subject: "the state of a stage")
      guard let fingerprint = try reader.object("fingerprint") else { return nil }
      self.fingerprint = try StageFingerprint(fingerprint)
      outputs = try Self.texts(try reader.object("outputs"))
      files = try Self.texts(try reader.object("files"))
      runID = try reader.requiredString("run")
      milliseconds = try reader.integer("milliseconds", in: 0...Int(1 << 52)) ?? 0
    } catch {
      return nil
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
