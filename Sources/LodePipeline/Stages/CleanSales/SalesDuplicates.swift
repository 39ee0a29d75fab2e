internal import LodeColumns
internal import LodeRuntime

/// Finds raw rows that repeat an earlier row in every cell.
///
/// Such rows have their customer and time in common, so they are looked for among neighbours only.
enum SalesDuplicates {
  /// So many rows of one customer and time are compared one by one; more are grouped.
  private static let comparisonLimit = 64

  /// Whether each row repeats one that is earlier in the raw table; the place where a row was read
  /// is none of its cells.
  ///
  /// - Complexity: O(`rows.count`) for the usual few rows of one customer and time.
  static func marks(_ rows: SalesRows) throws(Diagnostic) -> [Bool] {
    var marks = [Bool](repeating: false, count: rows.count)
    let candidates = candidates(rows).sorted { rows.rawRows[$0] < rows.rawRows[$1] }
    guard !candidates.isEmpty else { return marks }
    let names = rows.cells.schema.names.filter { $0 != "_file" && $0 != "_line" }
    let grouping = try rows.cells.selecting(names).gathering(candidates).grouping(by: names)
    for (place, row) in candidates.enumerated() {
      marks[row] = grouping.firstRows[Int(grouping.groupOfRow[place])] != place
    }
    return marks
  }

  /// The rows that have customer, time, quantity and price in common with another, and maybe more.
  private static func candidates(_ rows: SalesRows) -> [Int] {
    let customers = rows.customer.codes
    let isKnown = rows.customer.validity
    func isWithPrevious(_ row: Int) -> Bool {
      guard rows.time[row] == rows.time[row - 1], rows.hasTime[row] == rows.hasTime[row - 1] else {
        return false
      }
      if let isKnown, !(isKnown[row] && isKnown[row - 1]) {
        return isKnown[row] == isKnown[row - 1]
      }
      return customers[row] == customers[row - 1]
    }
    var candidates: [Int] = []
    var start = 0
    for end in stride(from: 1, through: rows.count, by: 1)
    where end == rows.count || !isWithPrevious(end) {
      let run = start..<end
      start = end
      if run.count > comparisonLimit {
        candidates += run
      } else if run.count > 1 {
        candidates += run.filter { row in run.contains { $0 != row && mayRepeat($0, row, rows) } }
      }
    }
    return candidates
  }

  private static func mayRepeat(_ left: Int, _ right: Int, _ rows: SalesRows) -> Bool {
    guard rows.hasPrice[left] == rows.hasPrice[right],
      rows.hasQuantity[left] == rows.hasQuantity[right]
    else { return false }
    return (!rows.hasPrice[left] || rows.price[left] == rows.price[right])
      && (!rows.hasQuantity[left] || rows.quantity[left] == rows.quantity[right])
  }
}
