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
      let cells = column.codes
      guard let validity = column.validity else {
        codes = cells
        return
      }
      codes = cells.indices.map { validity[$0] ? cells[$0] : count }
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
    let times = try lines.requiredColumn("ordered_at").integers
    guard let extent = times.extent else { return ([], []) }
    let (first, last) = (
      Timestamp.day(ofMicroseconds: extent.lowerBound),
      Timestamp.day(ofMicroseconds: extent.upperBound)
    )
    // The place of each day from the first on.
    var texts: [String] = []
    var places: [UInt32] = []
    for day in first...last {
      let text = start(CivilDate(daysSinceEpoch: day)).description
      if texts.last != text { texts.append(text) }
      places.append(UInt32(texts.count - 1))
    }
    return (texts, times.map { places[Timestamp.day(ofMicroseconds: $0) - first] })
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
    var rows: [UInt32] = []
    rows.reserveCapacity(kinds.count)
    for row in kinds.indices where isCounted[Int(kinds[row])] {
      rows.append(UInt32(truncatingIfNeeded: row))
    }
    self.rows = lines.sortedRows(rows)
  }

  /// Counts all lines: sums at the finest cells, people and orders at all.
  mutating func count() {
    guard let amounts = lines.column("amount")?.integers,
      let quantities = lines.column("quantity")?.integers
    else { return }
    var found = Found(measures)
    measures = []
    let (customerCodes, isKnown) = (customers.codes, customers.validity)
    let orderCodes = orders.codes
    // The codes of each dimension, and the distance of neighbours.
    let codes = values.map(\.codes)
    var cells = [Int](repeating: 0, count: 1 << strides.count)
    for row in rows {
      let row = Int(row)
      Self.find(&cells, codes, strides, row)
      let isLeftOut = isKnown.map { !$0[row] } ?? false
      let customer = isLeftOut ? 0 : customerCodes[row] + 1
      let order = orderCodes[row] + 1
      found.add(cells.span, order: order, customer: customer)
      found.add(cells[cells.count - 1], revenue: amounts[row], units: quantities[row])
    }
    measures = found.measures
    rollUp()
  }

  /// The cells of all subsets of the dimensions: each dimension doubles those before it.
  @inline(__always)
  private static func find(
    _ cells: inout [Int],
    _ codes: [[UInt32]],
    _ strides: [Int],
    _ row: Int
  ) {
    var output = cells.mutableSpan
    var count = 1
    for dimension in codes.indices {
      let offset = (Int(codes[dimension][row]) + 1) * strides[dimension]
      for subset in 0..<count { output[count + subset] = output[subset] + offset }
      count *= 2
    }
  }

  /// The cells while they are counted.
  private struct Found {
    private(set) var measures: [SalesCube.Measures]
    /// The order and the customer, codes plus 1, that were in each cell last.
    private struct Visit: BitwiseCopyable {
      var order: UInt32 = 0
      var customer: UInt32 = 0
    }

    private var last: [Visit]

    init(_ measures: [SalesCube.Measures]) {
      self.measures = measures
      last = Array(repeating: Visit(), count: measures.count)
    }

    /// Counts an order and its customer, 0 for none, in some cells, unless they were there last.
    @inline(__always)
    mutating func add(_ cells: Span<Int>, order: UInt32, customer: UInt32) {
      for subset in cells.indices {
        let cell = cells[subset]
        let before = last[cell]
        let isNew = customer > 0 && before.customer != customer
        guard isNew || before.order != order else { continue }
        if before.order != order { measures[cell].orders += 1 }
        if isNew { measures[cell].customers += 1 }
        last[cell] = Visit(order: order, customer: isNew ? customer : before.customer)
      }
    }

    @inline(__always)
    mutating func add(_ cell: Int, revenue: Int64, units: Int64) {
      measures[cell].revenue += revenue
      measures[cell].units += units
      measures[cell].lines += 1
    }
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
      let (codes, validity) = (column.codes, column.validity)
      var last = -1
      for row in rows {
        var code = Int(codes[Int(row)]) + 1
        if let validity, !validity[Int(row)] { code = 0 }
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
