internal import LodeRuntime
internal import LodeWarehouse

/// The outputs of a stage with what the runner needs to take them over.
struct StageWork: Sendable {
  let fingerprint: StageFingerprint
  /// The rows that went to disk while it worked.
  let spool: RowSpool
  let output: StageOutput
  /// How long it computed.
  let seconds: Double
}

/// Where stages that do not need each other are computed side by side; nil: one was skipped.
///
/// Most stages have serial parts: a week of one stage after the other left two cores idle for a
/// fifth of the time.
typealias StageLanes = OrderedLanes<StageWork?>

extension StageLanes {
  /// Two stages at a time; with one thread one follows the other.
  ///
  /// More would hold more tables at once than they save time.
  convenience init(threadCount: Int) { self.init(count: threadCount > 1 ? 2 : 1) }
}
