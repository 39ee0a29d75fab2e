public import LodeRuntime

/// Why a Parquet file was refused, and where in the file.
public struct ParquetError: Error, Hashable, Sendable, CustomStringConvertible {
  /// The kind of problem.
  public enum Reason: Error, Hashable, Sendable {
    /// The file does not begin and end as Parquet files do.
    case notParquet
    /// The file ends before its content does.
    case truncated
    /// Something in the file contradicts the format or itself.
    case corrupt(String)
    /// A page has another checksum than the one written beside it.
    case checksum
    /// The file or a column is encrypted.
    case encrypted
    /// A codec, encoding or type that this reader does not know.
    case unsupported(String)
    /// A value that no cell of lode can hold exactly.
    case unrepresentable(String)
    /// A page is declared larger than the limit for one page.
    case tooLarge(bytes: Int)
    /// A condition compares a column with a value of another type.
    case mismatch(String)
    /// There is no column of this name.
    case unknownColumn(String)
    /// The system refused to open or read the file.
    case unreadable(String)
  }

  /// The kind of problem.
  public let reason: Reason
  /// The path of the file.
  public let file: String
  /// The row group, counted from 0; nil if the problem lies in the footer.
  public let rowGroup: Int?
  /// The column.
  public let column: String?
  /// The page within the column of this row group, counted from 0.
  public let page: Int?

  /// An error at a place.
  public init(
    _ reason: Reason,
    file: String,
    rowGroup: Int? = nil,
    column: String? = nil,
    page: Int? = nil
  ) {
    self.reason = reason
    self.file = file
    self.rowGroup = rowGroup
    self.column = column
    self.page = page
  }

  /// The same as a diagnostic: what, where and how to fix it.
  public var diagnostic: Diagnostic {
    Diagnostic(.failure, at: place, message, fix: fix)
  }

  /// Place, message and fix, as a diagnostic shows them.
  public var description: String { diagnostic.description }

  /// Row group, page and message without file and column, for lists of skipped columns.
  var words: String {
    var words = ""
    if let rowGroup { words += "row group \(rowGroup)" }
    if let page { words += ", page \(page)" }
    return words.isEmpty ? message : "\(words): \(message)"
  }

  private var place: String {
    var place = file
    if let column { place += ": column \"\(column)\"" }
    if let rowGroup { place += ", row group \(rowGroup)" }
    if let page { place += ", page \(page)" }
    return place
  }

  private var message: String {
    switch reason {
    case .notParquet: "this is not a Parquet file (it does not begin and end with \"PAR1\")."
    case .truncated: "the file ends too early."
    case .corrupt(let what): "the file is damaged (\(what))."
    case .checksum: "a page does not have the checksum written beside it; the file is damaged."
    case .encrypted: "the file is encrypted."
    case .unsupported(let what): "the file uses \(what), which lode cannot read."
    case .unrepresentable(let what): "\(what), which lode cannot hold exactly."
    case .tooLarge(let bytes): "a page is declared to hold \(bytes) bytes, which is over the limit."
    case .mismatch(let what): "the condition does not fit the column: \(what)."
    case .unknownColumn(let name): "there is no column \"\(name)\"."
    case .unreadable(let why): "the file cannot be read (\(why))."
    }
  }

  private var fix: String {
    switch reason {
    case .notParquet: "check the path, or read the file as the format it has."
    case .truncated, .corrupt, .checksum, .tooLarge: "copy or write the file again."
    case .encrypted, .unsupported: "write the file again without it."
    case .unrepresentable: "read the other columns, or write this one as another type."
    case .mismatch: "compare the column with a value of its type."
    case .unknownColumn: "ask for a column that the file has."
    case .unreadable: "check that the file exists and that you may read it."
    }
  }
}
