import Foundation

extension BadInput {
  static let ofFiles: [BadInput] = [
    BadInput(name: "missing file", exitCode: 75, message: "X1") {
      try FileManager.default.removeItem(at: $0.folder.appendingPathComponent("orders.csv"))
    },
    BadInput(name: "directory", exitCode: 1, message: "X2") {
      let path = $0.folder.appendingPathComponent("orders.csv")
      try FileManager.default.removeItem(at: path)
      try FileManager.default.createDirectory(at: path, withIntermediateDirectories: true)
    },
    BadInput(name: "empty file", exitCode: 1, message: "X3") {
      try $0.write("", to: "orders.csv")
    },
    BadInput(name: "binary file", exitCode: 1, message: "X4") {
      try $0.write(bytes: [0x50, 0x4B, 0x03, 0x04, 0, 0, 1, 2], to: "orders.csv")
    },
    BadInput(name: "no header", exitCode: 1, message: "X5") {
      try $0.write("0001,2026-01-05,10.00\n0002,2026-01-06,20.50\n", to: "orders.csv")
    },
    BadInput(name: "damaged gzip file", exitCode: 1, message: "X6") {
      try $0.write(bytes: [0x1F, 0x8B, 8, 0, 0, 0, 0, 0, 0, 3, 1, 2], to: "orders.csv")
    },
  ]

  static let ofRows: [BadInput] = [
    BadInput(name: "ragged row", exitCode: 3, message: "X7") {
      try $0.write(SmallShop.goodRows + "0004,2026-05-01\n", to: "orders.csv")
    },
    BadInput(name: "bad number", exitCode: 3, message: "X8") {
      try $0.write(SmallShop.goodRows + "0004,2026-05-01,ten\n", to: "orders.csv")
    },
    BadInput(name: "bad date", exitCode: 3, message: "X9") {
      try $0.write(SmallShop.goodRows + "0004,2026-02-30,10.00\n", to: "orders.csv")
    },
    BadInput(name: "bad UTF-8", exitCode: 3, message: "X10") {
      try $0.write(
        bytes: Array(SmallShop.goodRows.utf8) + [0x4D, 0xFC, 0x6C]
          + Array(",2026-05-01,10.00\n".utf8),
        to: "orders.csv"
      )
    },
    BadInput(name: "negative price", exitCode: 3, message: "X11") {
      try $0.write(SmallShop.goodRows + "0004,2026-05-01,-10.00\n", to: "orders.csv")
    },
    BadInput(name: "future date", exitCode: 3, message: "X12") {
      try $0.write(SmallShop.goodRows + "0004,2062-05-01,10.00\n", to: "orders.csv")
    },
    BadInput(name: "quote never closed", exitCode: 1, message: "X13") {
      try $0.write(SmallShop.goodRows + "\"0004,2026-05-01,10.00\n", to: "orders.csv")
    },
  ]

  static let ofPipelines: [BadInput] = [
    BadInput(name: "unknown column in the pipeline", exitCode: 2, message: "X14") {
      try $0.changePipeline("at: \"day\"", to: "at: \"date\"")
    },
    BadInput(name: "unknown key", exitCode: 2, message: "X15") {
      try $0.changePipeline("max_bad_share: 0,", to: "max_bad_shar: 0,")
    },
    BadInput(name: "cycle", exitCode: 2, message: "X16") {
      try $0.changePipeline(
        "op: \"clean\", needs: [\"sales_in\"]",
        to: "op: \"clean\", needs: [\"sales_in\", \"value\"]"
      )
    },
    BadInput(name: "typo in a stage name", exitCode: 2, message: "X17") {
      try $0.changePipeline("needs: [\"sales\"]", to: "needs: [\"slaes\"]")
    },
    BadInput(name: "typo in a kind of stage", exitCode: 2, message: "X18") {
      try $0.changePipeline("op: \"clean\"", to: "op: \"claen\"")
    },
    BadInput(name: "wrong type", exitCode: 2, message: "X19") {
      try $0.changePipeline("max_bad_share: 0,", to: "max_bad_share: \"none\",")
    },
    BadInput(name: "duplicate key", exitCode: 2, message: "X20") {
      try $0.changePipeline("currency: \"EUR\",", to: "currency: \"EUR\", currency: \"USD\",")
    },
    BadInput(name: "syntax error", exitCode: 2, message: "X21") {
      try $0.changePipeline("currency: \"EUR\",", to: "currency \"EUR\",")
    },
    BadInput(name: "declared type of a missing column", exitCode: 1, message: "X22") {
      try $0.changePipeline("customer: \"text\"", to: "custmer: \"text\"")
    },
  ]

  static let ofSurroundings: [BadInput] = [
    BadInput(
      name: "as-of before the first row",
      exitCode: 2,
      message: "X23",
      arguments: ["--as-of", "2020-01-01"]
    ) { _ in },
    BadInput(
      name: "unwritable warehouse",
      exitCode: 1,
      message: "X24",
      arguments: ["--warehouse", "/proc/lode"]
    ) { _ in },
    BadInput(
      name: "full disk",
      exitCode: 75,
      message: "X25",
      environment: ["LODE_TEST_DISK_LIMIT": "2000"]
    ) {
      try $0.write(SmallShop.goodRows + "0004,2026-05-01,10.00\n", to: "orders.csv")
    },
    BadInput(
      name: "no date",
      exitCode: 2,
      message: "X26",
      arguments: ["--as-of", "yesteryear"]
    ) { _ in },
    BadInput(name: "unknown stage", exitCode: 2, message: "X27", arguments: ["featurs"]) { _ in },
    BadInput(name: "unknown option", exitCode: 2, message: "X28", arguments: ["--thread", "2"]) {
      _ in
    },
  ]
}
