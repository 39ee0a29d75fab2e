public import LodeColumns
public import LodeFormats
public import LodeRuntime
public import LodeWarehouse

/// The kinds of stages, in the order of the way of the data.
public enum Operation: String, CaseIterable, Sendable, Hashable, Codable {
  /// Files to raw tables.
  case extract
  /// Raw tables to clean tables and quarantine.
  case clean
  /// Clean tables to features and values as of a date.
  case transform
  /// Features to segments.
  case cluster
  /// Features and baskets to correlations and rules.
  case correlate
  /// Features and labels to churn scores.
  case classify
  /// Orders and scores to forecasts.
  case forecast
  /// Everything to customer lists.
  case export
  /// Everything to one HTML page.
  case report
}

/// A pure step from tables to tables; the runner owns reading, hashing and publishing.
///
/// A stage sees its inputs, its configuration, an as-of date and a seed, and nothing else: no
/// clock, no file, no environment.
public protocol Stage: Sendable {
  /// The kind of the stage.
  static var operation: Operation { get }
  /// The method within its kind, for example `kmeans`; empty where a kind has one method.
  static var method: String { get }
  /// Raised whenever the same input would give other output, so that caches become stale.
  static var version: Int { get }
  /// Reads the configuration of the stage from the pipeline file.
  ///
  /// - Throws: a diagnostic of category `usage` with file, line and column.
  init(_ reader: ConfigurationReader) throws(Diagnostic)
  /// The tables that must be there.
  var inputs: [String] { get }
  /// The tables that are used where a needed stage makes them.
  var optionalInputs: [String] { get }
  /// Tables of the stage's own that it adds to; they make it stale by nothing that it did itself.
  var previous: [String] { get }
  /// The tables that the stage publishes, quarantine aside.
  var outputs: [String] { get }
  /// The inputs that the stage works on customer by customer, each with the column of the customer:
  /// a stage that makes a large one lays its rows apart.
  var customerColumns: [String: String] { get }
  /// What the stage reads besides tables; the runner reads it.
  var sources: [SourceRequest] { get }
  /// Whether the as-of date is part of what the stage computes.
  var usesAsOf: Bool { get }
  /// Computes the outputs.
  ///
  /// - Throws: a ``Diagnostic``, or an error of an algorithm.
  func run(_ tables: StageInputs, in context: StageContext) throws -> StageOutput
}

extension Stage {
  /// No optional inputs.
  public var optionalInputs: [String] { [] }
  /// Most stages make their tables anew.
  public var previous: [String] { [] }
  /// Most inputs lie apart already.
  public var customerColumns: [String: String] { [:] }
  /// No source files.
  public var sources: [SourceRequest] { [] }
  /// Most stages compute something as of a date.
  public var usesAsOf: Bool { true }
}

/// Something that the runner reads for an extract stage.
public enum SourceRequest: Hashable, Sendable {
  /// The files of a path or pattern relative to the pipeline file.
  case files(pattern: String)
  /// The standard output of a program, given as an argument array; `{watermark}` in an argument
  /// stands for the largest value so far of a column of a table, or for `start` without rows.
  case command(arguments: [String], watermark: Watermark?)

  /// Up to where a growing source was read.
  public struct Watermark: Hashable, Sendable {
    /// The table that holds what was read so far.
    public let table: String
    /// Its column that only grows.
    public let column: String
    /// The value before the first run.
    public let start: String
  }
}

/// What a stage may know besides its tables.
public struct StageContext: Sendable {
  /// The name of the stage in the pipeline file.
  public let stageName: String
  /// The first day that no feature may see.
  public let asOf: CivilDate
  /// The seed of all random choices.
  public let seed: UInt64
  /// The currency of all money, ISO 4217.
  public let currency: String
  /// The name of the pipeline.
  public let pipelineName: String
  /// The source files of an extract stage, or the output of its program, in the order of the
  /// patterns.
  public let sources: [SourceBytes]
  /// Takes rows to disk while the stage works, nil where all of them are wanted in memory.
  public var spool: RowSpool?
  /// The shards that tables of customers are written in.
  public var shardCount = 1
  /// The tables that a later stage works on customer by customer, with the column of the customer.
  public var customerColumns: [String: String] = [:]
  /// The limit of bad rows that the user asked for in place of the stage's own.
  public var rejectLimit: RejectLimit?
}

/// One table that a stage makes.
public struct OutputTable: Sendable {
  /// Its name in the warehouse.
  public let name: String
  /// Its rows; none if they were spooled.
  public let rows: Table
  /// All its rows, those that were spooled before with them.
  public let rowCount: Int
  /// The column by which its rows go to shards; nil for a small table in one part.
  public let shardColumn: String?
  /// The order of rows inside a shard.
  public let order: [SortKey]

  /// A table for the warehouse.
  public init(
    _ name: String,
    _ rows: Table,
    shardedBy shardColumn: String? = nil,
    order: [SortKey] = []
  ) {
    self.name = name
    self.rows = rows
    rowCount = rows.rowCount
    self.shardColumn = shardColumn
    self.order = order
  }

  /// A table whose rows were all spooled, see ``RowSpool``.
  public init(
    _ name: String,
    spooled schema: Schema,
    rowCount: Int,
    shardedBy shardColumn: String? = nil
  ) {
    self.name = name
    rows = Table(emptyWith: schema)
    self.rowCount = rowCount
    self.shardColumn = shardColumn
    order = []
  }
}

/// One file that a stage makes outside the warehouse.
public struct OutputFile: Sendable {
  /// Its path below the exports folder.
  public let path: String
  /// Its bytes.
  public let bytes: [UInt8]
  /// The rows it holds, nil where that makes no sense.
  public let rowCount: Int?

  /// A file.
  public init(path: String, bytes: [UInt8], rowCount: Int? = nil) {
    self.path = path
    self.bytes = bytes
    self.rowCount = rowCount
  }
}

/// What a stage made.
public struct StageOutput: Sendable {
  /// The tables, in the order of ``Stage/outputs``.
  public var tables: [OutputTable] = []
  /// The files.
  public var files: [OutputFile] = []
  /// The rows that were refused, with their reasons; nil if the stage refuses none.
  public var quarantine: QuarantineRows?
  /// The rows read from sources or raw tables, where the stage keeps the balance.
  public var rowsRead: Int?
  /// The rows published that the balance counts.
  public var rowsPublished: Int?
  /// One line for the log: the finding in words.
  public var finding = ""
  /// More lines for the log, as what was said of the last weeks and what happened.
  public var details: [String] = []
  /// Things a user should look at.
  public var warnings: [String] = []

  /// An empty output.
  public init() {}
}
