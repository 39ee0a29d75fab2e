internal import Glibc
internal import LodeColumns
internal import LodeRuntime

/// The columns of customer features, filled block by block.
///
/// A block of snapshots becomes cells while it is in the cache; each column grows in memory that is
/// reserved once, so no cell is moved again.
struct FeatureColumns {
  /// One column with what was filled in so far.
  private struct Growing {
    let name: String
    let type: ColumnType
    var integers: [Int64] = []
    var doubles: [Double] = []
    var booleans: [Bool] = []
    var codes: [UInt32] = []
    /// One mark a cell; none for a column that misses nothing.
    var validity: [Bool] = []
  }

  private let histories: PurchaseHistories
  /// The logarithm of the currency's unit in smallest units of money.
  private let unitLevel: Double
  /// The most rows that will come.
  private let capacity: Int
  private var columns: [Growing] = []
  /// The place of the column that a block fills next.
  private var next = 0
  /// The rows that are filled.
  private var rowCount = 0

  /// Columns without rows.
  ///
  /// - Parameters:
  ///   - histories: what the snapshots are made of.
  ///   - capacity: the most rows that will come.
  init(_ histories: PurchaseHistories, capacity: Int) {
    self.histories = histories
    self.capacity = capacity
    unitLevel = log(Double(powerOfTen(histories.scale)))
    append([])
  }

  /// Adds a row for each snapshot.
  ///
  /// - Precondition: there is room for them.
  mutating func append(_ snapshots: [CustomerSnapshot]) {
    next = 0
    let rows = snapshots.span
    let money = ColumnType.money(scale: histories.scale)
    code("customer_id", rows) { Int32(truncatingIfNeeded: $0.customer) }
    whole("as_of", rows, .date) { $0.asOfDay }
    whole("orders", rows) { $0.orders }
    whole("frequency", rows) { $0.orders - 1 }
    mark("is_single_order", rows) { $0.orders == 1 }
    whole("age_days", rows) { $0.age }
    whole("recency_days", rows) { $0.recency }
    whole("days_since_last", rows) { $0.daysSinceLast }
    whole("first_order_on", rows, .date) { $0.firstDay }
    whole("last_order_on", rows, .date) { $0.lastDay }
    whole("value_total", rows, money) { Int($0.total) }
    whole("value_28d", rows, money) { Int($0.windowValues[0]) }
    whole("value_91d", rows, money) { Int($0.windowValues[1]) }
    whole("value_364d", rows, money) { Int($0.windowValues[2]) }
    whole("value_previous_91d", rows, money) { Int($0.previousQuarter) }
    whole("orders_28d", rows) { Int($0.windowOrders[0]) }
    whole("orders_91d", rows) { Int($0.windowOrders[1]) }
    whole("orders_364d", rows) { Int($0.windowOrders[2]) }
    mean("monetary_value", money, rows) {
      $0.repeatTotal
    } of: {
      $0.orders - 1
    }
    mean("average_order_value", money, rows) {
      $0.total
    } of: {
      $0.orders
    }
    number("gap_mean_days", rows) { $0.gapMean }
    number("gap_sd_days", rows) { $0.gapDeviation }
    number("gap_ratio", rows) { snapshot in
      guard let mean = snapshot.gapMean else { return nil }
      return Double(snapshot.daysSinceLast) / max(mean, 1)
    }
    number("spend_trend", rows) { $0.spendTrend }
    number("returns_share", rows) { $0.gross > 0 ? Double($0.returned) / Double($0.gross) : 0 }
    whole("order_weeks", rows) { $0.orderWeeks }
    number("basket_products", rows) { $0.productsPerOrder }
    whole("product_count", rows) { $0.productCount }
    whole("category_count", rows) { $0.categoryCount }
    code("top_category", rows) { $0.topCategory }
    number("top_category_share", rows) { $0.topCategoryShare }
    code("top_channel", rows) { $0.topChannel }
    number("top_channel_share", rows) { $0.topChannelShare }
    // From the logarithm of the smallest unit of money to that of the currency.
    let unit = unitLevel
    number("order_value_level", rows) { $0.orderLevels.mean(less: unit) }
    number("price_level", rows) { $0.priceLevels.mean(less: unit) }
    number("quantity_level", rows) { $0.quantityLevels.mean(less: 0) }
    rowCount += rows.count
  }

  /// The table of all rows; the columns are used up.
  mutating func takeTable() -> Table {
    var finished: [(Field, Column)] = []
    for place in columns.indices {
      finished.append((Field(columns[place].name, columns[place].type), takeColumn(place)))
    }
    return Table(Schema(finished.map(\.0)), finished.map(\.1))
  }

