import Testing

@Suite("Documentation")
struct DocumentationTests {
  @Test("every public and package declaration has a doc comment")
  func declarationsAreDocumented() {
    for file in Repository.swiftFiles(under: "Sources") {
      var previous = ""
      for (index, line) in file.lines.enumerated() {
        let code = line.drop { $0 == " " }
        let isDeclaration =
          (code.hasPrefix("public ") || code.hasPrefix("package "))
          && !code.hasPrefix("public import") && !code.hasPrefix("package import")
        if isDeclaration, !previous.hasPrefix("///") {
          Issue.record("\(file.path):\(index + 1): \(code)")
        }
        if !code.hasPrefix("@") { previous = String(code) }
      }
    }
  }
}
