internal import LodeRuntime

/// The stages of a pipeline in an order in which each comes after what it needs.
struct StageGraph: Sendable {
  /// The stages in running order; ties keep the order of the file.
  let stages: [PipelineFile.StageEntry]
  /// The stages that each stage needs, directly or not, by name.
  let ancestors: [String: Set<String>]

  /// The graph of a pipeline file.
  ///
  /// - Throws: a diagnostic for an unknown need, a cycle, two makers of one table, or an input that
  ///   no needed stage makes.
  init(_ file: PipelineFile) throws(Diagnostic) {
    let names = file.stages.map(\.name)
    for entry in file.stages {
      for need in entry.needs where !names.contains(need) {
        throw Diagnostic(
          .usage,
          at: entry.place,
          "stage \"\(entry.name)\" needs the unknown stage \"\(need)\""
            + "\(Suggestion.ending(for: need, in: names))",
          fix: "correct \"needs\"; the stages are \(names.joined(separator: ", "))."
        )
      }
    }
    stages = try Self.ordered(file.stages)
    var ancestors: [String: Set<String>] = [:]
    for entry in stages {
      var all = Set(entry.needs)
      for need in entry.needs { all.formUnion(ancestors[need] ?? []) }
      ancestors[entry.name] = all
    }
    self.ancestors = ancestors
    try checkTables()
  }

  /// The tables that some stage works on customer by customer, with the column of the customer; of
  /// several stages the first says which.
  var customerColumns: [String: String] {
    var columns: [String: String] = [:]
    for entry in stages { columns.merge(entry.stage.customerColumns) { first, _ in first } }
    return columns
  }

  /// The stages that directly or indirectly need the named stage.
  func descendants(of name: String) -> [String] {
    stages.map(\.name).filter { ancestors[$0]?.contains(name) ?? false }
  }

  /// The stage of the given name.
  func entry(_ name: String) -> PipelineFile.StageEntry? {
    stages.first { $0.name == name }
  }

  private static func ordered(
    _ entries: [PipelineFile.StageEntry]
  ) throws(Diagnostic) -> [PipelineFile.StageEntry] {
    var ordered: [PipelineFile.StageEntry] = []
    var left = entries
    while !left.isEmpty {
      let done = Set(ordered.map(\.name))
      guard let next = left.firstIndex(where: { $0.needs.allSatisfy { done.contains($0) } }) else {
        throw cycle(left)
      }
      ordered.append(left.remove(at: next))
    }
    return ordered
  }

  private static func cycle(_ left: [PipelineFile.StageEntry]) -> Diagnostic {
    var path = [left[0]]
    while true {
      guard let last = path.last,
        let next = left.first(where: { last.needs.contains($0.name) })
      else { break }
      if let start = path.firstIndex(where: { $0.name == next.name }) {
        path = Array(path[start...])
        break
      }
      path.append(next)
    }
    let names = (path + [path[0]]).map(\.name).joined(separator: " → ")
    return Diagnostic(
      .usage,
      at: path[0].place,
      "the stages need each other in a circle: \(names).",
      fix: "remove one of these needs."
    )
  }

  private func checkTables() throws(Diagnostic) {
    var maker: [String: String] = [:]
    for entry in stages {
      for table in entry.stage.outputs {
        if let first = maker[table] {
          throw Diagnostic(
            .usage,
            at: entry.place,
            "stage \"\(entry.name)\" and stage \"\(first)\" both make the table \"\(table)\".",
            fix: "give one of them another \"into\"."
          )
        }
        maker[table] = entry.name
      }
      for table in entry.stage.inputs {
        let sources = entry.needs.flatMap { [$0] + (ancestors[$0] ?? []) }
        guard let source = maker[table], sources.contains(source) else {
          throw Diagnostic(
            .usage,
            at: entry.place,
            "stage \"\(entry.name)\" reads the table \"\(table)\", which none of its needs makes.",
            fix: maker[table].map { "add \"\($0)\" to its needs." }
              ?? "add a stage that makes \"\(table)\"\(Self.hint(table, maker))"
          )
        }
      }
    }
  }

  private static func hint(_ table: String, _ maker: [String: String]) -> String {
    Suggestion.ending(for: table, in: maker.keys.sorted())
  }
}
