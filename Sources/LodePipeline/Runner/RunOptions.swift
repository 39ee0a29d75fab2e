public import LodeRuntime

/// How a pipeline is run.
public struct RunOptions: Sendable {
  /// The as-of date, aligned.
  public var asOf: CivilDate
  /// Replaces the seed of the pipeline file.
  public var seed: UInt64?
  /// Replaces the warehouse folder of the pipeline file.
  public var warehouse: String?
  /// Replaces the exports folder of the pipeline file.
  public var exports: String?
  /// Replaces the limit of bad rows of every extract stage.
  public var rejectLimit: RejectLimit?
  /// Stages that run even if nothing changed.
  public var forced: [String] = []
  /// How many seconds to wait while another run holds the warehouse.
  public var lockWaitInSeconds = 0
  /// The id of the run, for `runs/<id>.json`.
  public var runID: String

  /// Options for one date.
  public init(asOf: CivilDate, runID: String) {
    self.asOf = asOf
    self.runID = runID
  }
}

/// What a runner tells while it works.
public enum RunEvent: Sendable {
  /// Another run holds the warehouse and is waited for.
  case waiting(owner: String)
  /// The run before was killed while it held the warehouse; its lock was taken over.
  case tookOver(owner: String)
  /// A stage starts, with the reasons why it runs.
  case started(stage: String, place: Int, of: Int, reasons: [String])
  /// A stage was skipped: everything it depends on is as it was.
  case skipped(stage: String, place: Int, of: Int)
  /// A stage has computed its outputs.
  case finished(StageReport, place: Int, of: Int)
}

/// What one stage did in a run.
public struct StageReport: Sendable {
  /// How it ended.
  public enum Status: String, Sendable {
    /// It ran and published.
    case ran
    /// Nothing had changed.
    case skipped
    /// It threw; nothing was published.
    case failed
  }

  /// The name of the stage.
  public let stage: String
  /// How it ended.
  public let status: Status
  /// Why it ran.
  public let reasons: [String]
  /// The finding in words.
  public var finding = ""
  /// More lines for the log.
  public var details: [String] = []
  /// Rows read, where the stage keeps the balance.
  public var rowsRead: Int?
  /// Rows published by that balance.
  public var rowsPublished: Int?
  /// Rows in quarantine.
  public var rowsQuarantined = 0
  /// The version of each input table.
  public var inputs: [(table: String, version: Int)] = []
  /// The version and rows of each output table.
  public var outputs: [(table: String, version: Int, rows: Int)] = []
  /// The published files: path, SHA-256, rows.
  public var files: [(path: String, sha256: String, rows: Int?)] = []
  /// Things a user should look at.
  public var warnings: [String] = []
  /// How long it took.
  public var milliseconds = 0

  init(stage: String, status: Status, reasons: [String] = []) {
    self.stage = stage
    self.status = status
    self.reasons = reasons
  }

  /// Fills in the versions that the outputs got when the run was published.
  mutating func pinOutputs(_ versions: [String: Int]) {
    outputs = outputs.map { ($0.table, versions[$0.table] ?? -1, $0.rows) }
    inputs = inputs.map { ($0.table, versions[$0.table] ?? -1) }
  }
}
