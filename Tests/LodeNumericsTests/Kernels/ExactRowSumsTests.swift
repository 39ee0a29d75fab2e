import Testing

@testable import LodeNumerics

@Suite("Exact sums of rows")
struct ExactRowSumsTests {
  /// 100 rows of 70 columns, more than one part of the kernel, with weights and a first and a
  /// second grouping.
  private static let d = 70
  private static let rows: [Double] = (0..<7_000)
    .map {
      Double(($0 &* 2_654_435_761) % 8_191) / 1_024 - 4
    }

  @Test("Moving rows leaves the sums that adding them anew gives", arguments: [false, true])
  func movesAreExact(isWeighted: Bool) {
    let d = Self.d
    let weights: [Double]? = isWeighted ? (0..<100).map { 1 + Double($0 % 7) / 4 } : nil
    let origin = (0..<d).map { Double($0) / 100 }
    let scales = ExactRowSums.Scales(
      origin: origin,
      columns: Array(repeating: 0x1p40, count: d),
      weights: 0x1p20
    )
    let none = [Int32](repeating: -1, count: 100)
    let first = (0..<100).map { Int32($0 % 3) }
    let second = (0..<100).map { Int32(($0 / 5) % 3) }
    func moved(_ steps: [[Int32]]) -> ExactRowSums {
      var sums = ExactRowSums(clusterCount: 3, dimension: d)
      for (before, after) in zip(steps, steps.dropFirst()) {
        sums.move(
          Self.rows.span,
          weights: weights.map { $0[...] },
          from: before.span,
          to: after.span,
          scales
        )
      }
      return sums
    }
    let (direct, detour) = (moved([none, second]), moved([none, first, second]))
    #expect(direct.sums == detour.sums)
    #expect(direct.weights == detour.weights)
    #expect(direct.counts == [35, 35, 30])
    #expect(detour.movedCount == 100 + (0..<100).count { first[$0] != second[$0] })
    let expected = (0..<100)
      .reduce(into: [Int64](repeating: 0, count: 3 * d)) { sums, i in
        for j in 0..<d {
          let value = (Self.rows[i * d + j] - origin[j]) * (weights?[i] ?? 1)
          sums[Int(second[i]) * d + j] += Int64((value * 0x1p40).rounded(.toNearestOrEven))
        }
      }
    #expect(direct.sums == expected)
  }

  @Test("Rows of floats have the sums and extents of the doubles they stand for")
  func floatRows() {
    let d = Self.d
    let floats = Self.rows.map { Float($0) }
    #expect(floats.map { Double($0) } == Self.rows)
    let scales = ExactRowSums.Scales(
      origin: (0..<d).map { Double($0) / 100 },
      columns: Array(repeating: 0x1p40, count: d)
    )
    let none = [Int32](repeating: -1, count: 100)
    let labels = (0..<100).map { Int32($0 % 3) }
    var (narrow, wide) = (
      ExactRowSums(clusterCount: 3, dimension: d), ExactRowSums(clusterCount: 3, dimension: d)
    )
    narrow.move(floats.span, weights: nil, from: none.span, to: labels.span, scales)
    wide.move(Self.rows.span, weights: nil, from: none.span, to: labels.span, scales)
    #expect(narrow.sums == wide.sums)
    #expect(narrow.movedCount == 100)
    let extents = ExactRowSums.extents(floats.span, columnCount: d)
    let expected = ExactRowSums.extents(Self.rows.span, columnCount: d)
    #expect(extents.lowest == expected.lowest && extents.highest == expected.highest)
  }

  @Test("Extents are the least and the greatest number of each column")
  func extentsOfColumns() {
    let (lowest, highest) = ExactRowSums.extents(Self.rows.span, columnCount: Self.d)
    for j in 0..<Self.d {
      let column = stride(from: j, to: Self.rows.count, by: Self.d).map { Self.rows[$0] }
      #expect(lowest[j] == column.min())
      #expect(highest[j] == column.max())
    }
    let none = ExactRowSums.extents([Double]().span, columnCount: 2)
    #expect(none.lowest == [.infinity, .infinity] && none.highest == [-.infinity, -.infinity])
  }
}
