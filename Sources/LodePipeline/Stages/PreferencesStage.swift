internal import LodeColumns
internal import LodeCustomer
public import LodeFormats
public import LodeRuntime

/// Order lines to the channels and categories that each customer prefers.
public struct PreferencesStage: Stage {
  /// The kind of the stage.
  public static let operation = Operation.transform
  /// The name in pipeline files.
  public static let method = "preferences"
  /// The version of the method.
  public static let version = 1

  /// How many categories a customer is said to prefer.
  private static let categoryCount = 3

  private let productsOnly: Bool

  /// Reads `products_only`.
  public init(_ reader: ConfigurationReader) throws(Diagnostic) {
    productsOnly = try reader.boolean("products_only") ?? true
  }

  /// The clean sales.
  public var inputs: [String] { ["order_lines"] }
  /// A row a customer.
  public var outputs: [String] { ["customer_preferences"] }

  /// Counts the choices of all customers, then draws those of each towards them.
  public func run(_ tables: StageInputs, in context: StageContext) throws -> StageOutput {
    let shards = try tables.shards(of: "order_lines")
    let counts = try Parallel.map(shards.count) { (index: Int) throws(Diagnostic) -> Counts in
      let histories = try tables.histories(shard: shards[index], productsOnly: productsOnly)
      return Counts(
        channels: PreferenceCounts(histories, of: .channel),
        categories: PreferenceCounts(histories, of: .category)
      )
    }
    let channels = Shares(counts.map(\.channels))
    let categories = Shares(counts.map(\.categories))
    let order = [SortKey("customer_id")]
    let parts = try Parallel.map(shards.count) { (index: Int) throws(Diagnostic) -> ShardedRows in
      try context.handOver(
        rows(counts[index], channels, categories, asOf: context.asOf),
        to: "customer_preferences",
        shard: shards[index],
        order: order
      )
    }
    var output = StageOutput()
    output.tables = [
      OutputTable("customer_preferences", parts, shardedBy: "customer_id", order: order)
    ]
    func words(_ shares: Shares) -> String {
      guard
        let most = shares.estimate.shares.indices.max(by: {
          shares.estimate.shares[$0] < shares.estimate.shares[$1]
        })
      else { return "none" }
      let percent = (shares.estimate.shares[most] * 100).rounded(toPlaces: 0)
      return "\(shares.names[most]) most (\(percent) %)"
    }
    output.finding =
      "\(output.tables[0].rowCount) customers; of \(channels.names.count) channels "
      + "\(words(channels)), of \(categories.names.count) categories \(words(categories))"
    return output
  }

  private struct Counts: Sendable {
    let channels: PreferenceCounts
    let categories: PreferenceCounts
  }

  /// The options of all shards in byte order, and what to expect of a customer.
  private struct Shares: Sendable {
    let names: [String]
    let estimate: PreferenceShares.Estimate

    init(_ parts: [PreferenceCounts]) {
      let names = Set(parts.flatMap(\.names))
        .sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) }
      var shares = PreferenceShares(optionCount: names.count)
      for part in parts { shares.add(part.shares(over: names)) }
      self.names = names
      estimate = shares.estimate
    }
  }

  private func rows(
    _ counts: Counts,
    _ channels: Shares,
    _ categories: Shares,
    asOf: CivilDate
  ) -> Table {
    var table = PreferenceColumns(categoryCount: Self.categoryCount)
    let channelPlaces = counts.channels.places(in: channels.names)
    let categoryPlaces = counts.categories.places(in: categories.names)
    for (customer, id) in counts.channels.customers.enumerated() {
      table.append(
        id,
        channels: counts.channels.choices(of: customer)
          .map { (channelPlaces[$0.option], $0.count) },
        channels.names,
        channels.estimate
      )
      table.append(
        categories: counts.categories.choices(of: customer)
          .map { (categoryPlaces[$0.option], $0.count) },
        categories.names,
        categories.estimate
      )
    }
    return table.build(asOf: asOf)
  }
}

