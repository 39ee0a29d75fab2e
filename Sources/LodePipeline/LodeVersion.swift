/// The version of Lode.
public enum LodeVersion {
  /// Major, minor and patch.
  public static let current = "0.1.0"
}
