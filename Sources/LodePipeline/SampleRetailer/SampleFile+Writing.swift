internal import LodeFormats
internal import LodeRuntime

extension SampleFile {
  /// Writes the file into a folder; CSV files as `.csv.gz` when compressed.
  ///
  /// - Parameters:
  ///   - folder: where it goes; it is made if it is not there.
  ///   - compressed: whether CSV files are written by gzip.
  /// - Returns: the path of the written file.
  /// - Throws: a diagnostic if the folder cannot be written.
  public func write(to folder: String, compressed: Bool) throws -> String {
    let isPacked = compressed && name.hasSuffix(".csv")
    let path = "\(folder)/\(name)\(isPacked ? ".gz" : "")"
    try AtomicFile.write(isPacked ? try Compression.gzip(bytes) : bytes, to: path)
    return path
  }
}
