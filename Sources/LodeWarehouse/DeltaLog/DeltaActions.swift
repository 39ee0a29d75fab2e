/// One line of a commit as any Delta writer leaves it; exactly one of the members is there.
struct DeltaLine: Decodable {
  var add: DeltaAdd?
  var remove: DeltaRemove?
  var metaData: DeltaMetadata?
  var `protocol`: DeltaProtocol?
  var commitInfo: DeltaCommitInfo?
}

/// A data file that belongs to the table from this version on.
struct DeltaAdd: Decodable {
  var path: String
  var partitionValues: [String: String?]
  var size: Int
  var stats: String?
  var tags: [String: String?]?
}

/// A data file that no longer belongs to the table.
struct DeltaRemove: Decodable {
  var path: String
  var partitionValues: [String: String?]?
}

/// The schema and its place in the table's history.
struct DeltaMetadata: Decodable {
  var id: String
  var schemaString: String
  var partitionColumns: [String]
  var createdTime: Int?
}

/// The versions of the protocol that readers and writers must know.
struct DeltaProtocol: Decodable {
  var minReaderVersion: Int
  var minWriterVersion: Int
}

/// Who made the commit, and when.
struct DeltaCommitInfo: Decodable {
  var timestamp: Int?
  var operation: String?
  var lode: DeltaRun?
}

/// The run of lode that made the commit.
struct DeltaRun: Decodable {
  var run: String?
  var info: [String: String]?
}

/// The statistics of a file, as text within its `add` line.
struct DeltaFileStatistics: Decodable {
  var numRecords: Int?
}

/// The schema of a table, as text within its metadata.
struct DeltaSchema: Decodable {
  var fields: [DeltaField]
}

/// One field of a schema.
struct DeltaField: Decodable {
  var name: String
  /// The name of a simple type; nil for a nested one.
  var type: String?
  var lodeType: String?
  var isPersonal: Bool

  private enum CodingKeys: String, CodingKey {
    case name
    case type
    case metadata
  }

  private struct Metadata: Decodable {
    var type: String?
    var isPersonal: Bool?

    enum CodingKeys: String, CodingKey {
      case type = "lode.type"
      case isPersonal = "lode.personal"
    }
  }

  init(from decoder: any Decoder) throws {
    let container = try decoder.container(keyedBy: CodingKeys.self)
    name = try container.decode(String.self, forKey: .name)
    type = try? container.decode(String.self, forKey: .type)
    let metadata = try? container.decode(Metadata.self, forKey: .metadata)
    lodeType = metadata?.type
    isPersonal = metadata?.isPersonal ?? false
  }
}
