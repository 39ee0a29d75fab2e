internal import Glibc
public import LodeColumns
public import LodeRuntime

/// The features of every customer as of one or more days: one row a customer and day.
///
/// A feature at day *s* uses events before *s* only; a customer has a row at *s* if an order of
/// which something was left by then lies before *s*.
public enum CustomerFeatures {
  /// Parts of the customers that are worked on side by side; each has tables of its own.
  private static let partCount = 64
  /// So many customers become columns at once, while their snapshots are still in the cache.
  private static let blockSize = 256

  /// The feature table, sorted by customer and day.
  ///
  /// Columns: `customer_id`, `as_of`; counts `orders`, `frequency` (repeat orders; none:
  /// `is_single_order`), `orders_28d`, `orders_91d`, `orders_364d`, `order_weeks`; days `age_days`
  /// (T), `recency_days` (t_x), `days_since_last`, `gap_mean_days`, `gap_sd_days`; money
  /// `value_total`, `value_28d`, `value_91d`, `value_364d`, `value_previous_91d`, `monetary_value`
  /// (mean of repeat orders), `average_order_value`; mean logarithms `order_value_level`,
  /// `price_level`, `quantity_level`; shares `gap_ratio`, `spend_trend` (−1…1, last quarter against
  /// the one before), `returns_share`; mix `basket_products`, `product_count`, `category_count`,
  /// `top_category(_share)`, `top_channel(_share)`; dates `first_order_on`, `last_order_on`.
  ///
  /// - Parameters:
  ///   - histories: the purchases.
  ///   - days: the as-of days.
  /// - Returns: the table; missing cells where a feature needs more orders than there are.
  /// - Complexity: O(lines + orders × days), customers in parallel.
  public static func table(_ histories: PurchaseHistories, asOf days: [CivilDate]) -> Table {
    let rising = Set(days.map(\.daysSinceEpoch)).sorted()
    let count = histories.customerCount
    let partSize = max(blockSize, (count + partCount - 1) / partCount)
    let parts = Parallel.map(rows: count, chunkSize: partSize) { customers in
      var worker = SnapshotWorker(histories, days: rising)
      return stride(from: customers.lowerBound, to: customers.upperBound, by: blockSize)
        .map { start in
          for customer in start..<min(start + blockSize, customers.upperBound) {
            worker.add(customer: customer)
          }
          return table(worker.takeSnapshots(), histories)
        }
    }
    let blocks = Array(parts.joined())
    return blocks.isEmpty ? table([], histories) : Table.concatenating(blocks)
  }

  private static func table(
    _ snapshots: [CustomerSnapshot],
    _ histories: PurchaseHistories
  ) -> Table {
    let money = ColumnType.money(scale: histories.scale)
    func whole(_ cell: (CustomerSnapshot) -> Int) -> Column {
      Column(integers: snapshots.map { Int64(cell($0)) })
    }
    func amount(_ cell: (CustomerSnapshot) -> Int64) -> Column {
      Column(money, integers: snapshots.map(cell))
    }
    func day(_ cell: (CustomerSnapshot) -> Int) -> Column {
      Column(.date, integers: snapshots.map { Int64(cell($0)) })
    }
    func number(_ cell: (CustomerSnapshot) -> Double?) -> Column {
      numbers(snapshots, cell)
    }
    func name(_ names: TextDictionary, _ code: (CustomerSnapshot) -> Int32) -> Column {
      self.names(snapshots.map(code), names)
    }
    let customers = Column.Storage.texts(
      codes: snapshots.map { UInt32(truncatingIfNeeded: $0.customer) },
      dictionary: histories.customerNames
    )
    return Table([
      "customer_id": Column(type: .text, storage: customers),
      "as_of": day(\.asOfDay),
      "orders": whole(\.orders),
      "frequency": whole { $0.orders - 1 },
      "is_single_order": Column(
        type: .boolean,
        storage: .booleans(snapshots.map { $0.orders == 1 })
      ),
      "age_days": whole(\.age),
      "recency_days": whole(\.recency),
      "days_since_last": whole(\.daysSinceLast),
      "first_order_on": day(\.firstDay),
      "last_order_on": day(\.lastDay),
      "value_total": amount(\.total),
      "value_28d": amount { $0.windowValues[0] },
      "value_91d": amount { $0.windowValues[1] },
      "value_364d": amount { $0.windowValues[2] },
      "value_previous_91d": amount(\.previousQuarter),
      "orders_28d": whole { Int($0.windowOrders[0]) },
      "orders_91d": whole { Int($0.windowOrders[1]) },
      "orders_364d": whole { Int($0.windowOrders[2]) },
      "monetary_value": mean(snapshots, money) { ($0.repeatTotal, $0.orders - 1) },
      "average_order_value": mean(snapshots, money) { ($0.total, $0.orders) },
      "gap_mean_days": number(\.gapMean),
      "gap_sd_days": number(\.gapDeviation),
      "gap_ratio": number { snapshot in
        snapshot.gapMean.map { Double(snapshot.daysSinceLast) / max($0, 1) }
      },
      "spend_trend": number(spendTrend),
      "returns_share": number { $0.gross > 0 ? Double($0.returned) / Double($0.gross) : 0 },
      "order_weeks": whole(\.orderWeeks),
      "basket_products": number(\.productsPerOrder),
      "product_count": whole(\.productCount),
      "category_count": whole(\.categoryCount),
      "top_category": name(histories.categoryNames, \.topCategory),
      "top_category_share": number(\.topCategoryShare),
      "top_channel": name(histories.channelNames, \.topChannel),
      "top_channel_share": number(\.topChannelShare),
    ])
    .addingLevels(snapshots, scale: histories.scale)
  }

