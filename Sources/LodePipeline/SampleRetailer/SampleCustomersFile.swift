internal import LodeRuntime

extension SampleRetailer {
  /// `customers.csv` in id order, with the dirt of hand-kept customer files.
  func customersFile(
    _ shop: SampleShop,
    _ histories: [SampleHistory],
    _ truth: inout SampleTruth
  ) -> SampleFile {
    var text = SampleText(
      header: "customer_id,first_name,last_name,email,phone,postcode,city,country,birth_year,"
        + "registered_on,acquisition_source"
    )
    var tally = SampleTally()
    for history in histories {
      var random = SamplePurpose.customerDirt.random(seed: seed, index: history.customer)
      let person = history.person
      let email = email(of: history, &random, &tally)
      let phone = phone(of: history, &random, &tally)
      let row = [
        shop.id(ofCustomer: history.customer), person.firstName, person.lastName, email, phone,
        person.place.postcode, person.place.city, country(of: history, &random, &tally),
        birthYear(of: history, &random, &tally), SampleTime.dateText(history.registeredAt),
        history.behaviour.source.rawValue,
      ]
      if person.place.postcode.hasPrefix("0") { tally.add("leading_zero_postcode") }
      let scalars = (person.firstName + person.lastName).unicodeScalars
      let fitsLatin1 = scalars.allSatisfy { $0.value < 256 }
      let isPlanted = scalars.contains { $0.value > 127 } && random.uniform() < 0.03
      let latin1: Set<Int> = fitsLatin1 && isPlanted ? [1, 2] : []
      if !latin1.isEmpty { tally.add("latin1_name") }
      text.row(row, latin1: latin1)
      if random.uniform() < 0.002 || history.customer == 9 {
        text.row(row, latin1: latin1)
        tally.add("exact_duplicate")
      }
    }
    truth.record("customers.csv", rows: text.rowCount, tally)
    return SampleFile(name: "customers.csv", bytes: text.bytes)
  }

  private func email(
    of history: SampleHistory,
    _ random: inout CounterRandom,
    _ tally: inout SampleTally
  ) -> String {
    let email = history.person.email
    let draw = random.uniform()
    if history.person.root != history.customer {
      tally.add("second_id_of_a_person")
      switch random.integer(below: 4) {
      case 0: return email.uppercased()
      case 1: return email.replacingFirst("@", with: "+shop@")
      case 2: return " " + email
      default: return email.prefix(1).uppercased() + email.dropFirst()
      }
    }
    if draw < 0.05 {
      tally.add("missing_email")
      return ""
    }
    if draw < 0.055 {
      tally.add("invalid_email")
      return email.replacingFirst("@", with: "(at)")
    }
    return email
  }

  private func phone(
    of history: SampleHistory,
    _ random: inout CounterRandom,
    _ tally: inout SampleTally
  ) -> String {
    let phone = history.person.phone
    let draw = random.uniform()
    if draw < 0.15 {
      tally.add("missing_phone")
      return ""
    }
    guard draw < 0.35 else { return phone }
    tally.add("phone_written_differently")
    return draw < 0.25 ? "00" + phone.dropFirst() : phone.prefix(3) + " (0) " + phone.dropFirst(3)
  }

  private func country(
    of history: SampleHistory,
    _ random: inout CounterRandom,
    _ tally: inout SampleTally
  ) -> String {
    let country = history.person.place.country
    guard random.uniform() < 0.02 else { return country }
    tally.add("country_code_in_lower_case")
    return country.lowercased()
  }

  private func birthYear(
    of history: SampleHistory,
    _ random: inout CounterRandom,
    _ tally: inout SampleTally
  ) -> String {
    let draw = random.uniform()
    if draw < 0.12 {
      tally.add("missing_birth_year")
      return ""
    }
    if draw < 0.124 {
      tally.add("impossible_birth_year")
      return draw < 0.122 ? "1066" : "2062"
    }
    return String(history.person.birthYear)
  }
}

extension String {
  /// The text with the first place of a character replaced.
  fileprivate func replacingFirst(_ character: Character, with replacement: String) -> String {
    guard let place = firstIndex(of: character) else { return self }
    return self[..<place] + replacement + self[index(after: place)...]
  }
}
