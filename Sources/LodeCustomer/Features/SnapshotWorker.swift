internal import LodeColumns
internal import LodeRuntime

/// Makes the snapshots of one customer after the other, for all days in one pass over the events.
struct SnapshotWorker: Sendable {
  private let histories: PurchaseHistories
  /// The as-of days, rising.
  private let days: [Int]
  private var ledger = OrderLedger()
  private var mix: PurchaseMix
  /// For customers whose mix must be added up anew.
  private var spareMix: PurchaseMix
  /// The unit prices and quantities of the lines so far.
  private var priceLevels = LevelSum()
  private var quantityLevels = LevelSum()
  private var amountLevels = AmountLevels()
  /// The level of each small quantity plus 1, from 0.
  private let countLevels = (0..<64).map { LevelSum.level(Double($0) + 1) }
  /// Returns of orders that are not known yet.
  private var pending: [Int] = []
  private var unknown: [Int] = []
  /// The snapshots since they were taken last, by customer and day.
  private var snapshots: [CustomerSnapshot] = []

  init(_ histories: PurchaseHistories, days: [Int]) {
    self.histories = histories
    self.days = days
    mix = PurchaseMix(
      productCount: histories.productCount,
      categoryCount: histories.categoryNames.count,
      channelCount: histories.channelNames.count
    )
    spareMix = mix
  }

  /// Adds the snapshots since the last call to columns, by customer and day.
  mutating func moveSnapshots(to columns: inout FeatureColumns) {
    columns.append(snapshots)
    snapshots.removeAll(keepingCapacity: true)
  }

  /// Adds the snapshots of a customer: one for each day before which a valid order lies.
  mutating func add(customer: Int) {
    ledger.clear()
    mix.clear()
    (priceLevels, quantityLevels) = (LevelSum(), LevelSum())
    pending.removeAll(keepingCapacity: true)
    let lines = histories.lines.range(of: customer)
    let returns = histories.returns.range(of: customer)
    var (line, back) = (lines.lowerBound, returns.lowerBound)
    var (gross, returned) = (Int64(0), Int64(0))
    var described = (line: -1, back: -1)
    for day in days {
      let limit = Int64(day) * Timestamp.microsecondsPerDay
      while line < lines.upperBound, histories.lines.times[line] < limit {
        sell(line)
        gross += histories.lines.amounts[line]
        line += 1
      }
      while back < returns.upperBound, histories.returns.times[back] < limit {
        pending.append(back)
        returned += histories.returns.amounts[back]
        back += 1
      }
      for index in pending where !takeBack(index) { unknown.append(index) }
      swap(&pending, &unknown)
      unknown.removeAll(keepingCapacity: true)
      guard ledger.orders.contains(where: { $0.quantity > 0 }) else { continue }
      ledger.findLevels(&amountLevels)
      var snapshot = CustomerSnapshot()
      snapshot.customer = customer
      snapshot.asOfDay = day
      snapshot.gross = gross
      snapshot.returned = returned
      snapshot.describe(ledger.orders)
      (snapshot.priceLevels, snapshot.quantityLevels) = (priceLevels, quantityLevels)
      if described == (line, back), let last = snapshots.last {
        // Nothing happened since the last day.
        snapshot.takeMix(of: last)
      } else {
        describeMix(&snapshot, lines.lowerBound..<line)
        described = (line, back)
      }
      snapshots.append(snapshot)
    }
  }

  /// Takes the goods of a return back; whether its order is known.
  private mutating func takeBack(_ index: Int) -> Bool {
    ledger.takeBack(
      histories.returns.orders[index],
      amount: histories.returns.amounts[index],
      quantity: histories.returns.quantities[index]
    )
  }

  private mutating func sell(_ index: Int) {
    // Each array is named in full: a copy of the events would count references at every line.
    let (amount, count) = (histories.lines.amounts[index], histories.lines.quantities[index])
    let place = ledger.sell(
      histories.lines.orders[index],
      day: Timestamp.day(ofMicroseconds: histories.lines.times[index]),
      amount: amount,
      quantity: count
    )
    if count > 0 {
      priceLevels.add(amountLevels.level(amount, of: count))
      quantityLevels.add(
        count < countLevels.count ? countLevels[Int(count)] : LevelSum.level(Double(count) + 1)
      )
    }
    mix.add(
      place: place,
      product: histories.lines.products[index],
      category: histories.lines.categories[index],
      channel: histories.lines.channels[index],
      amount: amount
    )
  }

  /// The mix of valid orders; where an order is not valid or interleaved, it is added up anew.
  private mutating func describeMix(_ snapshot: inout CustomerSnapshot, _ lines: Range<Int>) {
    let isPlain = !ledger.isInterleaved && snapshot.orders == ledger.orders.count
    if isPlain {
      describe(mix, &snapshot)
    } else {
      addValidLines(lines)
      describe(spareMix, &snapshot)
    }
  }

  private func describe(_ current: borrowing PurchaseMix, _ snapshot: inout CustomerSnapshot) {
    snapshot.productCount = current.productCount
    snapshot.productsPerOrder = Double(current.pairCount) / Double(snapshot.orders)
    snapshot.categoryCount = current.categories.codes.count
    (snapshot.topCategory, snapshot.topCategoryShare) = current.categories
      .top(histories.categoryRanks)
    (snapshot.topChannel, snapshot.topChannelShare) = current.channels.top(histories.channelRanks)
  }

  /// Fills the spare mix with the lines of valid orders, order after order.
  private mutating func addValidLines(_ range: Range<Int>) {
    spareMix.clear()
    let lines = histories.lines
    let placed = range.compactMap { index -> (place: Int, index: Int)? in
      guard let place = ledger.place(of: lines.orders[index]),
        ledger.orders[place].quantity > 0
      else { return nil }
      return (place, index)
    }
    for (place, index) in placed.sorted(by: { ($0.place, $0.index) < ($1.place, $1.index) }) {
      spareMix.add(
        place: place,
        product: lines.products[index],
        category: lines.categories[index],
        channel: lines.channels[index],
        amount: lines.amounts[index]
      )
    }
  }
}
