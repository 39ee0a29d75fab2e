/// One kernel: how our side and its peers are called, each as a process of its own.
struct BenchCase {
  /// A peer: its script in Tests/Bench and what it is given.
  struct Peer {
    let name: String
    let script: String
    var arguments: [String] = []
  }

  let name: String
  let size: String
  /// The arguments behind `lode-bench kernel`.
  let kernel: [String]
  let peers: [Peer]
  /// What the reader of the table should know.
  let note: String
  /// How many threads all sides may use.
  var threadCounts = [1, 2]
  /// The name of the files of order lines, without its ending.
  var stem = "lines"
  /// Whether all sides are kept from AVX2 and what is newer.
  var isBaseline = false

  /// All kernels at some size.
  static func all(_ sizes: BenchSizes) -> [BenchCase] {
    (sizes.name == "full" ? [weeklyCase(sizes.large)] : [])
      + lineCases(sizes) + matrixCases(sizes) + lifetimeCases(sizes) + [
        BenchCase(
          name: "frequent itemsets",
          size: "\(thousands(sizes.baskets)) baskets, \(sizes.items) items, support 0.5 %",
          kernel: ["itemsets", "0.005"],
          peers: [Peer(name: "mlxtend", script: "itemsets_mlxtend", arguments: ["0.005"])],
          note:
            "Ours is FrequentItemsets (Eclat) from baskets in memory, mlxtend's fpgrowth from a "
            + "one-hot frame in memory; making either is not timed. mlxtend has one thread only.",
          threadCounts: [1]
        )
      ]
  }

  private static func weeklyCase(_ set: LineSizes) -> BenchCase {
    BenchCase(
      name: "the whole week",
      size: "\(thousands(set.lines)) lines, \(thousands(set.customers)) customers",
      kernel: ["weekly"],
      peers: [Peer(name: "the usual script", script: "weekly_usual")],
      note: "From the CSV file to the list of 5,000: clean, features at five dates, churn scores, "
        + "k-means of 3 to 9 clusters, correlations, customer value, forecasts of 60 series, cube. "
        + "Ours is Tests/Bench/weekly.json5 into a new warehouse of durable tables; theirs is "
        + "Tests/Bench/weekly_usual.py with Polars, scikit-learn, lifetimes and statsforecast, "
        + "tables in memory. Ours grades value tiers, tests churn, clusters and lifetime models on "
        + "the past and says what it forecast for the last weeks besides.",
      threadCounts: [2],
      stem: set.stem
    )
  }

  private static func lifetimeCases(_ sizes: BenchSizes) -> [BenchCase] {
    let size = "\(thousands(sizes.points)) customers, in days"
    return [
      BenchCase(
        name: "BG/NBD fit",
        size: size,
        kernel: ["bgnbd"],
        peers: [
          Peer(name: "lifetimes", script: "bgnbd_lifetimes", arguments: ["fit"]),
          Peer(name: "lifetimes, grouped", script: "bgnbd_lifetimes", arguments: ["fit-grouped"]),
        ],
        note: "Frequency, recency and age of every customer to parameters with standard errors; "
          + "ours groups equal customers first, which is timed."
      ),
      BenchCase(
        name: "Pareto/NBD fit",
        size: size,
        kernel: ["pareto"],
        peers: [Peer(name: "lifetimes BG/NBD", script: "bgnbd_lifetimes", arguments: ["fit"])],
        note:
          "The same customers. lifetimes fits Pareto/NBD by Nelder-Mead, many times slower than "
          + "the BG/NBD that stands beside ours here."
      ),
      BenchCase(
        name: "lifetime scoring",
        size: size,
        kernel: ["lifetime-scores"],
        peers: [
          Peer(
            name: "lifetimes",
            script: "bgnbd_lifetimes",
            arguments: ["score", "365", "0.6", "40", "0.8", "2.4", "6", "3.7", "15"]
          )
        ],
        note: "Expected orders in a year, P(alive) and expected mean value of every customer from "
          + "given parameters. Ours makes prediction intervals of the orders too."
      ),
      BenchCase(
        name: "Gamma-Gamma fit",
        size: size,
        kernel: ["gamma-gamma"],
        peers: [Peer(name: "lifetimes", script: "bgnbd_lifetimes", arguments: ["value"])],
        note: "Of the customers with repeat purchases."
      ),
    ]
  }

  private static func lineCases(_ sizes: BenchSizes) -> [BenchCase] {
    storageCases(sizes.large) + [sizes.lines, sizes.large].flatMap { groupCases($0) }
      + customerCases(sizes.large)
  }

