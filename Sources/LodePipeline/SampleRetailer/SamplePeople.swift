internal import LodeRuntime

/// Who stands behind a customer id: a synthetic person of a synthetic household.
struct SamplePerson: Sendable {
  /// The lowest customer index of the person.
  let root: Int
  /// The lowest customer index of the household.
  let household: Int
  let firstName: String
  let lastName: String
  let email: String
  let phone: String
  let place: SamplePlace
  let birthYear: Int
}

/// A town with a postcode.
struct SamplePlace: Sendable {
  let postcode: String
  let city: String
  /// ISO 3166-1 code of two letters.
  let country: String
}

extension SampleShop {
  /// The person behind a customer index.
  ///
  /// One person may have several ids (``SampleParameters/duplicatePersonShare``), and may share
  /// surname, place and phone with another (``SampleParameters/householdShare``).
  func person(ofCustomer customer: Int) -> SamplePerson {
    let root = root(ofCustomer: customer)
    let household = household(ofPerson: root)
    var home = SamplePurpose.household.random(seed: seed, index: household)
    let last = SampleNames.last[home.integer(below: SampleNames.last.count)]
    let place = SampleNames.places[home.integer(below: SampleNames.places.count)]
    let phone = SampleNames.phone(country: place.country, &home)
    var random = SamplePurpose.person.random(seed: seed, index: root)
    let first = SampleNames.first[random.integer(below: SampleNames.first.count)]
    let number = root % 97 == 0 ? "" : String(root + 1)
    return SamplePerson(
      root: root,
      household: household,
      firstName: first.name,
      lastName: last.name,
      email: "\(first.plain).\(last.plain)\(number)@example.com",
      phone: phone,
      place: place,
      birthYear: 1945 + random.integer(below: 31) + random.integer(below: 31)
    )
  }

  /// The lowest customer index of the same person.
  func root(ofCustomer customer: Int) -> Int {
    var current = customer
    while current > 0 {
      var random = SamplePurpose.identity.random(seed: seed, index: current)
      guard random.uniform() < parameters.duplicatePersonShare else { break }
      current = random.integer(below: current)
    }
    return current
  }

  /// The person index whose household a person shares.
  private func household(ofPerson person: Int) -> Int {
    var random = SamplePurpose.household.random(seed: seed &+ 1, index: person)
    guard person > 0, random.uniform() < parameters.householdShare else { return person }
    return household(ofPerson: root(ofCustomer: random.integer(below: person)))
  }
}

/// Small lists of names and places; none of them describes a real person.
enum SampleNames {
  /// First names with their plain spelling for e-mail addresses.
  static let first: [(name: String, plain: String)] = [
    ("Anna", "anna"), ("José", "jose"), ("Zoë", "zoe"), ("Jürgen", "juergen"), ("Marta", "marta"),
    ("Søren", "soren"), ("Françoise", "francoise"), ("Piotr", "piotr"), ("Elena", "elena"),
    ("Lukas", "lukas"), ("Inês", "ines"), ("Giulia", "giulia"), ("Óscar", "oscar"),
    ("Katarzyna", "katarzyna"), ("Björn", "bjorn"), ("Sofia", "sofia"), ("Liam", "liam"),
    ("Noor", "noor"), ("Mikael", "mikael"), ("Aoife", "aoife"), ("Luís", "luis"), ("Eva", "eva"),
    ("Matteo", "matteo"), ("Chloé", "chloe"), ("Henrik", "henrik"), ("Ivana", "ivana"),
    ("Tomáš", "tomas"), ("Łucja", "lucja"), ("Emma", "emma"), ("Jan", "jan"), ("Pilar", "pilar"),
    ("René", "rene"), ("Greta", "greta"), ("Hugo", "hugo"), ("Maja", "maja"), ("Nils", "nils"),
    ("Clara", "clara"), ("Dimitra", "dimitra"), ("Anton", "anton"), ("Beatriz", "beatriz"),
    ("Oskar", "oskar"), ("Lena", "lena"), ("Víctor", "victor"), ("Saskia", "saskia"),
    ("Marek", "marek"), ("Agnès", "agnes"), ("Paolo", "paolo"), ("Ruth", "ruth"),
  ]

