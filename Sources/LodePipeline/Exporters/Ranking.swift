internal import LodeColumns
internal import LodeFormats
internal import LodeRuntime

/// Reads `rank_by`, for example `expected_loss desc, customer_id`.
enum Ranking {
  /// The sort keys of the text at a key.
  ///
  /// - Throws: a diagnostic with the place in the pipeline file.
  static func keys(_ key: String, _ reader: ConfigurationReader) throws(Diagnostic) -> [SortKey] {
    guard let text = try reader.string(key), let node = reader.node(key) else {
      return [SortKey("customer_id")]
    }
    var keys: [SortKey] = []
    for part in text.split(separator: ",") {
      let words = part.split(separator: " ").map(String.init)
      guard let column = words.first, words.count == 1 || ["asc", "desc"].contains(words[1]),
        words.count <= 2
      else {
        throw reader.problem(
          at: node,
          "\"\(key)\" of \(reader.subject) is \"\(text)\".",
          fix: "write columns with asc or desc, for example \"expected_loss desc, customer_id\"."
        )
      }
      keys.append(SortKey(column, isDescending: words.count == 2 && words[1] == "desc"))
    }
    return keys
  }
}
