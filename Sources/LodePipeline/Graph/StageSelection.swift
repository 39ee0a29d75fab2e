internal import LodeRuntime

/// Which stages a command means: `churn`, `+churn`, `churn+`, `op:export`, `tag:weekly`,
/// `table:orders`.
///
/// Terms separated by blanks are a union; no term means all stages.
enum StageSelection {
  /// The names of the selected stages, in running order.
  ///
  /// - Throws: a diagnostic for a term that selects nothing.
  static func names(_ terms: [String], in graph: StageGraph) throws(Diagnostic) -> [String] {
    guard !terms.isEmpty else { return graph.stages.map(\.name) }
    var selected: Set<String> = []
    for term in terms {
      var core = Substring(term)
      let withAncestors = core.hasPrefix("+")
      if withAncestors { core = core.dropFirst() }
      let withDescendants = core.hasSuffix("+")
      if withDescendants { core = core.dropLast() }
      for name in try matches(String(core), term: term, in: graph) {
        selected.insert(name)
        if withAncestors { selected.formUnion(graph.ancestors[name] ?? []) }
        if withDescendants { selected.formUnion(graph.descendants(of: name)) }
      }
    }
    return graph.stages.map(\.name).filter { selected.contains($0) }
  }

  private static func matches(
    _ core: String,
    term: String,
    in graph: StageGraph
  ) throws(Diagnostic) -> [String] {
    let parts = core.split(separator: ":", maxSplits: 1).map(String.init)
    if parts.count == 2 {
      let found = graph.stages.filter { entry in
        switch parts[0] {
        case "op": type(of: entry.stage).operation.rawValue == parts[1]
        case "tag": entry.tags.contains(parts[1])
        case "table": entry.stage.outputs.contains(parts[1])
        default: false
        }
      }
      if !found.isEmpty { return found.map(\.name) }
      let choices = parts[0] == "op" ? Operation.allCases.map(\.rawValue) : []
      throw Diagnostic(
        .usage,
        "the selection \"\(term)\" names no stage\(Suggestion.ending(for: parts[1], in: choices))",
        fix: "use a stage name, op:…, tag:… or table:…; lode plan lists the stages."
      )
    }
    guard graph.entry(core) != nil else {
      let names = graph.stages.map(\.name)
      throw Diagnostic(
        .usage,
        "unknown stage \"\(core)\"\(Suggestion.ending(for: core, in: names))",
        fix: "choose one of \(names.joined(separator: ", "))."
      )
    }
    return [core]
  }
}
