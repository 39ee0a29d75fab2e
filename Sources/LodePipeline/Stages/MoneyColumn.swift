internal import LodeColumns
internal import LodeRuntime

extension Column {
  /// Estimated amounts in whole minor units, rounded half away from zero.
  ///
  /// - Parameters:
  ///   - amounts: in units of the currency; missing where there is none or more than can be
  ///     written.
  ///   - scale: the digits behind the point, those of the amounts the estimates rest on.
  init(money amounts: [Double?], scale: Int) {
    let unit = Double(powerOfTen(scale))
    var (cells, isThere): ([Int64], [Bool]) = ([], [])
    cells.reserveCapacity(amounts.count)
    isThere.reserveCapacity(amounts.count)
    for amount in amounts {
      let minor = (amount ?? .nan) * unit
      let isKnown = abs(minor) < 9e17
      cells.append(isKnown ? Int64(minor.rounded()) : 0)
      isThere.append(isKnown)
    }
    self.init(type: .money(scale: scale), storage: .integers(cells), validity: isThere)
  }

  /// What is lost of the amounts of this column by chance, in its units; missing where either is.
  ///
  /// - Parameter probabilities: one a row.
  /// - Returns: whole minor units, rounded half away from zero.
  func expectedLoss(_ probabilities: Column) -> Column {
    let (amounts, shares) = (integers, probabilities.doubles)
    var builder = ColumnBuilder(type)
    for row in 0..<count {
      let isThere = !isMissing(row) && !probabilities.isMissing(row)
      builder.append(
        integer: isThere ? Int64((Double(amounts[row]) * shares[row]).rounded()) : nil
      )
    }
    return builder.build()
  }
}
