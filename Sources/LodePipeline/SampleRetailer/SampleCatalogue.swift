internal import LodeRuntime

/// A product of the sample retailer.
struct SampleProduct: Sendable {
  let id: String
  /// The name as the files hold it; a few hold quotes or a line break.
  let name: String
  let category: Int
  /// What one unit costs the shop, in cents.
  let unitCost: Int
  /// The day of its launch, relative to the start of the data (negative = before).
  let launchDay: Int
  /// Prices in cents with the first day of each, ascending.
  let prices: [(day: Int, cents: Int)]
  /// The weight of the product among those of its category.
  let popularity: Double

  /// The price on a day.
  func price(onDay day: Int) -> Int {
    var cents = prices[0].cents
    for change in prices where change.day <= day { cents = change.cents }
    return cents
  }
}

/// Two products that are bought together more often than by chance.
struct SamplePair: Sendable {
  /// The product that comes first.
  let first: Int
  /// The product that is added.
  let second: Int
  /// The probability that a basket with the first gets the second added.
  let probability: Double
}

/// The products, their prices and the planted pairs.
struct SampleCatalogue: Sendable {
  let products: [SampleProduct]
  let pairs: [SamplePair]
  /// Weights of the products of each category, for a draw.
  let popularity: [[Double]]

  static let productsPerCategory = 12

  init(seed: UInt64, dayCount: Int) {
    var products: [SampleProduct] = []
    for (category, names) in Self.names.enumerated() {
      for (place, name) in names.enumerated() {
        products.append(
          Self.product(name, category: category, place: place, seed: seed, dayCount: dayCount)
        )
      }
    }
    self.products = products
    popularity = Self.names.indices.map { category in
      products.filter { $0.category == category }.map(\.popularity)
    }
    pairs = Self.plantedPairs.map { first, second, probability in
      let size = Self.productsPerCategory
      return SamplePair(
        first: first.0 * size + first.1,
        second: second.0 * size + second.1,
        probability: probability
      )
    }
  }

  private static func product(
    _ name: String,
    category: Int,
    place: Int,
    seed: UInt64,
    dayCount: Int
  ) -> SampleProduct {
    let index = category * productsPerCategory + place
    var random = SamplePurpose.catalogue.random(seed: seed, index: index)
    let spread = 0.55 + 1.3 * random.uniform()
    let price = max(95, Int(typicalPrices[category] * 100 * spread) / 10 * 10 + 5)
    let cost = Int(Double(price) * (0.35 + 0.25 * random.uniform()))
    let isLate = place >= 10 && random.uniform() < 0.6
    let launch =
      isLate ? random.integer(below: dayCount * 3 / 4) : -30 - random.integer(below: 1500)
    var prices = [(day: Int.min, cents: price)]
    for _ in 0..<2 where random.uniform() < 0.45 {
      let day = max(launch + 60, (prices.last?.day ?? 0)) + random.integer(below: dayCount)
      let factor = random.uniform() < 0.8 ? 1.03 + 0.1 * random.uniform() : 0.88
      let last = prices[prices.count - 1].cents
      let step = (day: max(day, 30), cents: Int(Double(last) * factor) / 10 * 10 + 5)
      if step.day < dayCount { prices.append(step) }
    }
    return SampleProduct(
      id: String(10_000 + category * 1000 + place * 7 + 1),
      name: name,
      category: category,
      unitCost: cost,
      launchDay: launch,
      prices: prices,
      popularity: 1 / (1 + 0.55 * Double(place))
    )
  }

  /// Category names in the files.
  static let categories = [
    "Kitchen", "Coffee & Tea", "Stationery", "Lighting", "Home Textiles", "Garden", "Toys & Games",
    "Candles & Seasonal", "Bath & Care", "Storage",
  ]

  /// How much a category sells compared with the others.
  static let categoryWeights = [1.3, 1.4, 1.0, 0.7, 0.8, 0.7, 0.9, 1.1, 0.8, 0.6]

