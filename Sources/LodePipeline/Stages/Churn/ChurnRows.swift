internal import LodeMining
internal import LodeNumerics
internal import LodeRuntime
internal import Synchronization

/// Labelled rows of all dates, customer after customer, in one block of memory a shard.
///
/// A row is a customer at a date. Only customers who ordered within the look-back window before
/// the date have one. Features are on the scale of the model.
struct ChurnRows: Sendable {
  /// The features of the model, then the baselines that are not among them.
  let columns: [String]
  /// The number of features of the model.
  let featureCount: Int
  /// A hash of the customer: the group that no split may tear.
  var customers: [UInt64] = []
  /// The place of the date.
  var dates: [UInt8] = []
  /// The label.
  var churned: [Bool] = []
  /// Row after row, `columns.count` a row, shard after shard.
  private var parts: [[Double]] = []
  /// The first row of each part, and the number of all.
  private var starts = [0]

  /// No rows.
  init(columns: [String], featureCount: Int) {
    self.columns = columns
    self.featureCount = featureCount
  }

  var count: Int { churned.count }

  /// Adds the cells of the rows of a shard, `columns.count` a row.
  mutating func add(_ cells: [Double]) {
    starts.append(starts[parts.count] + cells.count / max(columns.count, 1))
    parts.append(cells)
  }

  mutating func append(_ other: ChurnRows) {
    for part in other.parts { add(part) }
    customers += other.customers
    dates += other.dates
    churned += other.churned
  }

  /// The features of the model of some rows.
  func matrix(_ rows: [Int]) -> Matrix {
    var cells: [Double] = []
    cells.reserveCapacity(rows.count * featureCount)
    visit(rows) { part, start in cells += part[start..<start + featureCount] }
    return Matrix(rowCount: rows.count, columnCount: featureCount, elements: cells)
  }

  /// One column of some rows.
  func values(_ column: Int, _ rows: [Int]) -> [Double] {
    var values: [Double] = []
    values.reserveCapacity(rows.count)
    visit(rows) { part, start in values.append(part[start + column]) }
    return values
  }

  func outcomes(_ rows: [Int]) -> [Bool] { rows.map { churned[$0] } }

  /// Some features of all rows, in the memory of these, which have no cells afterwards.
  ///
  /// - Parameter chosen: their places, rising.
  /// - Returns: one row a row, one column a place.
  mutating func takeFeatures(_ chosen: [Int]) -> RowParts {
    let (width, kept) = (columns.count, chosen.count)
    let box = Mutex(parts)
    parts = []
    starts = [0]
    let count = box.withLock { $0.count }
    let narrow = Parallel.map(count) { place in
      var cells = box.withLock { parts in
        var cells: [Double] = []
        swap(&cells, &parts[place])
        return cells
      }
      guard width > kept else { return cells }
      let rows = cells.count / width
      for row in 0..<rows {
        for (place, column) in chosen.enumerated() {
          cells[row * kept + place] = cells[row * width + column]
        }
      }
      cells.removeLast(rows * (width - kept))
      return cells
    }
    return RowParts(narrow, columnCount: kept)
  }

  /// Lends the cells of the part of each row and where the row starts in it.
  private func visit(_ rows: [Int], _ body: (borrowing [Double], Int) -> Void) {
    var part = 0
    for row in rows {
      while row >= starts[part + 1] { part += 1 }
      while row < starts[part] { part -= 1 }
      body(parts[part], (row - starts[part]) * columns.count)
    }
  }
}