  /// A column without the room that was not needed.
  private mutating func takeColumn(_ place: Int) -> Column {
    var column = Growing(name: columns[place].name, type: columns[place].type)
    swap(&column, &columns[place])
    let spare = capacity - rowCount
    var validity: [Bool]?
    if !column.validity.isEmpty {
      column.validity.removeLast(spare)
      validity = column.validity
    }
    switch column.type {
    case .double:
      column.doubles.removeLast(spare)
      return Column(type: .double, storage: .doubles(column.doubles), validity: validity)
    case .boolean:
      column.booleans.removeLast(spare)
      return Column(type: .boolean, storage: .booleans(column.booleans))
    case .text:
      column.codes.removeLast(spare)
      let names = dictionary(of: column.name)
      guard names.count > 0 else { return Column(texts: column.codes.map { _ in nil }) }
      return Column(
        type: .text,
        storage: .texts(codes: column.codes, dictionary: names),
        validity: validity
      )
    default:
      column.integers.removeLast(spare)
      return Column(type: column.type, storage: .integers(column.integers), validity: validity)
    }
  }

  private func dictionary(of column: String) -> TextDictionary {
    switch column {
    case "top_category": histories.categoryNames
    case "top_channel": histories.channelNames
    default: histories.customerNames
    }
  }

  /// The place of the column that is filled next; the first block makes it.
  private mutating func place(_ name: String, _ type: ColumnType, mayMiss: Bool = false) -> Int {
    defer { next += 1 }
    guard next == columns.count else { return next }
    var column = Growing(name: name, type: type)
    switch type {
    case .double: column.doubles = Array(repeating: 0, count: capacity)
    case .boolean: column.booleans = Array(repeating: false, count: capacity)
    case .text: column.codes = Array(repeating: 0, count: capacity)
    default: column.integers = Array(repeating: 0, count: capacity)
    }
    if mayMiss { column.validity = Array(repeating: false, count: capacity) }
    columns.append(column)
    return next
  }

  @inline(__always)
  private mutating func whole(
    _ name: String,
    _ rows: Span<CustomerSnapshot>,
    _ type: ColumnType = .integer,
    _ cell: (borrowing CustomerSnapshot) -> Int
  ) {
    let place = place(name, type)
    fill(&columns[place].integers, from: rowCount, rows) { Int64(cell($0)) }
  }

  /// A mean in money, half away from zero to the last unit; missing where the count is 0.
  @inline(__always)
  private mutating func mean(
    _ name: String,
    _ money: ColumnType,
    _ rows: Span<CustomerSnapshot>,
    _ total: (borrowing CustomerSnapshot) -> Int64,
    of count: (borrowing CustomerSnapshot) -> Int
  ) {
    let place = place(name, money, mayMiss: true)
    fill(&columns[place].integers, from: rowCount, rows) { row in
      let parts = count(row)
      guard parts != 0 else { return 0 }
      return LevelSum.rounded(Double(total(row)) / Double(parts))
    }
    fill(&columns[place].validity, from: rowCount, rows) { count($0) != 0 }
  }

  @inline(__always)
  private mutating func number(
    _ name: String,
    _ rows: Span<CustomerSnapshot>,
    _ cell: (borrowing CustomerSnapshot) -> Double?
  ) {
    let place = place(name, .double, mayMiss: true)
    fill(&columns[place].doubles, from: rowCount, rows) { cell($0) ?? 0 }
    fill(&columns[place].validity, from: rowCount, rows) { cell($0) != nil }
  }

  @inline(__always)
  private mutating func mark(
    _ name: String,
    _ rows: Span<CustomerSnapshot>,
    _ cell: (borrowing CustomerSnapshot) -> Bool
  ) {
    let place = place(name, .boolean)
    fill(&columns[place].booleans, from: rowCount, rows, cell)
  }

  /// A column of names by their codes, −1 where missing.
  @inline(__always)
  private mutating func code(
    _ name: String,
    _ rows: Span<CustomerSnapshot>,
    _ cell: (borrowing CustomerSnapshot) -> Int32
  ) {
    let place = place(name, .text, mayMiss: true)
    fill(&columns[place].codes, from: rowCount, rows) { UInt32(max(0, cell($0))) }
    fill(&columns[place].validity, from: rowCount, rows) { cell($0) >= 0 }
  }
}

/// Writes a cell for each snapshot, from a row on.
@inline(__always)
private func fill<Cell>(
  _ cells: inout [Cell],
  from start: Int,
  _ rows: Span<CustomerSnapshot>,
  _ cell: (borrowing CustomerSnapshot) -> Cell
) {
  var output = cells.mutableSpan
  for row in rows.indices { output[start + row] = cell(rows[row]) }
}
