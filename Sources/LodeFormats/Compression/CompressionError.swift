/// Why compressed bytes were refused.
public enum CompressionError: Error, Hashable, Sendable, CustomStringConvertible {
  /// The bytes end before the compressed stream does.
  case truncated(format: CompressionFormat)
  /// The bytes are not what the format allows; the reason is the codec's own word for it.
  case corrupt(format: CompressionFormat, reason: String)
  /// The content is longer than the caller allows.
  case tooLarge(format: CompressionFormat, limit: Int)
  /// The codec found no memory or refused its settings.
  case codecFailed(format: CompressionFormat, reason: String)

  /// One sentence on what happened, without a place.
  public var description: String {
    switch self {
    case .truncated(let format):
      "the \(format) data ends too early: it was cut off while being written or copied."
    case .corrupt(let format, let reason):
      "the \(format) data is damaged (\(reason))."
    case .tooLarge(let format, let limit):
      "the \(format) data holds more than \(limit) bytes."
    case .codecFailed(let format, let reason):
      "\(format) could not work (\(reason))."
    }
  }
}
