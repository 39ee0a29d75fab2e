/// Texts of known forms as their numbers, by code: a third of the memory of their letters.
struct CSVNumberTexts: Sendable {
  private var numbers: [UInt32] = []
  /// The forms, and the place of each text's form there; no places while there is one form.
  private var formats: [CSVNumberFormat] = []
  private var places: [UInt8] = []

  /// Adds the text of a number, which is new.
  ///
  /// - Returns: its code: the count of the texts before it.
  mutating func add(_ number: UInt32, _ format: CSVNumberFormat) -> UInt32 {
    var place = 0
    while place < formats.count, formats[place] != format { place += 1 }
    if place == formats.count { formats.append(format) }
    if place > 0, places.isEmpty { places = Array(repeating: 0, count: numbers.count) }
    if formats.count > 1 { places.append(UInt8(truncatingIfNeeded: place)) }
    numbers.append(number)
    return UInt32(truncatingIfNeeded: numbers.count - 1)
  }

  /// Spells all texts in the order of their codes; none are left here.
  mutating func spell(into texts: inout CSVTextPiece) {
    guard !numbers.isEmpty else { return }
    var byteCount = 0
    if places.isEmpty { byteCount = numbers.count * formats[0].length }
    for place in places { byteCount += formats[Int(place)].length }
    texts.reserve(numbers.count, byteCount: byteCount)
    for (index, number) in numbers.enumerated() {
      let place = places.isEmpty ? 0 : Int(places[index])
      _ = texts.addUnhashed(number, formats[place])
    }
    self = CSVNumberTexts()
  }
}