  /// The middle of the price range of each category, in euros.
  private static let typicalPrices = [16.0, 8.5, 5.5, 26.0, 19.0, 14.0, 12.0, 7.5, 9.0, 11.0]

  /// Pairs by (category, place), with the probability of the addition.
  private static let plantedPairs: [((Int, Int), (Int, Int), Double)] = [
    ((1, 0), (1, 6), 0.45),
    ((1, 2), (0, 7), 0.30),
    ((0, 1), (0, 5), 0.35),
    ((3, 0), (3, 8), 0.50),
    ((7, 1), (7, 9), 0.30),
    ((6, 2), (2, 6), 0.25),
    ((5, 0), (5, 7), 0.40),
    ((8, 0), (4, 5), 0.28),
  ]

  /// Twelve products a category, the most popular first.
  private static let names = [
    [
      "Enamel mug blue", "Chef's knife 20 cm", "Oak chopping board", "Cast iron pan",
      "Salad bowl glass", "Knife sharpener", "Measuring cups set of 4", "Milk jug white",
      "Baking tin 9\" round", "Spice rack", "Wooden spoon set", "Egg timer retro",
    ],
    [
      "Espresso beans 500 g", "Filter coffee 500 g", "Earl Grey tin", "French press 1 l",
      "Green tea bags", "Moka pot 6 cups", "Paper filters no. 4", "Herbal tea sampler",
      "Cold brew bottle", "Sugar bowl", "Coffee grinder manual", "Chai spice mix",
    ],
    [
      "Notebook A5 dotted", "Gel pens set of 5", "Desk calendar", "Washi tape",
      "Fountain pen \"Classic\"", "Sticky notes", "Birthday cards 10 pack", "Paper clips brass",
      "Sketch book A4", "Ruler 12\" steel", "Envelope set", "Pencil case felt",
    ],
    [
      "Desk lamp white", "String lights 10 m", "Floor lamp oak", "Night light moon",
      "Pendant lamp", "Torch LED", "Reading clip lamp", "Solar lantern", "Bulb E27 warm 3 pack",
      "Wall lamp brass", "Table lamp \"Luna\"", "Smart plug",
    ],
    [
      "Cotton throw grey", "Cushion cover 45x45", "Tea towel set", "Linen napkins",
      "Wool blanket", "Bath towel white", "Table runner", "Bed sheet set 160", "Door mat\ncoir",
      "Curtain tie", "Patchwork quilt", "Sheepskin rug",
    ],
    [
      "Herb planter", "Watering can 5 l", "Garden gloves", "Bird feeder", "Plant labels",
      "Hand trowel", "Hammock", "Potting soil 10 l", "Seed mix \"Meadow\"", "Wind chime",
      "Hose holder", "Raised bed kit",
    ],
    [
      "Wooden train", "Jigsaw 500 pieces", "Watercolour set", "Card game", "Building blocks",
      "Kite", "Puppet fox", "Memory game", "Skipping rope", "Marbles in a bag",
      "Dominoes\ntravel size", "Chess set",
    ],
    [
      "Scented candle fig", "Advent wreath", "Tea lights 50 pack", "Beeswax candle",
      "Easter egg set", "Glass baubles 12 pack", "Incense sticks", "Candle holder brass",
      "Paper star", "Ribbon red 10 m", "Snow globe", "Lantern iron",
    ],
    [
      "Olive soap bar", "Hand cream", "Bath salts", "Body brush", "Shower gel refill",
      "Lip balm", "Soap dish stone", "Shaving brush", "Hair towel", "Bath pillow",
      "Aroma oil lavender", "Bamboo toothbrush",
    ],
    [
      "Storage basket", "Glass jars set of 3", "Shoe rack", "Bread bin", "Coat hooks 5",
      "Drawer organiser", "Bike hook", "Letter tray", "Crate pine", "Laundry bag",
      "Jewellery box", "Hanger 10 pack",
    ],
  ]
}
