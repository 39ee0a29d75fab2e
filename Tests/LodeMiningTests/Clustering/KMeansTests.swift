import FoundationEssentials
import LodeMining
import LodeNumerics
import LodeRuntime
import Testing

/// `groups` normal clouds of spread one around random centers, row i in cloud i mod `groups`.
func clouds(_ count: Int, dimension: Int, groups: Int, seed: UInt64) -> Matrix {
  var random = CounterRandom(seed: seed)
  let centers = (0..<groups * dimension).map { _ in random.uniform() * 40 }
  var elements: [Double] = []
  for i in 0..<count {
    for j in 0..<dimension {
      elements.append(centers[i % groups * dimension + j] + random.normal())
    }
  }
  return Matrix(rowCount: count, columnCount: dimension, elements: elements)
}

extension CounterRandom {
  /// The numbers 0..<`count` in some fixed other order.
  fileprivate static func shuffled(_ count: Int) -> [Int] {
    var random = CounterRandom(seed: 99)
    var order = Array(0..<count)
    for i in stride(from: count - 1, to: 0, by: -1) {
      order.swapAt(i, random.integer(below: i + 1))
    }
    return order
  }
}

/// Lloyd's algorithm as one would write it on a blackboard, the reference for the fast one.
private func plainLloyd(_ points: Matrix, from start: Matrix) -> (labels: [Int], iterations: Int) {
  var centroids = (0..<start.rowCount).map { start.row($0) }
  var labels: [Int] = []
  var iterations = 0
  while true {
    iterations += 1
    let assigned = (0..<points.rowCount)
      .map { row in
        let distances = centroids.map { center in
          zip(points.row(row), center).reduce(0) { $0 + ($1.0 - $1.1) * ($1.0 - $1.1) }
        }
        return distances.indices.min { (distances[$0], $0) < (distances[$1], $1) } ?? 0
      }
    if assigned == labels { return (labels, iterations) }
    labels = assigned
    for cluster in centroids.indices {
      let members = labels.indices.filter { labels[$0] == cluster }
      guard !members.isEmpty else { continue }
      centroids[cluster] = (0..<points.columnCount)
        .map { j in
          members.reduce(0) { $0 + points[$1, j] } / Double(members.count)
        }
    }
  }
}

@Suite("KMeans")
struct KMeansTests {
  @Test("four points in two pairs form the two pairs")
  func workedExample() throws {
    // Means (0, 1) and (10, 1), every point at distance 1: inertia 4. Pass 1 assigns, pass 2
    // finds no change.
    let points = Matrix(rows: [[0, 0], [0, 2], [10, 0], [10, 2]])
    let model = try KMeans(clusterCount: 2)
      .fit(points, initialCentroids: points.gathering(rows: [0, 2]))
    #expect(model.assignment == [0, 0, 1, 1])
    #expect(model.centroids == Matrix(rows: [[0, 1], [10, 1]]))
    #expect(model.inertia == 4)
    #expect(model.iterations == 2)
    #expect(model.converged)
  }

  @Test("the fast kernels take the steps of plain Lloyd", arguments: [1, 2, 3, 8, 9, 20])
  func againstPlainLloyd(_ dimension: Int) throws {
    let points = clouds(601, dimension: dimension, groups: 4, seed: UInt64(dimension))
    let start = points.gathering(rows: [0, 61, 122, 183, 244])
    let model = try KMeans(clusterCount: 5).fit(points, initialCentroids: start)
    let plain = plainLloyd(points, from: start)
    #expect(model.assignment == plain.labels)
    #expect(model.iterations == plain.iterations)
  }

  @Test("one thread and many give the same bits", arguments: [3, 12])
  func threads(_ dimension: Int) throws {
    let points = clouds(9000, dimension: dimension, groups: 3, seed: 5)
    let configuration = KMeans(clusterCount: 4, seedingCount: 1, maximumIterations: 5)
    let before = Parallel.threadCount
    defer { Parallel.threadCount = before }
    Parallel.threadCount = 1
    let one = try configuration.fit(points)
    Parallel.threadCount = 4
    #expect(try configuration.fit(points) == one)
  }