  fileprivate static func numbers(
    _ snapshots: [CustomerSnapshot],
    _ cell: (CustomerSnapshot) -> Double?
  ) -> Column {
    let cells = snapshots.map(cell)
    return Column(
      type: .double,
      storage: .doubles(cells.map { $0 ?? 0 }),
      validity: cells.map { $0 != nil }
    )
  }

  /// A column of names by their codes, −1 where missing.
  private static func names(_ codes: [Int32], _ names: TextDictionary) -> Column {
    guard names.count > 0 else { return Column(texts: codes.map { _ in nil }) }
    return Column(
      type: .text,
      storage: .texts(codes: codes.map { UInt32(max(0, $0)) }, dictionary: names),
      validity: codes.map { $0 >= 0 }
    )
  }

  /// (last quarter − quarter before) / (sum of both), 0 where both are empty.
  private static func spendTrend(_ snapshot: CustomerSnapshot) -> Double? {
    let sum = snapshot.windowValues[1] + snapshot.previousQuarter
    guard sum > 0 else { return 0 }
    return Double(snapshot.windowValues[1] - snapshot.previousQuarter) / Double(sum)
  }

  /// A mean in money, half away from zero to the last unit; missing where the count is 0.
  private static func mean(
    _ snapshots: [CustomerSnapshot],
    _ money: ColumnType,
    _ parts: (CustomerSnapshot) -> (total: Int64, count: Int)
  ) -> Column {
    let cells = snapshots.map { snapshot -> Int64? in
      let (total, count) = parts(snapshot)
      return count == 0 ? nil : Int64((Double(total) / Double(count)).rounded())
    }
    return Column(
      type: money,
      storage: .integers(cells.map { $0 ?? 0 }),
      validity: cells.map { $0 != nil }
    )
  }
}

extension Table {
  /// The mean logarithms of order values, unit prices and quantities, in the currency's units.
  fileprivate func addingLevels(_ snapshots: [CustomerSnapshot], scale: Int) -> Table {
    // From the logarithm of the smallest unit of money to that of the currency.
    let unit = log(Double(powerOfTen(scale)))
    func number(_ cell: (CustomerSnapshot) -> Double?) -> Column {
      CustomerFeatures.numbers(snapshots, cell)
    }
    return
      setting(Field("order_value_level", .double), number { $0.orderLevels.mean(less: unit) })
      .setting(Field("price_level", .double), number { $0.priceLevels.mean(less: unit) })
      .setting(Field("quantity_level", .double), number { $0.quantityLevels.mean(less: 0) })
  }
}
