// swift-tools-version: 6.3
import PackageDescription

/// Settings of every Swift target: the language mode of today, with warnings as errors.
let settings: [SwiftSetting] = [
  .enableUpcomingFeature("ExistentialAny"),
  .enableUpcomingFeature("InternalImportsByDefault"),
  .enableUpcomingFeature("MemberImportVisibility"),
  .strictMemorySafety(),
  .treatAllWarnings(as: .error),
]

/// A Debian library behind its module map.
func debianLibrary(_ name: String, pkgConfig: String, package: String) -> Target {
  .systemLibrary(
    name: name,
    path: "Sources/SystemLibraries/\(name)",
    pkgConfig: pkgConfig,
    providers: [.apt([package])]
  )
}

/// A layer of the product; the arrows between layers are checked by `TidyTests`.
func layer(_ name: String, _ dependencies: [String]) -> Target {
  .target(
    name: name,
    dependencies: dependencies.map { .byName(name: $0) },
    swiftSettings: settings
  )
}

/// The tests of one layer.
func tests(_ name: String, _ dependencies: [String], resources: [Resource] = []) -> Target {
  .testTarget(
    name: name,
    dependencies: (dependencies + ["LodeTestSupport"]).map { .byName(name: $0) },
    exclude: [],
    resources: resources,
    swiftSettings: settings
  )
}

let package = Package(
  name: "lode",
  products: [
    .executable(name: "lode", targets: ["lode"])
  ],
  targets: [
    debianLibrary("COpenBLAS", pkgConfig: "openblas", package: "libopenblas-dev"),
    debianLibrary("CZstd", pkgConfig: "libzstd", package: "libzstd-dev"),
    debianLibrary("CSnappy", pkgConfig: "snappy", package: "libsnappy-dev"),
    debianLibrary("CZlib", pkgConfig: "zlib", package: "zlib1g-dev"),
    debianLibrary("CLZ4", pkgConfig: "liblz4", package: "liblz4-dev"),
    debianLibrary("CBrotli", pkgConfig: "libbrotlienc", package: "libbrotli-dev"),
    .systemLibrary(name: "CMalloc", path: "Sources/SystemLibraries/CMalloc"),
    .target(name: "CKernels"),

    layer("LodeRuntime", ["CMalloc", "CKernels"]),
    layer("LodeNumerics", ["LodeRuntime", "COpenBLAS", "CKernels"]),
    layer("LodeColumns", ["LodeRuntime"]),
    layer(
      "LodeFormats",
      ["LodeColumns", "LodeRuntime", "CZstd", "CSnappy", "CZlib", "CLZ4", "CBrotli"]
    ),
    layer("LodeWarehouse", ["LodeFormats", "LodeColumns", "LodeRuntime"]),
    layer("LodeMining", ["LodeNumerics", "LodeColumns", "LodeRuntime"]),
    layer("LodeCustomer", ["LodeMining", "LodeNumerics", "LodeColumns", "LodeRuntime"]),
    layer("LodeReports", ["LodeColumns", "LodeRuntime"]),
    layer(
      "LodePipeline",
      [
        "LodeReports", "LodeCustomer", "LodeMining", "LodeNumerics", "LodeWarehouse",
        "LodeFormats", "LodeColumns", "LodeRuntime",
      ]
    ),
    .executableTarget(
      name: "lode",
      dependencies: ["LodePipeline", "LodeRuntime"],
      swiftSettings: settings
    ),
    .executableTarget(
      name: "lode-bench",
      dependencies: [
        "LodePipeline", "LodeReports", "LodeCustomer", "LodeMining", "LodeNumerics",
        "LodeWarehouse", "LodeFormats", "LodeColumns", "LodeRuntime",
      ],
      swiftSettings: settings
    ),
    .target(
      name: "LodeTestSupport",
      dependencies: ["LodeFormats", "LodeColumns", "LodeRuntime"],
      path: "Tests/LodeTestSupport",
      swiftSettings: settings
    ),

    tests("LodeRuntimeTests", ["LodeRuntime"]),
    tests("LodeNumericsTests", ["LodeNumerics", "LodeRuntime"]),
    tests("LodeColumnsTests", ["LodeColumns", "LodeRuntime"]),
    tests("LodeFormatsTests", ["LodeFormats", "LodeColumns", "LodeRuntime"]),
    tests("LodeWarehouseTests", ["LodeWarehouse", "LodeFormats", "LodeColumns", "LodeRuntime"]),
    tests("LodeMiningTests", ["LodeMining", "LodeNumerics", "LodeColumns", "LodeRuntime"]),
    tests(
      "LodeCustomerTests",
      ["LodeCustomer", "LodeMining", "LodeNumerics", "LodeColumns", "LodeRuntime"]
    ),
    tests("LodeReportsTests", ["LodeReports", "LodeColumns", "LodeRuntime"]),
    tests(
      "LodePipelineTests",
      ["LodePipeline", "LodeWarehouse", "LodeFormats", "LodeColumns", "LodeRuntime"]
    ),
    tests("TidyTests", []),
    tests(
      "EndToEndTests",
      ["LodePipeline", "LodeWarehouse", "LodeColumns", "LodeRuntime", "lode"]
    ),
  ],
  swiftLanguageModes: [.v6]
)
