import LodeRuntime
import Testing

@testable import LodePipeline

@Suite("The graph of stages")
struct StageGraphTests {
  private func graph(_ stages: String) throws -> StageGraph {
    try StageGraph(
      PipelineFile(
        text: "{lode: 1, name: 'n', currency: 'EUR', stages: {\n\(stages)\n}}",
        path: "p"
      )
    )
  }

  /// A chain of four stages, written from last to first.
  private static let chain = """
    churnout: { op: 'forecast', method: 'sales', needs: ['sales'], tags: ['weekly'] },
    features: { op: 'transform', method: 'customer_features', needs: ['sales'] },
    sales: {
      op: 'clean', needs: ['raw'], from: 'raw.sales',
      columns: { customer: 'c', at: 'd', amount: 'a' },
    },
    raw: { op: 'extract', from: { csv: 'x.csv' }, into: 'raw.sales', tags: ['weekly', 'in'] },
    """

  @Test("stages come after what they need, ties in the order of the file")
  func order() throws {
    let graph = try graph(Self.chain)
    #expect(graph.stages.map(\.name) == ["raw", "sales", "churnout", "features"])
    #expect(graph.ancestors["features"] == ["raw", "sales"])
    #expect(graph.descendants(of: "raw") == ["sales", "churnout", "features"])
  }

  @Test(
    "terms select stages with what is before and behind them",
    arguments: [
      ([], ["raw", "sales", "churnout", "features"]), (["features"], ["features"]),
      (["+features"], ["raw", "sales", "features"]),
      (["sales+"], ["sales", "churnout", "features"]),
      (["+sales+"], ["raw", "sales", "churnout", "features"]), (["op:clean"], ["sales"]),
      (["tag:weekly"], ["raw", "churnout"]), (["table:customer_features"], ["features"]),
      (["features", "raw"], ["raw", "features"]), (["+table:order_lines"], ["raw", "sales"]),
    ] as [([String], [String])]
  )
  func selection(terms: [String], names: [String]) throws {
    #expect(try StageSelection.names(terms, in: graph(Self.chain)) == names)
  }

  @Test("terms that select nothing are refused")
  func wrongSelection() throws {
    let graph = try graph(Self.chain)
    #expect(
      StageLab.message { _ = try StageSelection.names(["+featurse"], in: graph) }
        == "unknown stage \"featurse\" – did you mean \"features\"?\n"
        + "  fix: choose one of raw, sales, churnout, features."
    )
    #expect(
      StageLab.message { _ = try StageSelection.names(["op:claen"], in: graph) }
        == "the selection \"op:claen\" names no stage – did you mean \"clean\"?\n"
        + "  fix: use a stage name, op:…, tag:… or table:…; lode plan lists the stages."
    )
  }

  static let refusals: [(String, String)] = [
    (
      "a: { op: 'forecast', method: 'sales', needs: ['b'] }, ab: { op: 'cluster' }",
      "p:2:1: stage \"a\" needs the unknown stage \"b\" – did you mean \"a\"?\n"
        + "  fix: correct \"needs\"; the stages are a, ab."
    ),
    (
      "z: { op: 'cluster', needs: ['a'] },\na: { op: 'cluster', needs: ['b'] },\n"
        + "b: { op: 'cluster', needs: ['c'] },\nc: { op: 'cluster', needs: ['a'] }",
      "p:3:1: the stages need each other in a circle: a → b → c → a.\n"
        + "  fix: remove one of these needs."
    ),
    (
      "a: { op: 'cluster', needs: ['a'] }",
      "p:2:1: the stages need each other in a circle: a → a.\n  fix: remove one of these needs."
    ),
    (
      "a: { op: 'extract', from: { csv: 'x' }, into: 'raw.sales' },\n"
        + "b: { op: 'extract', from: { csv: 'y' }, into: 'raw.sales' }",
      "p:3:1: stage \"b\" and stage \"a\" both make the table \"raw.sales\".\n"
        + "  fix: give one of them another \"into\"."
    ),
    (
      "a: { op: 'extract', from: { csv: 'x' }, into: 'order_line' },\n"
        + "b: { op: 'transform', method: 'customer_features', needs: ['a'] }",
      "p:3:1: stage \"b\" reads the table \"order_lines\", which none of its needs makes.\n"
        + "  fix: add a stage that makes \"order_lines\" – did you mean \"order_line\"?"
    ),
    (
      "a: { op: 'extract', from: { csv: 'x' }, into: 'customer_features' },\n"
        + "b: { op: 'cluster' }",
      "p:3:1: stage \"b\" reads the table \"customer_features\", which none of its needs makes.\n"
        + "  fix: add \"a\" to its needs."
    ),
  ]

  @Test("stages that do not fit together are refused", arguments: refusals)
  func wrongGraphs(stages: String, message: String) {
    #expect(StageLab.message { _ = try graph(stages) } == message)
  }
}