  @Test("rows in another order give the same centroids to the bit", arguments: [2, 12])
  func rowOrder(_ dimension: Int) throws {
    let points = clouds(5000, dimension: dimension, groups: 5, seed: 7)
    let order = CounterRandom.shuffled(5000)
    let shuffled = points.gathering(rows: order)
    for precision in KMeans.Precision.allCases {
      let configuration = KMeans(clusterCount: 6, seedingCount: 2, precision: precision)
      let model = try configuration.fit(points)
      let other = try configuration.fit(shuffled)
      #expect(other.centroids == model.centroids)
      #expect(other.inertia == model.inertia)
      #expect(other.assignment == order.map { model.assignment[$0] })
    }
  }

  @Test("a row of weight three counts as three rows")
  func weights() throws {
    let points = clouds(400, dimension: 3, groups: 3, seed: 9)
    let weights = (0..<400).map { Double($0 % 3 + 1) }
    let repeated = points.gathering(
      rows: (0..<400).flatMap { Array(repeating: $0, count: $0 % 3 + 1) }
    )
    let start = points.gathering(rows: [0, 1, 2, 3])
    let weighted = try KMeans(clusterCount: 4)
      .fit(points, weights: weights, initialCentroids: start)
    let plain = try KMeans(clusterCount: 4).fit(repeated, initialCentroids: start)
    for i in 0..<12 {
      let difference = weighted.centroids.elements[i] - plain.centroids.elements[i]
      #expect(abs(difference) < 1e-12)
    }
    #expect(abs(weighted.inertia / plain.inertia - 1) < 1e-12)
    #expect(throws: KMeans.FitError.wrongWeights(row: 1)) {
      try KMeans(clusterCount: 1).fit(Matrix(rows: [[1], [2]]), weights: [1, 0])
    }
  }

  @Test("floats and doubles give the same labels for well-behaved points", arguments: [3, 16])
  func precision(_ dimension: Int) throws {
    let points = clouds(3000, dimension: dimension, groups: 4, seed: 21)
    let start = points.gathering(rows: [0, 1, 2, 3])
    let wide = try KMeans(clusterCount: 4).fit(points, initialCentroids: start)
    let narrow = try KMeans(clusterCount: 4, precision: .float32)
      .fit(points, initialCentroids: start)
    #expect(narrow.assignment == wide.assignment)
    #expect(narrow.inertia == wide.inertia)
  }

  @Test("points in floats give the same bits on any threads and in any order", arguments: [2, 16])
  func floatPoints(_ dimension: Int) throws {
    let points = clouds(9000, dimension: dimension, groups: 5, seed: 22)
    let narrow = FloatMatrix(points)
    let start = points.gathering(rows: [0, 1, 2, 3, 4])
    let kMeans = KMeans(clusterCount: 5, precision: .float32)
    let model = try kMeans.fit(narrow, initialCentroids: start)
    let before = Parallel.threadCount
    defer { Parallel.threadCount = before }
    for threads in [1, 2, 3, 8] {
      Parallel.threadCount = threads
      #expect(try kMeans.fit(narrow, initialCentroids: start) == model)
    }
    let order = (0..<9000).map { ($0 * 7) % 9000 }
    let shuffled = try kMeans.fit(
      FloatMatrix(points.gathering(rows: order)),
      initialCentroids: start
    )
    #expect(shuffled.centroids == model.centroids)
    #expect(shuffled.inertia == model.inertia)
    #expect(shuffled.assignment == order.map { model.assignment[$0] })
    let wide = try KMeans(clusterCount: 5).fit(narrow.widened, initialCentroids: start)
    #expect(wide.assignment == model.assignment)
    #expect(abs(wide.inertia / model.inertia - 1) < 1e-12)
    let seeded = try KMeans(clusterCount: 5, seed: 3, precision: .float32).fit(narrow)
    #expect(try KMeans(clusterCount: 5, seed: 3).fit(narrow.widened).sizes == seeded.sizes)
  }

  @Test("a float that is not finite is told by row and column")
  func floatNotFinite() {
    var elements = [Float](repeating: 1, count: 12_000)
    elements[10_001] = .nan
    let points = FloatMatrix(rowCount: 6000, columnCount: 2, elements: elements)
    #expect(throws: KMeans.FitError.notFinite(row: 5000, column: 1)) {
      try KMeans(clusterCount: 1).fit(points)
    }
  }

  @Test("well separated clouds are found again, whatever the seed", arguments: 0..<10)
  func clouds3(_ seed: UInt64) throws {
    let points = clouds(300, dimension: 2, groups: 3, seed: 11)
    let model = try KMeans(clusterCount: 3, seed: seed).fit(points)
    for i in 3..<300 { #expect(model.assignment[i] == model.assignment[i % 3]) }
    #expect(model.predict(points) == model.assignment)
  }

  @Test("an empty cluster takes the farthest point")
  func emptyCluster() throws {
    let points = Matrix(rows: [[0], [1], [2], [50]])
    let model = try KMeans(clusterCount: 2)
      .fit(
        points,
        initialCentroids: Matrix(rows: [[10], [1000]])
      )
    #expect(model.assignment == [0, 0, 0, 1])
  }

  @Test("scaling the points by 1000 scales the inertia by a million and keeps the labels")
  func scaling() throws {
    let points = clouds(200, dimension: 3, groups: 3, seed: 3)
    let scaled = Matrix(
      rowCount: 200,
      columnCount: 3,
      elements: points.elements.map { $0 * 1024 }
    )
    let model = try KMeans(clusterCount: 3).fit(points)
    let other = try KMeans(clusterCount: 3).fit(scaled)
    #expect(other.assignment == model.assignment)
    #expect(abs(other.inertia / model.inertia / 1_048_576 - 1) < 1e-12)
  }

  @Test("tiny units do not lose precision")
  func tinyUnits() throws {
    let points = Matrix(rows: [[1e-12], [2e-12], [9e-12], [8e-12]])
    let model = try KMeans(clusterCount: 2).fit(points)
    #expect(model.assignment[0] == model.assignment[1])
    #expect(model.assignment[2] == model.assignment[3])
    #expect(abs(model.inertia / 1e-24 - 1) < 1e-9)
  }

  @Test("a model survives JSON and predicts the same")
  func coding() throws {
    let points = clouds(60, dimension: 2, groups: 3, seed: 1)
    let model = try KMeans(clusterCount: 3).fit(points)
    let decoded = try JSONDecoder()
      .decode(
        KMeans.Model.self,
        from: JSONEncoder().encode(model)
      )
    #expect(decoded == model)
  }

  @Test("points that cannot be clustered are refused with the reason")
  func refusals() {
    #expect(throws: KMeans.FitError.tooFewRows(rows: 2, clusterCount: 3)) {
      try KMeans(clusterCount: 3).fit(Matrix(rows: [[1], [2]]))
    }
    #expect(throws: KMeans.FitError.tooFewDistinctRows(distinctRows: 1, clusterCount: 2)) {
      try KMeans(clusterCount: 2).fit(Matrix(rows: [[1], [1], [1]]))
    }
    #expect(throws: KMeans.FitError.notFinite(row: 1, column: 0)) {
      try KMeans(clusterCount: 1).fit(Matrix(rows: [[1], [.nan]]))
    }
    #expect(
      KMeans.FitError.tooFewDistinctRows(distinctRows: 1, clusterCount: 2).description
        == "there are only 1 different rows for 2 clusters; ask for at most 1 or add a feature "
        + "that tells the rows apart."
    )
  }
}
