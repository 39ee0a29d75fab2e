import LodeNumerics

/// Small published data sets of yes/no outcomes.
enum LogisticExamples {
  /// A data set.
  struct Example: Sendable {
    let featureNames: [String]
    let features: Matrix
    let outcomes: [Bool]
  }

  /// Grade point average, economics test score, new teaching method; better grade.
  ///
  /// Spector & Mazzeo (1980), as printed in Greene, "Econometric Analysis", Table F14.1.
  static let spector = Example(
    featureNames: ["gpa", "tuce", "psi"],
    features: Matrix(columns: [
      [
        2.66, 2.89, 3.28, 2.92, 4.00, 2.86, 2.76, 2.87, 3.03, 3.92, 2.63, 3.32, 3.57, 3.26, 3.53,
        2.74, 2.75, 2.83, 3.12, 3.16, 2.06, 3.62, 2.89, 3.51, 3.54, 2.83, 3.39, 2.67, 3.65, 4.00,
        3.10, 2.39,
      ],
      [
        20, 22, 24, 12, 21, 17, 17, 21, 25, 29, 20, 23, 23, 25, 26, 19,
        25, 19, 23, 25, 22, 28, 14, 26, 24, 27, 17, 24, 21, 23, 21, 19,
      ],
      [Double](repeating: 0, count: 18) + [Double](repeating: 1, count: 14),
    ]),
    outcomes: [
      0, 0, 0, 0, 1, 0, 0, 0, 0, 1, 0, 0, 0, 1, 0, 0,
      0, 0, 0, 1, 0, 1, 0, 0, 1, 1, 1, 0, 1, 1, 0, 1,
    ]
    .map { $0 == 1 }
  )

  /// Tobacco budworms killed by doses of trans-cypermethrin, 20 of each sex and dose.
  ///
  /// Sex (male), log₂ dose; killed. Collett (1991), "Modelling Binary Data", page 75.
  static let budworm: Example = {
    var rows: [[Double]] = []
    var outcomes: [Bool] = []
    for (isMale, killed) in [(1.0, [1, 4, 9, 13, 18, 20]), (0, [0, 2, 6, 10, 12, 16])] {
      for (dose, count) in killed.enumerated() {
        for i in 0..<20 {
          rows.append([isMale, Double(dose)])
          outcomes.append(i < count)
        }
      }
    }
    return Example(
      featureNames: ["male", "log dose"],
      features: Matrix(rows: rows),
      outcomes: outcomes
    )
  }()

  /// Neovasculization, pulsatility index, endometrium height; high grade of endometrial cancer.
  ///
  /// No patient with NV has a low grade. Heinze & Schemper (2002), Statistics in Medicine 21; as
  /// in R's `brglm2`.
  static let endometrial: Example = {
    let rows: [[Double]] = [
      [0, 13, 1.64, 0], [0, 16, 2.26, 0], [0, 8, 3.14, 0], [0, 34, 2.68, 0], [0, 20, 1.28, 0],
      [0, 5, 2.31, 0], [0, 17, 1.8, 0], [0, 10, 1.68, 0], [0, 26, 1.56, 0], [0, 17, 2.31, 0],
      [0, 8, 2.01, 0], [0, 7, 1.89, 0], [0, 20, 3.15, 0], [0, 10, 1.23, 0], [0, 18, 1.27, 0],
      [0, 16, 1.76, 0], [0, 18, 2, 0], [0, 8, 2.64, 1], [0, 29, 0.88, 1], [0, 12, 1.27, 1],
      [0, 20, 1.37, 1], [1, 38, 0.97, 1], [1, 22, 1.14, 1], [1, 7, 0.88, 1], [1, 25, 0.91, 1],
      [1, 15, 0.58, 1], [0, 7, 0.97, 1], [0, 28, 1.5, 0], [0, 11, 1.33, 0], [0, 19, 2.37, 0],
      [0, 10, 1.82, 0], [0, 10, 3.13, 0], [0, 18, 1.31, 0], [0, 14, 1.92, 0], [0, 21, 1.64, 0],
      [0, 11, 2.01, 0], [0, 17, 1.88, 0], [0, 25, 1.93, 0], [0, 16, 2.11, 0], [0, 19, 1.29, 0],
      [0, 15, 1.72, 0], [0, 33, 0.75, 0], [0, 24, 1.92, 0], [0, 48, 1.84, 1], [0, 12, 1.11, 1],
      [0, 19, 1.61, 1], [0, 2, 1.18, 1], [1, 22, 1.44, 1], [1, 40, 1.18, 1], [1, 5, 0.93, 1],
      [1, 0, 1.17, 1], [0, 21, 1.19, 1], [0, 15, 1.06, 1], [0, 29, 2.02, 0], [0, 15, 2.29, 0],
      [0, 12, 2.33, 0], [0, 3, 2.9, 0], [0, 20, 1.7, 0], [0, 23, 1.41, 0], [0, 12, 2.25, 0],
      [0, 22, 1.54, 0], [0, 42, 1.97, 0], [0, 15, 1.75, 0], [0, 13, 2.16, 0], [0, 14, 2.57, 0],
      [0, 19, 1.37, 0], [0, 12, 3.61, 0], [0, 13, 2.04, 0], [0, 10, 2.17, 0], [0, 12, 1.69, 1],
      [1, 49, 0.27, 1], [0, 6, 1.84, 1], [0, 5, 1.3, 1], [0, 17, 0.96, 1], [1, 11, 1.01, 1],
      [1, 21, 0.98, 1], [0, 5, 0.35, 1], [1, 19, 1.02, 1], [0, 33, 0.85, 1],
    ]
    return Example(
      featureNames: ["NV", "PI", "EH"],
      features: Matrix(rows: rows.map { Array($0.dropLast()) }),
      outcomes: rows.map { $0[3] == 1 }
    )
  }()
}
