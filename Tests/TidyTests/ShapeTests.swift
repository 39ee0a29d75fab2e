import Testing

@Suite("Shape of the code")
struct ShapeTests {
  static let files =
    Repository.swiftFiles(under: "Sources") + Repository.swiftFiles(under: "Tests")
    + Repository.swiftFiles(under: "Package.swift")

  @Test("no file is longer than 600 lines")
  func filesAreShort() {
    for file in Self.files {
      #expect(file.lines.count <= 600, "\(file.path) has \(file.lines.count) lines")
    }
  }

  @Test("no line is longer than 100 columns")
  func linesAreShort() {
    for file in Self.files {
      for (index, line) in file.lines.enumerated() where line.count > 100 {
        Issue.record("\(file.path):\(index + 1) has \(line.count) columns")
      }
    }
  }

  @Test("no function is longer than 70 lines")
  func functionsFitOnAScreen() {
    for file in Self.files {
      for (start, length) in Functions.lengths(in: file.lines) where length > 70 {
        Issue.record("\(file.path):\(start + 1): a function of \(length) lines")
      }
    }
  }

  @Test("no file has a name that says nothing")
  func fileNamesSayWhatIsInside() {
    for file in Self.files {
      for banned in ["Utils", "Helpers", "Common", "Manager"] {
        #expect(!file.path.contains("\(banned).swift"), "\(file.path)")
      }
    }
  }
}

/// Finds functions by their indentation: from the declaration to the brace in the same column.
enum Functions {
  /// The first line and the number of lines of each function or initialiser with a body.
  static func lengths(in lines: [String]) -> [(start: Int, length: Int)] {
    var found: [(start: Int, length: Int)] = []
    for (start, line) in lines.enumerated() {
      let body = line.drop { $0 == " " }
      let indent = line.count - body.count
      let words = body.prefix { $0 != "(" && $0 != "{" }.split(separator: " ")
      let isFunction = words.contains { $0 == "func" || $0 == "init" || $0 == "init?" }
      guard isFunction, !body.hasPrefix("//"), !body.hasSuffix("}") else { continue }
      let closing = String(repeating: " ", count: indent) + "}"
      let rest = lines[(start + 1)...]
      guard let end = rest.firstIndex(of: closing) else { continue }
      found.append((start, end - start + 1))
    }
    return found
  }
}
