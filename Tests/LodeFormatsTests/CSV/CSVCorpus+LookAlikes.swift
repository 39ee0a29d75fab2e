import LodeColumns
import LodeFormats

extension CSVCorpus {
  /// A column of cells that must stay exactly as they are.
  private static func text(_ name: String, _ cells: [String]) -> CSVCase {
    CSVCase(
      name,
      "x\n" + cells.joined(separator: "\n") + "\n",
      columns: "x text",
      rows: cells.map { [$0] }
    ) { $0.delimiter = UInt8(ascii: ",") }
  }

  /// Texts that other readers change without a word.
  static let lookAlikes: [CSVCase] = [
    text("a leading zero among numbers", ["1", "2", "03"]),
    text("a negative leading zero", ["-01", "5"]),
    text("a negative zero", ["-0", "5"]),
    text("twenty digits", ["12345678901234567890", "12345678901234567891"]),
    text("plus five", ["+5", "5"]),
    text("a point at the end", ["1.", "2"]),
    text("a point at the start", [".5", "2"]),
    text("a negative point at the start", ["-.5", "2"]),
    text("too great an exponent", ["1e400", "1"]),
    text("a small exponent", ["1e5", "1"]),
    text("infinity", ["inf", "-inf", "Infinity"]),
    text("not a number", ["nan", "NaN", "1"]),
    text("null words among numbers", ["NA", "1"]),
    text("NULL among numbers", ["1", "NULL"]),
    text("a hyphen for nothing", ["-", "1"]),
    text("two points", ["1.2.3", "4.5"]),
    text("two minus signs", ["--1", "2"]),
    text("a minus behind", ["1-", "2"]),
    text("a blank before a number", [" 1", "2"]),
    text("a blank behind a number", ["1 ", "2"]),
    text("a blank in a number", ["1 234", "2"]),
    text("a no-break blank in a number", ["1\u{A0}234", "2"]),
    text("a percent sign", ["5%", "2"]),
    text("a currency sign", ["€5", "2"]),
    text("an underscore in a number", ["1_000", "2"]),
    text("an apostrophe in a number", ["1'000", "2"]),
    text("digits of another script", ["٣", "2"]),
    text("a fullwidth digit", ["１", "2"]),
    text("a number in brackets", ["(5)", "2"]),
    text("binary and octal words", ["0b1", "0o7"]),
    text("a version", ["1.10", "1.10.0"]),
    text("a telephone number", ["030-123456", "0049 30 1"]),
    text("a clock alone", ["12:30", "13:45:10"]),
    text("a month alone", ["2026-01", "2026-02"]),
    text("a week", ["2026-W05", "2026-W06"]),
    text("a day without zeros", ["2026-1-2", "2026-01-03"]),
    text("a day with slashes", ["2026/01/02", "2026/01/03"]),
    text("a German day", ["02.01.2026", "13.01.2026"]),
    text("an American day", ["01/13/2026", "02/28/2026"]),
    text("a day of year zero", ["0000-01-01", "2026-01-01"]),
    text("29 February of a common year", ["2026-02-29", "2024-02-29"]),
    text("month 13", ["2026-13-01", "2026-12-01"]),
    text("a zone with a name", ["2026-01-02T10:00:00 CET", "2026-01-02T10:00:00 UTC"]),
    text("a zone without colon", ["2026-01-02T10:00:00+0100", "2026-01-02T10:00:00+0200"]),
    text("a zone of hours alone", ["2026-01-02T10:00:00+01", "2026-01-02T10:00:00+02"]),
    text("an impossible zone", ["2026-01-02T10:00:00+25:00", "2026-01-02T10:00:00Z"]),
    text("zone, then none", ["2026-01-02T10:00:00+01:00", "2026-01-02T10:00:00"]),
    text("none, then zone", ["2026-01-02T10:00:00", "2026-01-02T10:00:00-03:00"]),
    text("a lower-case T", ["2026-01-02t10:00:00", "2026-01-02T10:00:00"]),
    text("a lower-case Z", ["2026-01-02T10:00:00z", "2026-01-02T10:00:00Z"]),
    text("minute 60", ["2026-01-02T10:60:00", "2026-01-02T10:00:00"]),
    text("hour 24", ["2026-01-02T24:00:00", "2026-01-02T10:00:00"]),
    text("a colon for a digit", ["2026-01-02T1::00:00", "2026-01-02T10:00:00"]),
    text("a sign above nine for a digit", ["2026-01-02T10:00:0:", "2026-01-02T10:00:0;"]),
    text("a fraction without digits", ["2026-01-02T10:00:00.", "2026-01-02T10:00:00"]),
    text("a comma before the fraction of a second", ["\"2026-01-02T10:00:00,5\""].map { $0 })
      .expecting([["2026-01-02T10:00:00,5"]]),
    text("seconds since 1970 with a letter", ["1700000000s", "1700000001s"]),
    text("yes and no", ["yes", "no"]),
    text("one-letter truths", ["t", "f"]),
    text("truths and numbers", ["true", "1"]),
    text("true with a blank", ["true ", "false"]),
    text("bytes near the digits", ["12/4", "12:4"]),
    text("eight bytes near the digits", ["1234567/", "1234567:"]),
    text("nineteen nines", ["9999999999999999999", "1"]),
    text("a number of a thousand digits", [String(repeating: "9", count: 1000), "1"]),
    text("a fraction of a thousand digits", ["0." + String(repeating: "3", count: 1000), "1"]),
    text("a currency with cents", ["12.50 EUR", "3.00 EUR"]),
    text("a range", ["1-2", "3-4"]),
    text("a fraction", ["1/2", "3/4"]),
    text("an emoji", ["😀", "😀😀"]),
    text("a formula", ["=1+1", "@x"]),
    text("quotes inside", ["5\" disk", "a\"b\"c"]),
    text("a backslash is a sign", ["a\\", "b\\n"]),
    text("a hash is no comment", ["# x", "y"]),
    text("letters with combining marks", ["e\u{301}", "é"]),
  ]

