internal import LodeColumns

extension PurchaseDays {
  /// What every customer's first order had in one column.
  public struct FirstOrderColumn: Sendable, Hashable {
    /// The name of the column.
    public let name: String
    /// The different texts, in order of first occurrence.
    public internal(set) var texts: [String] = []
    /// The place of each customer's text among them.
    public internal(set) var places: [Int32] = []
  }

  /// The text of a first order that has none.
  public static let missing = "missing"

  /// Keeps, of every customer, the text of the earliest line; of several at the same time the first
  /// in byte order, so that the order of rows does not matter.
  ///
  /// The first order ever, returned later or not: known at any date at which the customer is.
  mutating func appendFirstOrders(
    _ name: String,
    _ column: Column,
    _ rows: [UInt32],
    _ times: [Int64],
    _ customerOf: [Int32],
    customerCount: Int
  ) {
    let dictionary = column.dictionary
    let ranks = dictionary.ranks()
    let codes = column.codes
    var firstTime = [Int64](repeating: .max, count: customerCount)
    var firstCode = [Int](repeating: -1, count: customerCount)
    for row in rows {
      let (place, customer) = (Int(row), Int(customerOf[Int(row)]))
      let time = times[place]
      guard time <= firstTime[customer] else { continue }
      let code = column.isMissing(place) ? -1 : Int(codes[place])
      if time < firstTime[customer] || Self.isBefore(code, firstCode[customer], ranks) {
        (firstTime[customer], firstCode[customer]) = (time, code)
      }
    }
    var own = FirstOrderColumn(name: name)
    var placeOfText: [String: Int32] = [:]
    own.places = firstCode.map { code in
      let text = code < 0 ? Self.missing : dictionary[code]
      if let place = placeOfText[text] { return place }
      let place = Int32(truncatingIfNeeded: own.texts.count)
      placeOfText[text] = place
      own.texts.append(text)
      return place
    }
    append(own)
  }

  private static func isBefore(_ code: Int, _ other: Int, _ ranks: [Int]) -> Bool {
    code >= 0 && (other < 0 || ranks[code] < ranks[other])
  }

  /// Adds the columns of other purchases; those of the same name are joined.
  mutating func appendFirstOrders(of other: PurchaseDays) {
    for column in other.firstOrders { append(column) }
  }

  private mutating func append(_ column: FirstOrderColumn) {
    guard let index = firstOrders.firstIndex(where: { $0.name == column.name }) else {
      firstOrders.append(column)
      return
    }
    var placeOfText: [String: Int32] = [:]
    for (place, text) in firstOrders[index].texts.enumerated() {
      placeOfText[text] = Int32(truncatingIfNeeded: place)
    }
    let translation = column.texts.map { text -> Int32 in
      if let place = placeOfText[text] { return place }
      firstOrders[index].texts.append(text)
      return Int32(truncatingIfNeeded: firstOrders[index].texts.count - 1)
    }
    firstOrders[index].places += column.places.map { translation[Int($0)] }
  }
}
