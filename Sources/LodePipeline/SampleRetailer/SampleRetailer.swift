public import LodeRuntime

/// A synthetic retailer with known truth and documented dirt, for trials, tests and benchmarks.
///
/// Customers buy until they die: each has a purchase rate and a dropout rate drawn from gamma
/// distributions (``SampleParameters``), buys by a Poisson process in seasonal time and stops at an
/// exponential dropout time. All files are plain bytes; the caller writes and compresses them.
///
/// - Output: CSV files with a header and `truth.json`, money in euros with two decimals.
/// - Determinism: same configuration → same bytes on any thread count; every customer, guest day
///   and
///   order has its own random stream.
/// - Complexity: O(orders); about 16 order lines and 2 kB of text a customer in two years.
/// - Source: Schmittlein, Morrison & Colombo (1987), "Counting your customers", Management Science
///   33 (the Pareto/NBD process).
public struct SampleRetailer: Codable, Hashable, Sendable {
  /// The seed of every random stream.
  public var seed: UInt64 = 20_240_101
  /// Customer ids in `customers.csv`, prospects without an order included.
  public var customerCount = 2000
  /// Years of history before the end date.
  public var years = 2

  /// The last day with data, a Sunday: 2026-06-28.
  public static let endDate = CivilDate(daysSinceEpoch: 20_632)

  /// A retailer of the default size.
  public init() {}

  /// A retailer of the given size.
  ///
  /// - Precondition: at least one customer and 1 to 20 years.
  public init(seed: UInt64, customerCount: Int = 2000, years: Int = 2) {
    precondition(customerCount > 0, "\(customerCount) customers")
    precondition((1...20).contains(years), "\(years) years of history; 1 to 20 are possible")
    self.seed = seed
    self.customerCount = customerCount
    self.years = years
  }

  /// All files of the data set, in a fixed order.
  ///
  /// - Returns: data files, then `truth.json` and `truth_customers.csv`.
  public func files() -> [SampleFile] {
    let shop = SampleShop(self)
    let histories = Parallel.map(customerCount) { shop.history(ofCustomer: $0) }
    let ledger = SampleLedger(shop, histories)
    var truth = SampleTruth(shop, histories, ledger)
    var files = [
      ledger.orderLinesFile(shop, &truth),
      customersFile(shop, histories, &truth),
      productsFile(shop, &truth),
      campaignsFile(shop, &truth),
      membersFile(shop, histories, &truth),
      surveysFile(shop, histories, &truth),
      sessionsFile(shop, histories, &truth),
      consentsFile(shop, histories, &truth),
      spendingFile(shop, histories, &truth),
    ]
    let truthCustomers = truthCustomersFile(shop, histories, &truth)
    files.append(truth.file())
    files.append(truthCustomers)
    return files
  }
}

/// One file of the sample: its name and its uncompressed bytes.
public struct SampleFile: Hashable, Sendable {
  /// The file name, without a folder.
  public let name: String
  /// The content, not compressed.
  public let bytes: [UInt8]

  /// A file of the given content.
  public init(name: String, bytes: [UInt8]) {
    self.name = name
    self.bytes = bytes
  }
}
