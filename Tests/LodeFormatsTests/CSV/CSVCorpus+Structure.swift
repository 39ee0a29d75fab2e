import LodeFormats

/// The corpus of delimited documents: adding a case adds no code.
enum CSVCorpus {
  static let structure: [CSVCase] = [
    CSVCase(
      "plain",
      "a,b\n1,x\n2,y\n",
      columns: "a integer, b text",
      rows: [["1", "x"], ["2", "y"]],
      lines: [2, 3]
    ),
    CSVCase("no newline at the end", "a,b\n1,x", columns: "a integer, b text", rows: [["1", "x"]]),
    CSVCase(
      "an empty last field at the end",
      "a,b\n1,",
      columns: "a integer, b text",
      rows: [["1", nil]]
    ),
    CSVCase(
      "CRLF",
      "a,b\r\n1,x\r\n2,y\r\n",
      columns: "a integer, b text",
      rows: [["1", "x"], ["2", "y"]],
      lines: [2, 3]
    ),
    CSVCase(
      "CR alone",
      "a,b\r1,x\r2,y\r",
      columns: "a integer, b text",
      rows: [["1", "x"], ["2", "y"]],
      lines: [2, 3]
    ),
    CSVCase(
      "mixed line ends",
      "a,b\r\n1,x\n2,y\r3,z",
      columns: "a integer, b text",
      rows: [["1", "x"], ["2", "y"], ["3", "z"]],
      lines: [2, 3, 4]
    ),
    CSVCase(
      "byte-order mark",
      bytes: [0xEF, 0xBB, 0xBF] + Array("id,n\nx,1\n".utf8),
      columns: "id text, n integer",
      rows: [["x", "1"]]
    ),
    CSVCase("header alone", "a,b\n", columns: "a text, b text", rows: []),
    CSVCase(
      "quotes around everything",
      "\"a\",\"b\"\n\"1\",\"x,y\"\n",
      columns: "a integer, b text",
      rows: [["1", "x,y"]]
    ),
    CSVCase(
      "doubled quotes",
      "a,b\n1,\"say \"\"hi\"\"\"\n2,\"\"\"\"\n",
      columns: "a integer, b text",
      rows: [["1", "say \"hi\""], ["2", "\""]]
    ),
    CSVCase(
      "a quote inside an unquoted field",
      "a,b\n1,5\" disk\n",
      columns: "a integer, b text",
      rows: [["1", "5\" disk"]]
    ),
    CSVCase(
      "embedded newlines are counted",
      "a,b\n1,\"x\ny\"\n2,\"p\r\nq\"\n3,z\n",
      columns: "a integer, b text",
      rows: [["1", "x\ny"], ["2", "p\r\nq"], ["3", "z"]],
      lines: [2, 4, 6]
    ),
    CSVCase(
      "embedded CR alone is counted",
      "a,b\r1,\"x\ry\"\r2,z\r",
      columns: "a integer, b text",
      rows: [["1", "x\ry"], ["2", "z"]],
      lines: [2, 4]
    ),
    CSVCase(
      "blank lines",
      "a,b\n\n1,x\n\n\n2,y\n\n\n",
      columns: "a integer, b text",
      rows: [["1", "x"], ["2", "y"]],
      lines: [3, 6]
    ),
    CSVCase(
      "blank lines before the header",
      "\n\na,b\n1,x\n",
      columns: "a integer, b text",
      rows: [["1", "x"]],
      lines: [4]
    ),
    CSVCase(
      "a row of delimiters is a row",
      "a,b\n,\n1,x\n",
      columns: "a integer, b text",
      rows: [[nil, nil], ["1", "x"]]
    ),
    CSVCase("one column", "name\nx\ny\n", columns: "name text", rows: [["x"], ["y"]]),
    CSVCase(
      "one column, a delimiter in one cell",
      "c0\nv0\na;b\n",
      columns: "c0 text",
      rows: [["v0"], ["a;b"]]
    ),
    CSVCase(
      "empty quoted text differs from missing",
      "a,b\n1,\"\"\n2,\n",
      columns: "a integer, b text",
      rows: [["1", ""], ["2", nil]]
    ),
    CSVCase(
      "empty quoted cell of a number is missing",
      "a,b\n\"\",x\n2,y\n",
      columns: "a integer, b text",
      rows: [[nil, "x"], ["2", "y"]]
    ),
    CSVCase(
      "semicolons",
      "a;b\n1;x,y\n2;z\n",
      columns: "a integer, b text",
      rows: [["1", "x,y"], ["2", "z"]]
    ),
    CSVCase("tabs", "a\tb\n1\tx y\n", columns: "a integer, b text", rows: [["1", "x y"]]),
    CSVCase(
      "bars",
      "a|b|c\n1|x|2\n",
      columns: "a integer, b text, c integer",
      rows: [["1", "x", "2"]]
    ),
    CSVCase(
      "commas in quotes do not make a delimiter",
      "a;b\n\"1,2,3\";x\n\"4,5,6\";y\n",
      columns: "a text, b text",
      rows: [["1,2,3", "x"], ["4,5,6", "y"]]
    ),
    CSVCase(
      "a declared delimiter",
      "a,b;c\n1,2;3\n",
      columns: "a,b text, c integer",
      rows: [["1,2", "3"]]
    ) { $0.delimiter = UInt8(ascii: ";") },
    CSVCase(
      "names by option",
      "x,1\ny,2\n",
      columns: "id text, n integer",
      rows: [["x", "1"], ["y", "2"]],
      lines: [1, 2]
    ) { $0.columnNames = ["id", "n"] },
    CSVCase(
      "blanks belong to the text",
      "a,b\n x ,1\n",
      columns: "a text, b integer",
      rows: [[" x ", "1"]]
    ),
    CSVCase(
      "a header named like a word for no number",
      "nan,inf\n1,2\n",
      columns: "nan integer, inf integer",
      rows: [["1", "2"]]
    ),
    CSVCase(
      "ragged rows are rejected with their line",
      "a,b\n1\n2,x\n3,y,z\n4,w\n",
      columns: "a integer, b text",
      rows: [["2", "x"], ["4", "w"]],
      lines: [3, 5],
      rejects: ["2 ragged", "4 ragged"]
    ),
    CSVCase(
      "text behind a closing quote is rejected",
      "a,b\n\"1\"2,x\n3,y\n",
      columns: "a integer, b text",
      rows: [["3", "y"]],
      rejects: ["2 bad_quoting"]
    ),
    CSVCase(
      "a quote behind a blank is rejected as ragged",
      "a,b\n1, \"x,y\"\n2,z\n",
      columns: "a integer, b text",
      rows: [["2", "z"]],
      rejects: ["2 ragged"]
    ),
    CSVCase(
      "all reasons of a record are told",
      bytes: Array("a,b\n2,z\n".utf8) + [UInt8](repeating: 0x0A, count: 4096)
        + Array("1,\"x\"y,".utf8) + [0xFF, 0] + Array("\n".utf8),
      columns: "a integer, b text",
      rows: [["2", "z"]],
      rejects: ["4099 ragged bad_quoting bad_utf8 zero_byte"]
    ) { $0.delimiter = UInt8(ascii: ",") },
  ]
}
