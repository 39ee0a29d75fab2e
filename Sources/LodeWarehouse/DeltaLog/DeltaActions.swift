/// One line of a commit as any Delta writer leaves it: one action, of which these are read.
struct DeltaLine: Decodable {
  var add: DeltaAdd?
  var remove: DeltaRemove?
  var metaData: DeltaMetadata?
  var `protocol`: DeltaProtocol?
  var commitInfo: DeltaCommitInfo?

  private enum CodingKeys: String, CodingKey, CaseIterable {
    case add
    case remove
    case metaData
    case `protocol`
    case commitInfo
    // Known, but without a meaning for the rows.
    case txn
    case cdc
    case domainMetadata
  }

  /// Decodes a line, which is refused if its numbers cannot be or if it is no known action.
  init(from decoder: any Decoder) throws {
    let container = try decoder.container(keyedBy: CodingKeys.self)
    add = try container.decodeIfPresent(DeltaAdd.self, forKey: .add)
    remove = try container.decodeIfPresent(DeltaRemove.self, forKey: .remove)
    metaData = try container.decodeIfPresent(DeltaMetadata.self, forKey: .metaData)
    `protocol` = try container.decodeIfPresent(DeltaProtocol.self, forKey: .protocol)
    commitInfo = try container.decodeIfPresent(DeltaCommitInfo.self, forKey: .commitInfo)
    let isKnown = CodingKeys.allCases.contains { container.contains($0) }
    // 2^50 bytes in a file; milliseconds up to the year 9999.
    guard isKnown, (0...(1 << 50)).contains(add?.size ?? 0),
      (0...253_402_300_799_999).contains(commitInfo?.timestamp ?? 0)
    else {
      throw DecodingError.dataCorrupted(
        DecodingError.Context(codingPath: decoder.codingPath, debugDescription: "no such action")
      )
    }
  }
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

  private enum CodingKeys: String, CodingKey {
    case numRecords
  }

  /// Decodes the statistics; a number of rows that cannot be is none, and is read from the file.
  init(from decoder: any Decoder) throws {
    let container = try decoder.container(keyedBy: CodingKeys.self)
    let count = try container.decodeIfPresent(Int.self, forKey: .numRecords)
    numRecords = count.flatMap { (0...(1 << 40)).contains($0) ? $0 : nil }
  }
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
