import LodeColumns
import LodeFormats

extension CSVCorpus {
  static let types: [CSVCase] = [
    CSVCase(
      "leading zeros stay text",
      "zip\n01067\n10115\n",
      columns: "zip text",
      rows: [["01067"], ["10115"]]
    ),
    CSVCase("a zero alone is a number", "n\n0\n-3\n", columns: "n integer", rows: [["0"], ["-3"]]),
    CSVCase(
      "eighteen digits are a number",
      "n\n123456789012345678\n",
      columns: "n integer",
      rows: [["123456789012345678"]]
    ),
    CSVCase(
      "nineteen digits stay text",
      "n\n1234567890123456789\n1\n",
      columns: "n text",
      rows: [["1234567890123456789"], ["1"]]
    ),
    CSVCase(
      "exponent look-alikes stay text",
      "id\n12E4\n5\n",
      columns: "id text",
      rows: [["12E4"], ["5"]]
    ),
    CSVCase(
      "hexadecimal look-alikes stay text",
      "id\n0x1F\n",
      columns: "id text",
      rows: [["0x1F"]]
    ),
    CSVCase(
      "a plus sign stays text",
      "phone\n+491701234567\n",
      columns: "phone text",
      rows: [["+491701234567"]]
    ),
    CSVCase(
      "words for nothing stay text",
      "land,name\nNA,None\nDE,null\nFR,NaN\n",
      columns: "land text, name text",
      rows: [["NA", "None"], ["DE", "null"], ["FR", "NaN"]]
    ),
    CSVCase("infinities stay text", "x\ninf\n1\n", columns: "x text", rows: [["inf"], ["1"]]),
    CSVCase(
      "decimals are exact",
      "x\n0.1\n12.345\n-7\n",
      columns: "x decimal(18,3)",
      rows: [["0.100"], ["12.345"], ["-7.000"]]
    ),
    CSVCase(
      "eighteen digits of a decimal are exact",
      "x\n1234567890123456.78\n",
      columns: "x decimal(18,2)",
      rows: [["1234567890123456.78"]]
    ),
    CSVCase(
      "too many digits for a decimal stay text",
      "x\n12345678901234567.89\n0.1\n",
      columns: "x text",
      rows: [["12345678901234567.89"], ["0.1"]]
    ),
    CSVCase(
      "too many digits together stay text",
      "x\n123456789012345678\n0.1\n",
      columns: "x text",
      rows: [["123456789012345678"], ["0.1"]]
    ),
    CSVCase(
      "decimals without a digit on one side stay text",
      "x\n.5\n5.\n",
      columns: "x text",
      rows: [[".5"], ["5."]]
    ),
    CSVCase(
      "thousands separators stay text",
      "x\n\"1,234.50\"\n",
      columns: "x text",
      rows: [["1,234.50"]]
    ) { $0.delimiter = UInt8(ascii: ",") },
    CSVCase(
      "decimal comma by option",
      "a;b\n12,5;x\n-3;y\n",
      columns: "a decimal(18,1), b text",
      rows: [["12.5", "x"], ["-3.0", "y"]]
    ) { $0.decimalSeparator = UInt8(ascii: ",") },
    CSVCase(
      "decimal comma without the option stays text",
      "a;b\n12,5;x\n",
      columns: "a text, b text",
      rows: [["12,5", "x"]]
    ),
    CSVCase(
      "a point with decimal comma stays text",
      "a;b\n1.234,5;x\n",
      columns: "a text, b text",
      rows: [["1.234,5", "x"]]
    ) { $0.decimalSeparator = UInt8(ascii: ",") },
    CSVCase(
      "a later cell widens the whole column",
      "x\n1\n2\n3\n2.75\n",
      columns: "x decimal(18,2)",
      rows: [["1.00"], ["2.00"], ["3.00"], ["2.75"]]
    ),
    CSVCase(
      "true and false",
      "x\ntrue\nFALSE\nTrue\n",
      columns: "x boolean",
      rows: [["true"], ["false"], ["true"]]
    ),
    CSVCase(
      "zero and one are numbers, yes and no are texts",
      "x,y\n1,yes\n0,no\n",
      columns: "x integer, y text",
      rows: [["1", "yes"], ["0", "no"]]
    ),
    CSVCase(
      "dates",
      "d\n2026-02-28\n1999-12-31\n",
      columns: "d date",
      rows: [["2026-02-28"], ["1999-12-31"]]
    ),
    CSVCase(
      "a day that is none stays text",
      "d\n2026-02-28\n2026-02-30\n",
      columns: "d text",
      rows: [["2026-02-28"], ["2026-02-30"]]
    ),
    CSVCase(
      "ambiguous dates stay text",
      "d\n01/02/2024\n",
      columns: "d text",
      rows: [["01/02/2024"]]
    ),
    CSVCase(
      "mixed formats of dates stay text",
      "d\n2026-01-02\n02.01.2026\n",
      columns: "d text",
      rows: [["2026-01-02"], ["02.01.2026"]]
    ),
    CSVCase(
      "a date among timestamps stays text",
      "t\n2026-01-02\n2026-01-02T13:45:00\n",
      columns: "t text",
      rows: [["2026-01-02"], ["2026-01-02T13:45:00"]]
    ),
    CSVCase(
      "timestamps",
      "t\n2026-01-02T13:45\n2026-01-02 13:45:10\n2026-01-02 13:45:10.25\n",
      columns: "t timestamp",
      rows: [
        ["2026-01-02T13:45:00Z"], ["2026-01-02T13:45:10Z"], ["2026-01-02T13:45:10.250000Z"],
      ]
    ),
    CSVCase(
      "timestamps in UTC",
      "t\n2026-01-02T13:45:00Z\n2026-01-02T13:45:00.123456Z\n",
      columns: "t timestamp",
      rows: [["2026-01-02T13:45:00Z"], ["2026-01-02T13:45:00.123456Z"]]
    ),
    CSVCase(
      "clocks with and without zone stay text",
      "t\n2026-01-02T13:45:00Z\n2026-01-02T13:45:00\n",
      columns: "t text",
      rows: [["2026-01-02T13:45:00Z"], ["2026-01-02T13:45:00"]]
    ),
    CSVCase(
      "zones become instants in UTC",
      "t\n2026-01-02T13:45:00+01:00\n2026-01-02T00:15:00-05:30\n2026-01-02T13:45:00Z\n",
      columns: "t timestamp",
      rows: [["2026-01-02T12:45:00Z"], ["2026-01-02T05:45:00Z"], ["2026-01-02T13:45:00Z"]]
    ),
    CSVCase(
      "nanoseconds stay text",
      "t\n2026-01-02T13:45:00.123456789\n",
      columns: "t text",
      rows: [["2026-01-02T13:45:00.123456789"]]
    ),
    CSVCase(
      "an hour 24 or a second 60 stays text",
      "t,u\n2026-01-02T24:00,2026-01-02T23:59:60\n",
      columns: "t text, u text",
      rows: [["2026-01-02T24:00", "2026-01-02T23:59:60"]]
    ),
    CSVCase(
      "empty cells do not decide a type",
      "a,b\n,\n1,\n",
      columns: "a integer, b text",
      rows: [[nil, nil], ["1", nil]]
    ),
    CSVCase(
      "declared types reject what does not fit, with all reasons",
      "id,n,d,x\n007,1,2026-01-01,1.5\n008,x,2026-13-01,1.555\n009,,,\n",
      columns: "id text, n integer, d date, x decimal(18,2)",
      rows: [["007", "1", "2026-01-01", "1.50"], ["009", nil, nil, nil]],
      lines: [2, 4],
      rejects: ["3 bad_integer bad_date bad_decimal"]
    ) {
      $0.types = ["id": .text, "n": .integer, "d": .date, "x": .money(scale: 2)]
    },
    CSVCase(
      "declared precision is kept",
      "x\n999.99\n1000.00\n-1000\n",
      columns: "x decimal(5,2)",
      rows: [["999.99"]],
      rejects: ["3 bad_decimal", "4 bad_decimal"]
    ) {
      $0.types = ["x": .decimal(precision: 5, scale: 2)]
    },
    CSVCase(
      "declared numbers",
      "x,y\n1e3,TRUE\n-2.5E-1,false\n1e400,maybe\nnan,true\n",
      columns: "x double, y boolean",
      rows: [["1000", "true"], ["-0.25", "false"]],
      rejects: ["4 bad_double bad_boolean", "5 bad_double"]
    ) {
      $0.types = ["x": .double, "y": .boolean]
    },
    CSVCase(
      "a declared timestamp may be a day",
      "t\n2026-01-02\n2026-01-02T01:00\nx\n",
      columns: "t timestamp",
      rows: [["2026-01-02T00:00:00Z"], ["2026-01-02T01:00:00Z"]],
      rejects: ["4 bad_timestamp"]
    ) { $0.types = ["t": .timestamp] },
  ]

