internal import LodeColumns
internal import LodeRuntime

/// The place of each line in one dimension.
struct CubeValues: Sendable {
  /// The texts that occur, dates as `YYYY-MM-DD`.
  let texts: [String]
  /// The place in `texts` of each line.
  let codes: [UInt32]

  /// The name that lines without a text get, so that they are not taken for a roll-up.
  static let none = "(none)"

  init(_ dimension: SalesCube.Dimension, _ lines: Table) throws(Diagnostic) {
    switch dimension {
    case .column(let name):
      let column = try lines.requiredColumn(name)
      guard column.type == .text else {
        throw Diagnostic(
          .usage,
          at: "table order_lines",
          "\"\(name)\" is \(column.type), and a cube's dimension is a text.",
          fix: "choose another dimension: month, week, year, category, channel, country, kind or "
            + "product_id."
        )
      }
      let count = UInt32(truncatingIfNeeded: column.dictionary.count)
      texts = column.dictionary.texts + [Self.none]
      codes = (0..<column.count).map { column.isMissing($0) ? count : column.codes[$0] }
    case .month:
      (texts, codes) = try Self.dates(lines) { date in
        CivilDate(year: date.components.year, month: date.components.month, day: 1) ?? date
      }
    case .year:
      (texts, codes) = try Self.dates(lines) { date in
        CivilDate(year: date.components.year, month: 1, day: 1) ?? date
      }
    case .week: (texts, codes) = try Self.dates(lines) { $0.startOfWeek }
    }
  }

  private static func dates(
    _ lines: Table,
    _ start: (CivilDate) -> CivilDate
  ) throws(Diagnostic) -> ([String], [UInt32]) {
    let days = try lines.requiredColumn("ordered_at").integers
      .map { Timestamp.day(ofMicroseconds: $0) }
    guard let first = days.min(), let last = days.max() else { return ([], []) }
    // The place of each day from the first on.
    var texts: [String] = []
    var places: [UInt32] = []
    for day in first...last {
      let text = start(CivilDate(daysSinceEpoch: day)).description
      if texts.last != text { texts.append(text) }
      places.append(UInt32(texts.count - 1))
    }
    return (texts, days.map { places[$0 - first] })
  }
}

/// Counts the lines of a shard into the cells of a cube.
struct CubeCounter {
  let scale: Int
  private let values: [CubeValues]
  /// The distance in `measures` of neighbours of each dimension; place 0 is the roll-up.
  private let strides: [Int]
  private var measures: [SalesCube.Measures]
  private let lines: Table
  private let rows: [UInt32]
  private let customers: Column
  private let orders: Column

  init(_ lines: Table, _ values: [CubeValues], productsOnly: Bool) throws(Diagnostic) {
    var strides: [Int] = []
    var size = 1
    for value in values.reversed() {
      strides.insert(size, at: 0)
      let (next, isTooLarge) = size.multipliedReportingOverflow(by: value.texts.count + 1)
      guard !isTooLarge, next <= SalesCube.cellLimit else {
        throw Diagnostic(
          .usage,
          at: "table order_lines",
          "a cube of these dimensions has more than \(SalesCube.cellLimit) cells.",
          fix: "leave out the dimension with the most values."
        )
      }
      size = next
    }
    self.lines = lines
    self.values = values
    self.strides = strides
    measures = Array(repeating: SalesCube.Measures(), count: size)
    customers = try lines.requiredColumn("customer_id")
    orders = try lines.requiredColumn("order_id")
    scale = try lines.requiredColumn("amount").type.scale
    let kind = try lines.requiredColumn("kind")
    let isCounted = kind.dictionary.texts.map { !productsOnly || $0 == "product" }
    let kinds = kind.codes
    // Lines by customer and order, so that each is counted once a cell by who was last there.
    rows = lines.sortedRows((0..<UInt32(lines.rowCount)).filter { isCounted[Int(kinds[Int($0)])] })
  }

  /// Counts all lines: sums at the finest cells, people and orders at all.
  mutating func count() {
    guard let amounts = lines.column("amount")?.integers,
      let quantities = lines.column("quantity")?.integers
    else { return }
    let offsets = zip(values, strides)
      .map { value, stride in value.codes.map { (Int($0) + 1) * stride } }
    let cellCount = measures.count
    var lastCustomer = [UInt32](repeating: 0, count: cellCount)
    var lastOrder = lastCustomer
    var counted: [SalesCube.Measures] = []
    swap(&counted, &measures)
    var output = counted.mutableSpan
    var customerThere = lastCustomer.mutableSpan
    var orderThere = lastOrder.mutableSpan
    var cellsOfRow = [Int](repeating: 0, count: 1 << strides.count)
    var cells = cellsOfRow.mutableSpan
    let (customerCodes, orderCodes) = (customers.codes.span, orders.codes.span)
    for row in rows {
      let row = Int(row)
      // The cells of all subsets of the dimensions: each dimension doubles those before it.
      var count = 1
      for dimension in offsets.indices {
        let offset = offsets[dimension][row]
        for subset in 0..<count { cells[count + subset] = cells[subset] + offset }
        count *= 2
      }
      let finest = cells[count - 1]
      output[finest].revenue += amounts[row]
      output[finest].units += quantities[row]
      output[finest].lines += 1
      let customer = customers.isMissing(row) ? 0 : customerCodes[row] + 1
      let order = orderCodes[row] + 1
      for subset in 0..<count {
        let cell = cells[subset]
        if orderThere[cell] != order {
          orderThere[cell] = order
          output[cell].orders += 1
        }
        if customer > 0, customerThere[cell] != customer {
          customerThere[cell] = customer
          output[cell].customers += 1
        }
      }
    }
    swap(&counted, &measures)
    rollUp()
  }

  /// Adds revenue, units and lines up to every roll-up.
  private mutating func rollUp() {
    for (dimension, stride) in strides.enumerated() {
      let width = values[dimension].texts.count + 1
      for cell in measures.indices where cell / stride % width != 0 {
        let parent = cell - cell / stride % width * stride
        measures[parent].revenue += measures[cell].revenue
        measures[parent].units += measures[cell].units
        measures[parent].lines += measures[cell].lines
      }
    }
  }

  /// The cells with lines: in each dimension 0 for rolled up, else the place of the text plus 1.
  func cells() -> [(places: [Int], measures: SalesCube.Measures)] {
    measures.indices.filter { measures[$0].lines > 0 }
      .map { cell in
        let places = strides.indices.map { cell / strides[$0] % (values[$0].texts.count + 1) }
        return (places, measures[cell])
      }
  }
}

extension Table {
  /// The given rows by customer, then by order; as they are if both already stand together.
  fileprivate func sortedRows(_ rows: [UInt32]) -> [UInt32] {
    guard let customers = column("customer_id"), let orders = column("order_id") else {
      return rows
    }
    func stand(together column: Column) -> Bool {
      var isSeen = [Bool](repeating: false, count: column.dictionary.count + 1)
      var last = -1
      for row in rows {
        let code = column.isMissing(Int(row)) ? 0 : Int(column.codes[Int(row)]) + 1
        if code == last { continue }
        if isSeen[code] { return false }
        isSeen[code] = true
        last = code
      }
      return true
    }
    if stand(together: customers), stand(together: orders) { return rows }
    let keys = (0..<rowCount)
      .map { row in
        let customer = customers.isMissing(row) ? 0 : Int64(customers.codes[row]) + 1
        return customer << 32 | Int64(orders.codes[row])
      }
    return rows.sorted { (keys[Int($0)], $0) < (keys[Int($1)], $1) }
  }
}
