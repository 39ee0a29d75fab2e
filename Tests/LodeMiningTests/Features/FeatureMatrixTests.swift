import LodeColumns
import LodeMining
import LodeNumerics
import LodeRuntime
import Testing

@Suite("Features")
struct FeatureMatrixTests {
  private let table = Table([
    "customer": Column(texts: ["a", "b", "c"]),
    "orders": Column(integers: [1, 2, 6]),
    "spend": Column(
      type: .money(scale: 2),
      storage: .integers([1050, 0, 300]),
      validity: [true, false, true]
    ),
    "plan": Column(texts: ["year", "month", nil]),
  ])

  @Test("columns become numbers in their own unit, rows keep their names")
  func numbers() throws {
    let features = try FeatureMatrix(
      table,
      identifiedBy: "customer",
      features: ["orders", "spend"],
      missing: .constant(7)
    )
    #expect(features.rowNames == ["a", "b", "c"])
    #expect(features.matrix == Matrix(rows: [[1, 10.5], [2, 7], [6, 3]]))
  }

  @Test("a missing value takes the mean or the median of the others")
  func imputation() throws {
    let mean = try FeatureMatrix(
      table,
      identifiedBy: "customer",
      features: ["spend"],
      missing: .mean
    )
    #expect(mean.matrix.column(0) == [10.5, 6.75, 3])
  }

  @Test("a missing value is refused with its place unless a policy says otherwise")
  func refusesMissing() {
    let error = #expect(throws: FeatureError.self) {
      try FeatureMatrix(table, identifiedBy: "customer", features: ["spend"])
    }
    #expect(
      error?.description
        == "column \"spend\" has no value in row 2; choose how to fill missing values "
        + "(mean, median or a constant) or drop the column."
    )
  }

  @Test("an unknown column is refused with a suggestion")
  func refusesUnknown() {
    let error = #expect(throws: FeatureError.self) {
      try FeatureMatrix(table, identifiedBy: "customer", features: ["order"])
    }
    #expect(
      error?.description
        == "there is no column \"order\" – did you mean \"orders\"? The columns are "
        + "customer, orders, spend, plan."
    )
  }

  @Test("one-hot levels stand in byte order without the first, missing is a level of its own")
  func oneHot() throws {
    let encoding = try OneHotEncoding(table, columns: ["plan"])
    #expect(encoding.featureNames == ["plan=month", "plan=year"])
    let encoded = try encoding.encode(table, identifiedBy: "customer")
    #expect(encoded.features.matrix == Matrix(rows: [[0, 1], [1, 0], [0, 0]]))
    #expect(encoded.sources == ["plan", "plan"])
  }

  @Test("a level that the fit has not seen counts as the reference and is reported")
  func unknownLevel() throws {
    let encoding = try OneHotEncoding(table, columns: ["plan"])
    let later = Table(["customer": Column(texts: ["d"]), "plan": Column(texts: ["week"])])
    let encoded = try encoding.encode(later, identifiedBy: "customer")
    #expect(encoded.features.matrix.elements == [0, 0])
    #expect(encoded.unknownCounts == ["plan": 1])
  }

  @Test("standardised columns have mean zero and population variance one")
  func standardization() {
    let matrix = Matrix(rows: [[1, 5], [2, 5], [6, 5]])
    let standardization = Standardization(matrix)
    // Mean 3, population variance (4 + 1 + 9) / 3.
    #expect(standardization.means == [3, 5])
    #expect(abs(standardization.standardDeviations[0] - (14.0 / 3).squareRoot()) < 1e-15)
    #expect(standardization.constantColumns == [1])
    let encoded = standardization.encode(matrix)
    #expect(encoded.column(1) == [0, 0, 0])
    let decoded = standardization.decode(encoded)
    for (left, right) in zip(decoded.elements, matrix.elements) {
      #expect(abs(left - right) < 1e-14)
    }
  }

  @Test("moments are the same to the bit for rows in any order and on any thread count")
  func exactMoments() {
    var random = CounterRandom(seed: 12)
    let rows = (0..<9000)
      .map { _ in [random.normal() * 1e-3, 1e9 + random.normal(), Double(random.integer(below: 5))]
      }
    let first = Standardization(Matrix(rows: rows))
    let before = Parallel.threadCount
    defer { Parallel.threadCount = before }
    for threads in [1, 2, 3, 8] {
      Parallel.threadCount = threads
      #expect(Standardization(Matrix(rows: rows.reversed())) == first)
      #expect(Standardization(Matrix(rows: Array(rows[4000...] + rows[..<4000]))) == first)
    }
    #expect(abs(first.standardDeviations[1] - 1) < 0.03)
  }

  @Test("a logarithm refuses a value below zero, its inverse undoes it")
  func transformation() throws {
    for transformation in FeatureTransformation.allCases {
      let there = try #require(transformation.apply(12.5))
      #expect(abs(transformation.invert(there) - 12.5) < 1e-13)
    }
    #expect(FeatureTransformation.logOnePlus.apply(-1) == nil)
    let features = FeatureMatrix(
      rowNames: ["a"],
      featureNames: ["spend"],
      matrix: Matrix(rows: [[-2]])
    )
    #expect(throws: FeatureError.outOfDomain(column: "spend", row: 0, value: -2)) {
      try features.transformed([.logOnePlus])
    }
  }

  @Test("a list is transformed as number after number, up to the first that is not allowed")
  func transformedLists() {
    let numbers = [0, 1, 2.5, 4095, 4096, 4096.5, 1e9, 0.1, .nan, 17]
    for transformation in FeatureTransformation.allCases {
      var list = numbers + numbers.map { -$0 }
      let plain = list.map { transformation.apply($0) }
      let wrong = plain.firstIndex { $0 == nil }
      #expect(transformation.apply(to: &list, count: list.count) == wrong)
      for place in 0..<(wrong ?? list.count) {
        #expect(list[place] == plain[place] || list[place].isNaN)
      }
    }
    var list = [1.0, -1]
    #expect(FeatureTransformation.logOnePlus.apply(to: &list, count: 1) == nil)
    #expect(list == [0.6931471805599453, -1])
  }
}