  static let encodings: [CSVCase] = [
    CSVCase(
      "UTF-8",
      "name,n\nMünchen,1\n東京,2\n😀,3\n",
      columns: "name text, n integer",
      rows: [["München", "1"], ["東京", "2"], ["😀", "3"]]
    ),
    CSVCase(
      "a byte that is not UTF-8 rejects its row",
      bytes: Array("name,n\nM".utf8) + [0xFC] + Array("nchen,1\nBerlin,2\n".utf8),
      columns: "name text, n integer",
      rows: [["Berlin", "2"]],
      rejects: ["2 bad_utf8"]
    ),
    CSVCase(
      "a cut character and an overlong one reject their rows",
      bytes: Array("name\n".utf8) + [0xE6, 0x9D, 0x0A, 0xC0, 0xAF, 0x0A, 0xED, 0xA0, 0x80, 0x0A]
        + Array("x\n".utf8),
      columns: "name text",
      rows: [["x"]],
      rejects: ["2 bad_utf8", "3 bad_utf8", "4 bad_utf8"]
    ),
    CSVCase(
      "Latin-1 by option",
      bytes: Array("name\nM".utf8) + [0xFC, 0x0A],
      columns: "name text",
      rows: [["Mü"]]
    ) { $0.encoding = .latin1 },
    CSVCase(
      "Windows-1252 by option",
      bytes: Array("name\n".utf8) + [0x80, 0x99, 0xE9, 0x0A],
      columns: "name text",
      rows: [["€™é"]]
    ) { $0.encoding = .windows1252 },
  ]

