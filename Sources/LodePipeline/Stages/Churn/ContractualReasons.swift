internal import LodeColumns
internal import LodeMining
internal import LodeNumerics

/// Says of each customer of a contract table what the score rests on, in plain words.
struct ContractualReasons {
  private let features: FeatureColumns
  /// The words of each feature.
  private let words: [String]
  /// The median of each number; nil for categories.
  private let typical: [Double?]

  init(_ features: FeatureColumns) {
    self.features = features
    words = features.names.map { Self.words($0) }
    typical = features.columns.map { column in
      guard case .numeric(let numbers) = column.values else { return nil }
      let sorted = numbers.filter { !$0.isNaN }.sorted()
      return sorted.isEmpty ? 0 : sorted[sorted.count / 2]
    }
  }

  /// The columns `reason_1` to `reason_3`.
  ///
  /// What raises the risk is said first for customers above the mean, what lowers it for others.
  /// Of columns that say the same of a customer ("no internet service") one is named.
  ///
  /// - Parameters:
  ///   - contributions: what each feature adds to the log-odds, a row a customer.
  ///   - count: how many reasons to give, at most 3.
  /// - Returns: three columns of text.
  func columns(_ contributions: Matrix, count: Int) -> [Column] {
    var builders = (0..<3).map { _ in ColumnBuilder(.text) }
    for row in 0..<contributions.rowCount {
      let parts = contributions.row(row)
      let sign = parts.reduce(0, +) >= 0 ? 1.0 : -1.0
      let ranked = parts.indices.filter { parts[$0] != 0 }
        .sorted { left, right in
          let (a, b) = (parts[left] * sign, parts[right] * sign)
          if (a > 0) != (b > 0) { return a > 0 }
          return abs(a) != abs(b) ? abs(a) > abs(b) : left < right
        }
      var said: [String] = []
      var phrases: [String] = []
      for column in ranked where phrases.count < min(count, 3) {
        let (phrase, value) = describe(column, row)
        if let value {
          if said.contains(value) { continue }
          said.append(value)
        }
        phrases.append(phrase + (parts[column] > 0 ? ": raises the risk" : ": lowers the risk"))
      }
      for place in 0..<3 {
        builders[place].append(text: place < phrases.count ? phrases[place] : nil)
      }
    }
    return builders.map { $0.build() }
  }

  /// A cell in words; the category too where it says more than yes or no.
  private func describe(_ column: Int, _ row: Int) -> (phrase: String, value: String?) {
    let name = words[column]
    switch features.columns[column].values {
    case .numeric(let numbers):
      let value = numbers[row]
      if value.isNaN { return ("\(name) is not known", nil) }
      return ("\(name) is \(Self.short(value)) (typical \(Self.short(typical[column] ?? 0)))", nil)
    case .categorical(let levels, let codes):
      guard codes[row] >= 0 else { return ("\(name) is not known", nil) }
      let level = levels[Int(codes[row])]
      switch level.lowercased() {
      case "no", "false", "n": return ("no \(name)", nil)
      case "yes", "true", "y": return ("has \(name)", nil)
      default: return ("\(name) is \(Self.lowered(level))", level)
      }
    }
  }

  /// A category as part of a sentence: lower case unless it is an abbreviation.
  private static func lowered(_ level: String) -> String {
    level.split(separator: " ", omittingEmptySubsequences: false)
      .map { word in
        let isAbbreviation = word.count > 1 && word.allSatisfy { $0.isUppercase || $0.isNumber }
        return isAbbreviation ? String(word) : word.lowercased()
      }
      .joined(separator: " ")
  }

  /// The name of a column in words: `MonthlyCharges` and `monthly_charges` as `monthly charges`.
  static func words(_ name: String) -> String {
    var words = ""
    var previous: Character = " "
    for character in name {
      if character == "_" || character == "." || character == "-" || character == " " {
        words += " "
      } else {
        if character.isUppercase, previous.isLowercase || previous.isNumber { words += " " }
        words.append(character)
      }
      previous = character
    }
    return words.split(separator: " ")
      .map { word in
        word.count > 1 && word.allSatisfy(\.isUppercase) ? String(word) : word.lowercased()
      }
      .joined(separator: " ")
  }

  /// A number with at most one digit behind the point, none from 100 on.
  private static func short(_ number: Double) -> String {
    let rounded = abs(number) >= 100 ? number.rounded() : (number * 10).rounded() / 10
    return Cell.doubleText(rounded)
  }
}