/// The columns of `customer_preferences` while they grow.
private struct PreferenceColumns {
  private var ids = ColumnBuilder(.text)
  private var orders = ColumnBuilder(.integer)
  private var first = ColumnBuilder(.text)
  private var share = ColumnBuilder(.double)
  private var low = ColumnBuilder(.double)
  private var high = ColumnBuilder(.double)
  private var second = ColumnBuilder(.text)
  private var secondShare = ColumnBuilder(.double)
  private var entropy = ColumnBuilder(.double)
  private var names: [ColumnBuilder]
  private var lifts: [ColumnBuilder]
  /// Few counts differ, so an interval is worked out once for many customers.
  private var intervals: [ChannelCount: (lower: Double, upper: Double)] = [:]

  private struct ChannelCount: Hashable {
    let option: Int
    let count: Int
    let total: Int
  }

  init(categoryCount: Int) {
    names = Array(repeating: ColumnBuilder(.text), count: categoryCount)
    lifts = Array(repeating: ColumnBuilder(.double), count: categoryCount)
  }

  /// The channels of a customer, the share of each drawn towards that of all.
  mutating func append(
    _ id: String,
    channels: [(option: Int, count: Int)],
    _ channelNames: [String],
    _ estimate: PreferenceShares.Estimate
  ) {
    let total = channels.reduce(0) { $0 + $1.count }
    var own = [Int](repeating: 0, count: channelNames.count)
    for choice in channels { own[choice.option] = choice.count }
    let shares = own.indices.map { estimate.share(own[$0], of: total, option: $0) }
    let ranked = own.indices.filter { own[$0] > 0 }.sorted { (shares[$1], $0) < (shares[$0], $1) }
    ids.append(text: id)
    orders.append(integer: Int64(total))
    first.append(text: ranked.first.map { channelNames[$0] })
    share.append(double: ranked.first.map { shares[$0] })
    let interval = ranked.first.map { option in
      let key = ChannelCount(option: option, count: own[option], total: total)
      if let known = intervals[key] { return known }
      let interval = estimate.interval(own[option], of: total, option: option)
      intervals[key] = interval
      return interval
    }
    low.append(double: interval?.lower)
    high.append(double: interval?.upper)
    let next = ranked.dropFirst().first
    second.append(text: next.map { channelNames[$0] })
    secondShare.append(double: next.map { shares[$0] })
    entropy.append(double: ranked.isEmpty ? nil : Entropy.bits(shares))
  }

  /// The categories that the customer buys more of than others do, the largest lift first.
  mutating func append(
    categories: [(option: Int, count: Int)],
    _ categoryNames: [String],
    _ estimate: PreferenceShares.Estimate
  ) {
    let total = categories.reduce(0) { $0 + $1.count }
    let lifted =
      categories
      .map { choice in
        let share = estimate.share(choice.count, of: total, option: choice.option)
        return (option: choice.option, lift: share / estimate.shares[choice.option])
      }
      .filter { $0.lift > 1 }
      .sorted { ($1.lift, $0.option) < ($0.lift, $1.option) }
    for place in names.indices {
      let choice = place < lifted.count ? lifted[place] : nil
      names[place].append(text: choice.map { categoryNames[$0.option] })
      lifts[place].append(double: choice?.lift)
    }
  }

  func build(asOf: CivilDate) -> Table {
    let id = ids.build()
    let days = Array(repeating: Int64(asOf.daysSinceEpoch), count: id.count)
    var table = Table([
      "customer_id": id, "as_of": Column(.date, integers: days), "orders": orders.build(),
      "channel_1": first.build(), "channel_1_share": share.build(),
      "channel_1_low90": low.build(), "channel_1_high90": high.build(),
      "channel_2": second.build(), "channel_2_share": secondShare.build(),
      "channel_entropy_bits": entropy.build(),
    ])
    for place in names.indices {
      table =
        table
        .setting(Field("category_\(place + 1)", .text), names[place].build())
        .setting(Field("category_\(place + 1)_lift", .double), lifts[place].build())
    }
    return table
  }
}
