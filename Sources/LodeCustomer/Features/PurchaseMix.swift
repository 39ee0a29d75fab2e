internal import LodeColumns

/// The products, categories and channels that one customer bought.
///
/// Tables over all products and names are kept from customer to customer: an entry counts only if
/// it was made for this one.
struct PurchaseMix: Sendable {
  /// For each product the customer for whom it was last seen, and the order.
  private var customerOfProduct: [Int32]
  private var orderOfProduct: [Int32]
  private var customer: Int32 = 0
  private(set) var productCount = 0
  /// Different pairs of order and product.
  private(set) var pairCount = 0
  private(set) var categories: NamedAmounts
  private(set) var channels: NamedAmounts

  init(productCount: Int, categoryCount: Int, channelCount: Int) {
    customerOfProduct = Array(repeating: 0, count: productCount + 1)
    orderOfProduct = Array(repeating: 0, count: productCount + 1)
    categories = NamedAmounts(count: categoryCount)
    channels = NamedAmounts(count: channelCount)
  }

  /// Forgets everything.
  mutating func clear() {
    customer += 1
    productCount = 0
    pairCount = 0
    categories.clear()
    channels.clear()
  }

  /// Adds a line of the order at `place`; lines of one order must follow each other.
  ///
  /// Product, category and channel are codes, −1 where missing; a missing product counts as one.
  mutating func add(
    place: Int,
    product: Int32,
    category: Int32,
    channel: Int32,
    amount: Int64
  ) {
    let index = Int(product) + 1
    let order = Int32(truncatingIfNeeded: place)
    if customerOfProduct[index] != customer {
      customerOfProduct[index] = customer
      orderOfProduct[index] = order
      productCount += 1
      pairCount += 1
    } else if orderOfProduct[index] != order {
      orderOfProduct[index] = order
      pairCount += 1
    }
    if category >= 0 { categories.add(amount, to: Int(category)) }
    if channel >= 0 { channels.add(amount, to: Int(channel)) }
  }
}

/// Amounts by the code of a name, for one customer at a time.
struct NamedAmounts: Sendable {
  private var amounts: [Int64]
  private var isTouched: [Bool]
  /// The codes with an amount, in order of first occurrence.
  private(set) var codes: [Int32] = []

  init(count: Int) {
    amounts = Array(repeating: 0, count: count)
    isTouched = Array(repeating: false, count: count)
  }

  mutating func clear() {
    for code in codes {
      amounts[Int(code)] = 0
      isTouched[Int(code)] = false
    }
    codes.removeAll(keepingCapacity: true)
  }

  mutating func add(_ amount: Int64, to code: Int) {
    if !isTouched[code] {
      isTouched[code] = true
      codes.append(Int32(truncatingIfNeeded: code))
    }
    amounts[code] += amount
  }

  /// The code with the largest amount (of equals the first name) and its share of the total.
  func top(_ ranks: [Int]) -> (code: Int32, share: Double?) {
    var best: Int32?
    var total: Int64 = 0
    for code in codes {
      let amount = amounts[Int(code)]
      total += amount
      guard let current = best else {
        best = code
        continue
      }
      let most = amounts[Int(current)]
      let isBefore = ranks[Int(code)] < ranks[Int(current)]
      if amount > most || (amount == most && isBefore) { best = code }
    }
    guard let best, total > 0 else { return (-1, nil) }
    return (best, Double(amounts[Int(best)]) / Double(total))
  }
}
