/// Finds the known name that a user probably meant.
public enum Suggestion {
  /// The closest candidate within a third of the name's length (at least one edit), or nil.
  ///
  /// Ties go to the earlier candidate.
  public static func closest(to name: String, in candidates: [String]) -> String? {
    let limit = max(1, name.count / 3)
    var best: (distance: Int, candidate: String)?
    for candidate in candidates {
      let distance = editDistance(name.lowercased(), candidate.lowercased())
      guard distance <= limit else { continue }
      if best.map({ distance < $0.distance }) ?? true { best = (distance, candidate) }
    }
    return best?.candidate
  }

  /// The end of a sentence about an unknown name: ` – did you mean "x"?`, or a full stop if no
  /// candidate is close.
  public static func ending(for name: String, in candidates: [String]) -> String {
    closest(to: name, in: candidates).map { " – did you mean \"\($0)\"?" } ?? "."
  }

  /// Insertions, deletions, substitutions and swaps of neighbours between two names.
  ///
  /// - Source: Damerau (1964), restricted edit distance.
  static func editDistance(_ left: String, _ right: String) -> Int {
    let a = Array(left.unicodeScalars)
    let b = Array(right.unicodeScalars)
    var rows = [Array(0...b.count)]
    for i in 0..<a.count {
      var row = [i + 1]
      for j in 0..<b.count {
        let substitution = rows[i][j] + (a[i] == b[j] ? 0 : 1)
        var distance = min(substitution, rows[i][j + 1] + 1, row[j] + 1)
        if i > 0, j > 0, a[i] == b[j - 1], a[i - 1] == b[j] {
          distance = min(distance, rows[i - 1][j - 1] + 1)
        }
        row.append(distance)
      }
      rows.append(row)
    }
    return rows[a.count][b.count]
  }
}
