internal import LodeColumns
internal import LodeFormats
internal import LodeRuntime

/// Who may be contacted: the last word of each customer for a purpose and a channel; unknown is no.
struct ConsentRule: Sendable {
  let purpose: String
  let channel: String

  init?(_ reader: ConfigurationReader) throws(Diagnostic) {
    guard let consent = try reader.object("consent") else { return nil }
    purpose = try consent.requiredString("purpose")
    channel = try consent.requiredString("channel")
    try consent.finish()
  }

  /// The customers whose last event is `given`; of events at one time the later row counts.
  func allowed(_ consents: Table) throws(Diagnostic) -> Set<String> {
    let customer = try consents.requiredColumn("customer_id")
    let purposes = try consents.requiredColumn("purpose")
    let channels = try consents.requiredColumn("channel")
    let states = try consents.requiredColumn("state")
    let at = try consents.requiredColumn("at")
    let times = at.integers
    var last: [String: (time: Int64, isGiven: Bool)] = [:]
    for row in 0..<consents.rowCount where !customer.isMissing(row) {
      guard purposes[row] == .text(purpose), channels[row] == .text(channel) else { continue }
      let id = customer[row].description
      let isGiven = states[row] == .text("given")
      // A word without a time counts as the last if it is a no, as the first if it is a yes.
      let time = at.isMissing(row) ? (isGiven ? .min : .max) : times[row]
      if let earlier = last[id], earlier.time > time { continue }
      last[id] = (time, isGiven)
    }
    return Set(last.filter { $0.value.isGiven }.keys)
  }
}
