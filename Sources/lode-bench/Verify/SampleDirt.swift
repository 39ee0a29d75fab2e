internal import FoundationEssentials
internal import LodeColumns
internal import LodeFormats
internal import LodePipeline

/// The dirt planted in the sample retailer's order lines, found again in quarantine.
struct SampleDirt {
  let truth: String
  let folder: String

  /// - Source: datasets/sample-retailer/truth.json, written by the generator.
  func check(_ list: inout CheckList) throws {
    let bytes = Data(try FileBytes.read(truth))
    let planted = try JSONDecoder().decode(TruthFile.self, from: bytes)
    let file = try PipelineFile(path: "pipelines/weekly-churn.json5")
    let trial = try PipelineTrial(
      file,
      selection: ["+sales"],
      asOf: "2026-06-29",
      in: folder + "/sample"
    )
    let rows = planted.rowCounts["order_lines.csv"] ?? -1
    let read = trial.reports.first { $0.stage == "sales_in" }?.rowsRead ?? -2
    list.equal("order lines read", rows, read)
    let quarantine = try trial.table("quarantine")
    let reasons = try quarantine.requiredColumn("reasons")
    func count(_ reason: String) -> Int {
      (0..<quarantine.rowCount)
        .count { row in
          reasons[row].description.split(separator: " ").contains { $0 == reason }
        }
    }
    let pairs = [
      ("exact_duplicate", "exact_duplicate"), ("future_date", "date_in_future"),
      ("impossible_date", "bad_timestamp"), ("non_numeric_quantity", "bad_integer"),
      ("negative_price", "price_negative"), ("zero_price", "price_zero"),
    ]
    for (dirt, reason) in pairs {
      let expected = planted.dirt["order_lines.csv"]?[dirt] ?? -1
      list.equal("planted \(dirt) = quarantined \(reason)", expected, count(reason))
    }
  }

  private struct TruthFile: Decodable {
    let dirt: [String: [String: Int]]
    let rowCounts: [String: Int]

    private enum CodingKeys: String, CodingKey {
      case dirt
      case rowCounts = "row_counts"
    }
  }
}