  private static func storageCases(_ set: LineSizes) -> [BenchCase] {
    let lines = "\(thousands(set.lines)) lines"
    return [
      BenchCase(
        name: "CSV to typed columns",
        size: "\(lines), 9 columns",
        kernel: ["csv"],
        peers: [
          Peer(name: "pyarrow", script: "csv_pyarrow"), Peer(name: "Polars", script: "csv_polars"),
          Peer(name: "DuckDB", script: "csv_duckdb"),
          Peer(name: "pyarrow, dictionaries", script: "csv_pyarrow_dict"),
          Peer(name: "Polars, categories", script: "csv_polars_dict"),
        ],
        note: "All types declared on all sides; reading the file (in the page cache) is timed. "
          + "Ours makes dictionary codes of texts and keeps the line of every row.",
        stem: set.stem
      ),
      BenchCase(
        name: "CSV, types found",
        size: "\(lines), 9 columns",
        kernel: ["csv-inferred"],
        peers: [
          Peer(name: "pyarrow", script: "csv_infer_pyarrow"),
          Peer(name: "Polars", script: "csv_infer_polars"),
          Peer(name: "DuckDB", script: "csv_infer_duckdb"),
        ],
        note: "No types declared: all sides look at every cell. pyarrow and DuckDB make doubles of "
          + "the amounts, ours exact decimals. Polars finds types first and dates afterwards.",
        stem: set.stem
      ),
      BenchCase(
        name: "Parquet write",
        size: "\(lines), 9 columns, zstd",
        kernel: ["parquet-write"],
        peers: [
          Peer(name: "pyarrow", script: "parquet_pyarrow", arguments: ["write"]),
          Peer(name: "Polars", script: "parquet_polars", arguments: ["write"]),
        ],
        note: "From a table in memory to a file, without waiting for the disk; zstd, ours at level "
          + "1 or, where that saves next to nothing, −3, the others at their default. Ours writes "
          + "page checksums and the page index too.",
        stem: set.stem
      ),
      BenchCase(
        name: "Parquet read",
        size: "\(lines), 9 columns, zstd",
        kernel: ["parquet-read"],
        peers: [
          Peer(name: "pyarrow", script: "parquet_pyarrow", arguments: ["read"]),
          Peer(name: "Polars", script: "parquet_polars", arguments: ["read"]),
        ],
        note: "The file that Lode wrote, all columns. Ours makes one dictionary of the texts of a "
          + "column and checks every page; the others keep plain texts.",
        stem: set.stem
      ),
      BenchCase(
        name: "Parquet scan",
        size: "\(lines), 3 of 9 columns",
        kernel: ["parquet-scan"],
        peers: [
          Peer(name: "DuckDB", script: "scan_duckdb"), Peer(name: "Polars", script: "scan_polars"),
          Peer(name: "pyarrow", script: "scan_pyarrow"),
        ],
        note: "The sum of quantity times amount, first and last time, from the file Lode wrote. "
          + "Ours checks the checksum of every page, the others by their defaults.",
        stem: set.stem
      ),
    ]
  }

  private static func groupCases(_ set: LineSizes) -> [BenchCase] {
    let groups = "\(thousands(set.lines)) lines, \(thousands(set.customers)) customers"
    let peers = [
      Peer(name: "DuckDB", script: "rfm_duckdb"), Peer(name: "Polars", script: "rfm_polars"),
    ]
    return [
      BenchCase(
        name: "RFM by integer ids",
        size: groups,
        kernel: ["rfm-grouping"],
        peers: peers,
        note: "Last day, distinct orders and value a customer, from a table in memory; the ids of "
          + "customers and orders are whole numbers far from each other.",
        stem: set.stem + "-ids"
      ),
      BenchCase(
        name: "RFM by text ids",
        size: groups,
        kernel: ["rfm-grouping"],
        peers: peers,
        note: "The same with ids as texts. A table of ours holds texts as codes into a dictionary "
          + "made when it was read, which is not timed here; the others hold plain texts.",
        stem: set.stem
      ),
    ]
  }