  static let refusals: [CSVRefusal] = [
    CSVRefusal(
      "empty",
      "",
      "f.csv: the file is empty.\n"
        + "  fix: export it again with a header line, even if there are no rows."
    ),
    CSVRefusal(
      "a byte-order mark alone",
      bytes: [0xEF, 0xBB, 0xBF],
      "f.csv: the file is empty.\n"
        + "  fix: export it again with a header line, even if there are no rows."
    ),
    CSVRefusal(
      "blank lines alone",
      "\n\r\n\n",
      "f.csv: the file holds blank lines only.\n"
        + "  fix: export it again with a header line, even if there are no rows."
    ),
    CSVRefusal(
      "binary",
      bytes: [0x50, 0x4B, 3, 4, 0, 0],
      "f.csv: byte 4 is zero: this is a binary file, not delimited text.\n"
        + "  fix: name a CSV file (plain or gzip); save spreadsheets as CSV UTF-8 first."
    ),
    CSVRefusal(
      "UTF-16",
      bytes: [0xFF, 0xFE, 0x61, 0],
      "f.csv: the file starts with a UTF-16 byte-order mark.\n"
        + "  fix: declare it: encoding: \"utf-16\", or save the file as UTF-8."
    ),
    CSVRefusal(
      "no header",
      "0001,2026-01-05,10.00\n0002,2026-01-06,20.50\n",
      "f.csv:1: the first line looks like data, not like a header of column names.\n"
        + "  fix: add a header line, or name the columns: "
        + "header: [\"customer\", \"date\", \"amount\"]."
    ),
    CSVRefusal(
      "an unnamed column",
      "id,\n1,2\n",
      "f.csv:1: column 2 of the header has no name (the line ends with a delimiter).\n"
        + "  fix: name the column in the file."
    ),
    CSVRefusal(
      "a name twice",
      "\na,b,a\n1,2,3\n",
      "f.csv:2: the header names the column \"a\" twice.\n  fix: rename one of the two in the file."
    ),
    CSVRefusal(
      "a name twice by option",
      "1,2\n",
      "f.csv: the option header names the column \"a\" twice.\n  fix: rename one of the two."
    ) {
      $0.columnNames = ["a", "a"]
    },
    CSVRefusal(
      "an unclosed quote",
      "a,b\n1,x\n2,\"y\n3,z\n",
      "f.csv:3: a quote that opens in this record is never closed.\n"
        + "  fix: close the quote, or double it if it is part of the text."
    ),
    CSVRefusal(
      "a damaged header",
      "\"a\"x,b\n1,2\n",
      "f.csv:1: the header cannot be read: text behind a closing quote.\n"
        + "  fix: correct the header line of the file."
    ),
    CSVRefusal(
      "a header that is not UTF-8",
      bytes: [0x61, 0xFC, 0x2C, 0x62, 0x0A, 0x31, 0x2C, 0x32],
      "f.csv:1: the header cannot be read: byte 0xfc at offset 1 is not UTF-8.\n"
        + "  fix: correct the header line of the file."
    ),
    CSVRefusal(
      "a byte without meaning",
      bytes: Array("a\nx\n".utf8) + [0x81],
      "f.csv:3: byte 0x81 at offset 4 has no meaning in windows-1252.\n"
        + "  fix: declare the encoding the file was saved in."
    ) { $0.encoding = .windows1252 },
    CSVRefusal(
      "a type for a column that is not there",
      "amount,id\n1,2\n",
      "f.csv:1: the header has no column \"amuont\", whose type is declared – "
        + "did you mean \"amount\"?\n"
        + "  fix: correct the name in types; the columns are amount, id."
    ) {
      $0.types = ["amuont": .integer]
    },
  ]
}
