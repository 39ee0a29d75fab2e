public import LodeColumns
public import LodeRuntime

/// The features of every customer as of one or more days: one row a customer and day.
///
/// A feature at day *s* uses events before *s* only; a customer has a row at *s* if an order of
/// which something was left by then lies before *s*.
public enum CustomerFeatures {
  /// So many customers are worked on side by side with others; a shard is mostly one such part,
  /// whose columns are the table.
  private static let partSize = 65_536
  /// So many customers become columns at once, while their snapshots are still in the cache.
  private static let blockSize = 24

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
    table(histories, asOf: days, partSize: partSize)
  }

  /// The feature table, made of parts of so many customers.
  static func table(
    _ histories: PurchaseHistories,
    asOf days: [CivilDate],
    partSize: Int
  ) -> Table {
    let rising = Set(days.map(\.daysSinceEpoch)).sorted()
    let parts = Parallel.map(rows: histories.customerCount, chunkSize: partSize) { customers in
      var worker = SnapshotWorker(histories, days: rising)
      var columns = FeatureColumns(histories, capacity: customers.count * rising.count)
      for start in stride(from: customers.lowerBound, to: customers.upperBound, by: blockSize) {
        for customer in start..<min(start + blockSize, customers.upperBound) {
          worker.add(customer: customer)
        }
        worker.moveSnapshots(to: &columns)
      }
      return columns.takeTable()
    }
    guard parts.isEmpty else { return Table.concatenating(parts) }
    var none = FeatureColumns(histories, capacity: 0)
    return none.takeTable()
  }
}