  private static func customerCases(_ set: LineSizes) -> [BenchCase] {
    let size = "\(thousands(set.lines)) lines, \(thousands(set.customers)) customers"
    let shards = ["\(set.stem)-shards/*.parquet"]
    return [
      BenchCase(
        name: "RFM from sorted shards",
        size: size,
        kernel: ["rfm-shards"],
        peers: [
          Peer(name: "DuckDB", script: "rfm_sorted_duckdb", arguments: shards),
          Peer(name: "Polars", script: "rfm_sorted_polars", arguments: shards),
        ],
        note: "From 16 Parquet files by customer, sorted by customer and time, reading included.",
        stem: set.stem
      ),
      BenchCase(
        name: "features of 12 dates",
        size: size,
        kernel: ["features"],
        peers: [
          Peer(name: "DuckDB", script: "features_duckdb"),
          Peer(name: "Polars", script: "features_polars"),
        ],
        note: "A row a customer and month, from a table in memory. Ours makes all 32 columns of "
          + "customer_features, the others the ten that are compared.",
        stem: set.stem
      ),
    ]
  }

  private static func matrixCases(_ sizes: BenchSizes) -> [BenchCase] {
    var cases: [BenchCase] = []
    for variant in [ClusterVariant.memory, .baseline, .file] {
      for k in ["8", "64"] {
        for precision in variant == .file ? ["float32"] : ["float64", "float32"] {
          cases.append(clusterCase(k: k, precision, variant, sizes))
        }
      }
    }
    cases.append(
      BenchCase(
        name: "logistic regression",
        size: "\(thousands(sizes.logisticRows)) × 50, L2 penalty",
        kernel: ["logistic", "1e-8"],
        peers: [
          Peer(
            name: "scikit-learn lbfgs",
            script: "logistic_sklearn",
            arguments: ["lbfgs", "1e-8"]
          ),
          Peer(
            name: "scikit-learn newton-cholesky",
            script: "logistic_sklearn",
            arguments: ["newton-cholesky", "1e-8"]
          ),
        ],
        note:
          "One objective: the negative log-likelihood plus half the sum of squared coefficients. "
          + "Ours starts from a Newton fit of every twentieth row, goes on by passes for the "
          + "gradient alone, and ends with one Newton step over all rows, whose information matrix "
          + "gives the standard errors; its gradient ends the smallest (largest entry, of "
          + "objective / n; see Details). lbfgs ends near 1e-8 by its own rule on the loss, "
          + "whatever its tolerance: a looser answer. The features alone take 400 MB, which "
          + "the others hold; ours reads them anew from the file in every pass, timed."
      )
    )
    return cases
  }

  /// How k-means is measured.
  private enum ClusterVariant {
    /// Of points in memory, by the best instructions of the machine.
    case memory
    /// Of points in memory, without AVX2 and what is newer.
    case baseline
    /// Of points that stay in their file.
    case file
  }

  private static func clusterCase(
    k: String,
    _ precision: String,
    _ variant: ClusterVariant,
    _ sizes: BenchSizes
  ) -> BenchCase {
    var peers = [
      Peer(name: "scikit-learn Lloyd", script: "kmeans_sklearn", arguments: [k, precision])
    ]
    if precision == "float32" {
      peers.append(Peer(name: "faiss", script: "kmeans_faiss", arguments: [k]))
    }
    let (ending, note) =
      switch variant {
      case .memory:
        (
          "",
          "Same start (the first k rows) and 20 iterations with the final assignment. Ours keeps "
            + "exact sums and reports the inertia in float64 in both. In float32 the points are "
            + "floats from the start on all sides: 64 MB a million rows."
        )
      case .baseline:
        (
          ", without AVX2",
          "The same on the instructions that every x86-64 machine has: ours by the kernel chosen "
            + "there, the others by OPENBLAS_CORETYPE=NEHALEM and FAISS_SIMD_LEVEL=NONE."
        )
      case .file:
        (
          " in a file",
          "The same as k=\(k), float32, and the same bits. The others hold the 64 MB of points, "
            + "read before the clock starts; ours holds the first 23 MB and reads the others anew "
            + "from the file in all 23 passes, timed. Without rows held that takes 0.06 to 0.13 s "
            + "of CPU whatever k is, by how the system keeps the file in memory."
        )
      }
    return BenchCase(
      name: "k-means k=\(k), \(precision)\(ending)",
      size: "\(thousands(sizes.points)) × 16, 20 iterations",
      kernel: ["kmeans", k, precision] + (variant == .file ? ["file"] : []),
      peers: peers,
      note: note,
      isBaseline: variant == .baseline
    )
  }

  /// 5000000 as `5,000,000`.
  static func thousands(_ number: Int) -> String {
    let digits = Array(String(number))
    var text = ""
    for (place, digit) in digits.enumerated() {
      if place > 0, (digits.count - place) % 3 == 0 { text += "," }
      text.append(digit)
    }
    return text
  }
}
