internal import LodeColumns
internal import LodeFormats
internal import LodeRuntime

/// Which columns of a table of campaign members mean what.
struct CampaignColumns: Sendable {
  let campaign: ColumnSetting
  let customer: ColumnSetting
  let at: ColumnSetting
  /// Who was contacted and who was held back; nil where all were contacted.
  let cell: ColumnSetting?
  let treated: String
  let control: String

  /// Reads `columns`, `treated` and `control`.
  init(_ reader: ConfigurationReader) throws(Diagnostic) {
    let columns = try reader.objectOrEmpty("columns")
    campaign = try ColumnSetting("campaign", columns, or: "campaign_code")
    customer = try ColumnSetting("customer", columns, or: "customer_id")
    at = try ColumnSetting("at", columns, or: "assigned_at")
    cell = try ColumnSetting("cell", columns)
    try columns.finish()
    treated = try reader.string("treated") ?? "treat"
    control = try reader.string("control") ?? "control"
    guard treated != control else {
      throw reader.problem(
        at: reader.node("control") ?? reader.node,
        "\"treated\" and \"control\" of \(reader.subject) are both \"\(treated)\".",
        fix: "give the two texts of the cell column that tell the groups apart."
      )
    }
  }
}

/// The members of campaigns whose time to respond is over, and the rows that cannot be used.
struct CampaignContacts: Sendable {
  /// A member of a campaign.
  struct Member: Sendable, Hashable {
    let campaign: String
    let customer: String
    /// Microseconds since 1970.
    let time: Int64
    let isTreated: Bool
  }

  /// Campaign after campaign in byte order, each customer once.
  let members: [Member]
  /// Members whose time to respond is not over, in the same order.
  let openMembers: [Member]
  /// The rows before the date.
  let checked: CheckedRows

  /// The members of a table.
  ///
  /// - Parameters:
  ///   - table: a row a customer and campaign.
  ///   - name: the name of the table.
  ///   - columns: what its columns mean.
  ///   - window: microseconds behind the contact in which a response counts.
  ///   - asOf: the first day that may not be seen.
  /// - Throws: a diagnostic for columns that are not there or of the wrong type.
  init(
    _ table: Table,
    _ name: String,
    _ columns: CampaignColumns,
    window: Int64,
    asOf: CivilDate
  ) throws(Diagnostic) {
    let campaign = try columns.campaign.ids(of: table, name)
    let customer = try columns.customer.ids(of: table, name)
    let times = try columns.at.times(of: table, name)
    let cell = try columns.cell.map { setting throws(Diagnostic) in
      try setting.ids(of: table, name)
    }
    let limit = Timestamp(asOf).microseconds
    var found: [(row: Int, member: Member)] = []
    var refused: [(row: Int, reasons: [String])] = []
    for row in 0..<table.rowCount {
      if let time = times[row], time >= limit { continue }
      let text = cell.map { $0.isMissing(row) ? nil : $0[row].description }
      let isTreated = text.map { $0 == columns.treated } ?? true
      var reasons: [String] = []
      if campaign.isMissing(row) { reasons.append("missing_campaign") }
      if customer.isMissing(row) { reasons.append("missing_customer") }
      if times[row] == nil { reasons.append("missing_time") }
      if let text, text == nil { reasons.append("missing_cell") }
      if let text, let text, !isTreated, text != columns.control { reasons.append("unknown_cell") }
      guard reasons.isEmpty, let time = times[row] else {
        refused.append((row, reasons))
        continue
      }
      let member = Member(
        campaign: campaign[row].description,
        customer: customer[row].description,
        time: time,
        isTreated: isTreated
      )
      found.append((row, member))
    }
    found.sort { $0.member != $1.member ? Self.precedes($0.member, $1.member) : $0.row < $1.row }
    var (members, taken): ([Member], [Int]) = ([], [])
    var last: Member?
    var openMembers: [Member] = []
    for (row, member) in found {
      if let last, last.campaign == member.campaign, last.customer == member.customer {
        refused.append((row, ["duplicate_member"]))
        continue
      }
      last = member
      taken.append(row)
      if member.time + window < limit { members.append(member) } else { openMembers.append(member) }
    }
    var checked = CheckedRows()
    let all = refused + taken.map { (row: $0, reasons: []) }
    for (row, reasons) in all.sorted(by: { $0.row < $1.row }) {
      _ = checked.takes(row, of: table, name, reasons) { Self.words($0) }
    }
    (self.members, self.openMembers, self.checked) = (members, openMembers, checked)
  }

  /// The members of a table that few enough bad rows leave.
  ///
  /// - Throws: a diagnostic for such columns, and for more bad rows than allowed.
  init(
    _ tables: StageInputs,
    _ name: String,
    _ columns: CampaignColumns,
    window: Int64,
    limit: RejectLimit,
    _ context: StageContext
  ) throws(Diagnostic) {
    try self.init(tables.table(name), name, columns, window: window, asOf: context.asOf)
    try checked.check(limit, context)
  }

  /// By campaign, customer and time; at one time the treated first.
  private static func precedes(_ left: Member, _ right: Member) -> Bool {
    if left.campaign != right.campaign {
      return left.campaign.utf8.lexicographicallyPrecedes(right.campaign.utf8)
    }
    if left.customer != right.customer {
      return left.customer.utf8.lexicographicallyPrecedes(right.customer.utf8)
    }
    return left.time != right.time ? left.time < right.time : left.isTreated && !right.isTreated
  }

  private static func words(_ reason: String) -> String? {
    switch reason {
    case "unknown_cell": "the cell is neither that of the treated nor that of the controls"
    case "duplicate_member": "the customer is in the campaign already"
    default: nil
    }
  }
}
