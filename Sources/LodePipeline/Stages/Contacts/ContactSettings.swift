internal import LodeFormats
internal import LodeRuntime

/// A table of visits by known and unknown visitors, and which of its columns mean what.
struct VisitSettings: Sendable {
  let table: String
  let person: ColumnSetting
  let customer: ColumnSetting?
  let at: ColumnSetting
  let source: ColumnSetting?

  /// The setting `visits`; nil if it is absent.
  ///
  /// - Throws: a diagnostic for a key that is missing or unknown.
  init?(_ reader: ConfigurationReader, withSource: Bool) throws(Diagnostic) {
    guard let object = try reader.object("visits") else { return nil }
    table = try object.requiredString("from")
    person = try ColumnSetting("person", required: object)
    customer = try ColumnSetting("customer", object)
    at = try ColumnSetting("at", required: object)
    source = withSource ? try ColumnSetting("source", object) : nil
    try object.finish()
  }
}

/// A table of something that customers did, as registering, and which of its columns mean what.
struct CustomerEventSettings: Sendable {
  let table: String
  let customer: ColumnSetting
  let at: ColumnSetting
  let source: ColumnSetting?

  /// The setting of a key; nil if it is absent.
  ///
  /// - Throws: a diagnostic for a key that is missing or unknown.
  init?(_ key: String, _ reader: ConfigurationReader, withSource: Bool) throws(Diagnostic) {
    guard let object = try reader.object(key) else { return nil }
    table = try object.requiredString("from")
    customer = try ColumnSetting("customer", object, or: "customer_id")
    at = try ColumnSetting("at", required: object)
    source = withSource ? try ColumnSetting("source", object) : nil
    try object.finish()
  }
}