  /// Last names with their plain spelling.
  static let last: [(name: String, plain: String)] = [
    ("Müller", "mueller"), ("Nováková", "novakova"), ("García", "garcia"), ("Rossi", "rossi"),
    ("Jensen", "jensen"), ("Kowalski", "kowalski"), ("Lefèvre", "lefevre"), ("O'Brien", "obrien"),
    ("de Vries", "devries"), ("Silva", "silva"), ("Lindström", "lindstrom"), ("Weber", "weber"),
    ("Moreau", "moreau"), ("Bianchi", "bianchi"), ("Núñez", "nunez"), ("Wójcik", "wojcik"),
    ("Hansen", "hansen"), ("Schmidt", "schmidt"), ("Taylor", "taylor"), ("Costa", "costa"),
    ("Virtanen", "virtanen"), ("Papadaki", "papadaki"), ("Horvat", "horvat"), ("Dubois", "dubois"),
    ("Bakker", "bakker"), ("Ferrari", "ferrari"), ("Fernández", "fernandez"), ("Becker", "becker"),
    ("Andersson", "andersson"), ("Murphy", "murphy"), ("Peeters", "peeters"), ("Gruber", "gruber"),
    ("Laurent", "laurent"), ("Romano", "romano"), ("Krüger", "krueger"), ("Nilsson", "nilsson"),
    ("Santos", "santos"), ("Dvořák", "dvorak"), ("Walsh", "walsh"), ("Janssens", "janssens"),
    ("Huber", "huber"), ("Girard", "girard"), ("Ricci", "ricci"), ("Jiménez", "jimenez"),
    ("Zieliński", "zielinski"), ("Pedersen", "pedersen"), ("Vogel", "vogel"), ("Evans", "evans"),
    ("Mäkinen", "makinen"), ("Oliveira", "oliveira"), ("Visser", "visser"), ("Keller", "keller"),
    ("Blanc", "blanc"), ("Greco", "greco"), ("Ibáñez", "ibanez"), ("Sørensen", "sorensen"),
  ]

  /// Towns; several postcodes begin with a zero.
  static let places = [
    ("01067", "Dresden", "DE"), ("04109", "Leipzig", "DE"), ("06108", "Halle (Saale)", "DE"),
    ("10115", "Berlin", "DE"), ("50667", "Köln", "DE"), ("80331", "München", "DE"),
    ("01000", "Bourg-en-Bresse", "FR"), ("06000", "Nice", "FR"), ("69001", "Lyon", "FR"),
    ("75011", "Paris", "FR"), ("01001", "Vitoria-Gasteiz", "ES"), ("03001", "Alicante", "ES"),
    ("08002", "Barcelona", "ES"), ("28004", "Madrid", "ES"), ("00118", "Roma", "IT"),
    ("20121", "Milano", "IT"), ("1012 AB", "Amsterdam", "NL"), ("3511 AX", "Utrecht", "NL"),
    ("00-950", "Warszawa", "PL"), ("30-001", "Kraków", "PL"), ("1000-001", "Lisboa", "PT"),
    ("111 20", "Stockholm", "SE"), ("0150", "Oslo", "NO"), ("2100", "København", "DK"),
    ("1010", "Wien", "AT"), ("110 00", "Praha", "CZ"), ("D02 AF30", "Dublin", "IE"),
    ("LS1 4DY", "Leeds", "GB"), ("BS1 5TR", "Bristol", "GB"), ("00100", "Helsinki", "FI"),
  ]
  .map { SamplePlace(postcode: $0.0, city: $0.1, country: $0.2) }

  /// A number of a range that telephone authorities keep for fiction.
  ///
  /// - Source: Ofcom (07700 900000–900999), ARCEP (06 39 98 00 00–99 99), Bundesnetzagentur
  ///   (030 23125 000–999). The ranges are small, so numbers repeat by chance.
  static func phone(country: String, _ random: inout CounterRandom) -> String {
    switch country {
    case "DE", "AT", "CZ", "PL": return "+493023125" + zeroPadded(random.integer(below: 1000), 3)
    case "FR", "ES", "IT", "PT", "NL":
      return "+33639" + "98" + zeroPadded(random.integer(below: 10_000), 4)
    default: return "+447700900" + zeroPadded(random.integer(below: 1000), 3)
    }
  }
}