  /// What options allow.
  static let options: [CSVCase] = [
    CSVCase(
      "days in German order",
      "d\n02.01.2026\n31.12.2025\n",
      columns: "d date",
      rows: [["2026-01-02"], ["2025-12-31"]]
    ) { $0.dateFormat = CSVDateFormat("DD.MM.YYYY") },
    CSVCase(
      "days without zeros",
      "d\n2.1.2026\n31.12.2025\n",
      columns: "d date",
      rows: [["2026-01-02"], ["2025-12-31"]]
    ) { $0.dateFormat = CSVDateFormat("D.M.YYYY") },
    CSVCase(
      "American days",
      "d\n01/13/2026\n02/03/2026\n",
      columns: "d date",
      rows: [["2026-01-13"], ["2026-02-03"]]
    ) { $0.dateFormat = CSVDateFormat("MM/DD/YYYY") },
    CSVCase(
      "days without signs",
      "d\n20260113\n20260203\n",
      columns: "d integer",
      rows: [["20260113"], ["20260203"]]
    ) { $0.dateFormat = CSVDateFormat("YYYYMMDD") },
    CSVCase(
      "declared days without signs",
      "d\n20260113\n20260299\n",
      columns: "d date",
      rows: [["2026-01-13"]],
      rejects: ["3 bad_date"]
    ) {
      $0.dateFormat = CSVDateFormat("YYYYMMDD")
      $0.types = ["d": .date]
    },
    CSVCase(
      "days and clocks in German order",
      "t\n02.01.2026 10:30\n31.12.2025 23:59:59\n",
      columns: "t timestamp",
      rows: [["2026-01-02T10:30:00Z"], ["2025-12-31T23:59:59Z"]]
    ) { $0.dateFormat = CSVDateFormat("DD.MM.YYYY") },
    CSVCase(
      "days in another order than the option stay text",
      "d\n2026-01-02\n02.01.2026\n",
      columns: "d text",
      rows: [["2026-01-02"], ["02.01.2026"]]
    ) { $0.dateFormat = CSVDateFormat("DD.MM.YYYY") },
    CSVCase(
      "thousands by option",
      "x;n\n1.234.567,50;1.000\n-12,25;999\n1.000,00;-1.234\n",
      columns: "x decimal(18,2), n integer",
      rows: [["1234567.50", "1000"], ["-12.25", "999"], ["1000.00", "-1234"]]
    ) {
      $0.decimalSeparator = UInt8(ascii: ",")
      $0.thousandsSeparator = UInt8(ascii: ".")
    },
    CSVCase(
      "groups that are not of three stay text",
      "x\n1.23\n1.234\n",
      columns: "x text",
      rows: [["1.23"], ["1.234"]]
    ) {
      $0.delimiter = UInt8(ascii: ";")
      $0.decimalSeparator = UInt8(ascii: ",")
      $0.thousandsSeparator = UInt8(ascii: ".")
    },
    CSVCase(
      "a leading zero before thousands stays text",
      "x\n01.234\n",
      columns: "x text",
      rows: [["01.234"]]
    ) {
      $0.decimalSeparator = UInt8(ascii: ",")
      $0.thousandsSeparator = UInt8(ascii: ".")
    },
    CSVCase(
      "a negative amount of nothing",
      "x\n-0.00\n1.50\n",
      columns: "x decimal(18,2)",
      rows: [["0.00"], ["1.50"]]
    ),
    CSVCase(
      "UTF-16, low byte first",
      bytes: [0xFF, 0xFE] + "a,b\nü,1\n😀,2\n".utf16.flatMap { [UInt8($0 & 255), UInt8($0 >> 8)] },
      columns: "a text, b integer",
      rows: [["ü", "1"], ["😀", "2"]]
    ) { $0.encoding = .utf16 },
    CSVCase(
      "UTF-16, high byte first",
      bytes: [0xFE, 0xFF] + "a,b\nü,1\n".utf16.flatMap { [UInt8($0 >> 8), UInt8($0 & 255)] },
      columns: "a text, b integer",
      rows: [["ü", "1"]]
    ) { $0.encoding = .utf16 },
    CSVCase(
      "Windows-1258",
      bytes: Array("a\n".utf8) + [0xD0, 0xFE, 0xF5, 0xC3, 0x80, 0x0A],
      columns: "a text",
      rows: [["Đ₫ơĂ€"]]
    ) { $0.encoding = .windows1258 },
  ]

  /// Documents that are refused because they could be read in two ways, or in none.
  static let ambiguous: [CSVRefusal] = [
    CSVRefusal(
      "two delimiters",
      "a,b;c\n1,2;3\n",
      "f.csv: \",\" and \";\" both split every line into equally many fields.\n"
        + "  fix: say which one it is, for example delimiter: \",\"."
    ),
    CSVRefusal(
      "UTF-16 without a mark",
      bytes: [0x61, 0],
      "f.csv: the file does not start with a UTF-16 byte-order mark, so the order of its bytes is "
        + "not known.\n  fix: save it with a byte-order mark, or declare its real encoding."
    ) { $0.encoding = .utf16 },
    CSVRefusal(
      "half a UTF-16 unit",
      bytes: [0xFF, 0xFE, 0x61],
      "f.csv: the file has 3 bytes, an odd number: its last character is cut.\n"
        + "  fix: fetch the file again."
    ) { $0.encoding = .utf16 },
    CSVRefusal(
      "half a surrogate pair",
      bytes: [0xFF, 0xFE, 0x61, 0, 0x0A, 0, 0x00, 0xD8, 0x61, 0],
      "f.csv:2: the bytes at offset 6 are half a surrogate pair, no UTF-16 character.\n"
        + "  fix: declare the encoding the file was saved in."
    ) { $0.encoding = .utf16 },
    CSVRefusal(
      "declared times with and without zone",
      "t\n2026-01-02T10:00:00Z\n2026-01-02T10:00:00\n",
      "f.csv: column \"t\" holds times with a zone and times without one, which cannot be put on "
        + "one clock.\n  fix: declare it text and convert it in the pipeline, or export all times "
        + "in UTC."
    ) { $0.types = ["t": .timestamp] },
    CSVRefusal(
      "an unnamed column in the middle",
      "a,,c\n1,2,3\n",
      "f.csv:1: column 2 of the header has no name.\n  fix: name the column in the file."
    ),
    CSVRefusal(
      "a quote in the header that is never closed",
      "a,\"b\n1,2\n",
      "f.csv:1: a quote that opens in this record is never closed.\n"
        + "  fix: close the quote, or double it if it is part of the text."
    ),
  ]
}

extension CSVCase {
  /// The same case with other rows.
  fileprivate func expecting(_ rows: [[String?]]) -> CSVCase {
    CSVCase(name, bytes: bytes, columns: columns, rows: rows, options: options)
  }
}
