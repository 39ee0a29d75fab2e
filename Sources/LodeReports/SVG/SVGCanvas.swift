/// Escapes text for HTML and SVG, in content and in quoted attributes.
package func escapedHTML(_ text: String) -> String {
  var escaped = ""
  escaped.reserveCapacity(text.utf8.count)
  for scalar in text.unicodeScalars {
    switch scalar {
    case "&": escaped += "&amp;"
    case "<": escaped += "&lt;"
    case ">": escaped += "&gt;"
    case "\"": escaped += "&quot;"
    case "'": escaped += "&#39;"
    case "\n", "\t": escaped.unicodeScalars.append(scalar)
    default:
      // Control characters are not allowed in HTML; show that something was there.
      escaped.unicodeScalars.append(scalar.value < 32 || scalar.value == 127 ? "\u{FFFD}" : scalar)
    }
  }
  return escaped
}

/// A drawing in the making; colours come from the classes of the style sheet.
struct SVGCanvas {
  let width: Double
  let height: Double
  private(set) var body = ""

  /// Where a text stands in relation to its point.
  enum Anchor: String {
    case start
    case middle
    case end
  }

  init(width: Double, height: Double) {
    self.width = width
    self.height = height
  }

  mutating func rectangle(
    x: Double,
    y: Double,
    width: Double,
    height: Double,
    class name: String,
    radius: Double = 0,
    fill: String? = nil
  ) {
    body += "<rect class=\"\(name)\" x=\"\(number(x))\" y=\"\(number(y))\""
    body += " width=\"\(number(max(0, width)))\" height=\"\(number(max(0, height)))\""
    if radius > 0 { body += " rx=\"\(number(radius))\"" }
    if let fill { body += " fill=\"\(fill)\"" }
    body += "/>"
  }

  mutating func line(x1: Double, y1: Double, x2: Double, y2: Double, class name: String) {
    body += "<line class=\"\(name)\" x1=\"\(number(x1))\" y1=\"\(number(y1))\""
    body += " x2=\"\(number(x2))\" y2=\"\(number(y2))\"/>"
  }

  /// The line of an interval with a rim, so that it stays visible on a bar of any colour.
  mutating func whisker(
    from low: (x: Double, y: Double),
    to high: (x: Double, y: Double),
    hasCaps: Bool = false
  ) {
    let isFlat = low.y == high.y
    for name in ["rim", "whisker"] {
      line(x1: low.x, y1: low.y, x2: high.x, y2: high.y, class: name)
      guard hasCaps else { continue }
      for end in [low, high] {
        line(
          x1: end.x - (isFlat ? 0 : 4),
          y1: end.y - (isFlat ? 4 : 0),
          x2: end.x + (isFlat ? 0 : 4),
          y2: end.y + (isFlat ? 4 : 0),
          class: name
        )
      }
    }
  }

  mutating func circle(x: Double, y: Double, radius: Double, class name: String) {
    body += "<circle class=\"\(name)\" cx=\"\(number(x))\" cy=\"\(number(y))\""
    body += " r=\"\(number(radius))\"/>"
  }

  /// A line through points, broken where a point is missing.
  mutating func path(_ points: [(x: Double, y: Double)?], class name: String) {
    var commands = ""
    var isOpen = false
    for point in points {
      if let point {
        commands += "\(isOpen ? "L" : "M")\(number(point.x)) \(number(point.y))"
        isOpen = true
      } else {
        isOpen = false
      }
    }
    body += "<path class=\"\(name)\" d=\"\(commands)\"/>"
  }

  /// A closed area.
  mutating func area(_ points: [(x: Double, y: Double)], class name: String) {
    guard points.count > 2 else { return }
    let corners = points.map { "\(number($0.x)) \(number($0.y))" }.joined(separator: "L")
    body += "<path class=\"\(name)\" d=\"M\(corners)Z\"/>"
  }

  mutating func text(
    _ text: String,
    x: Double,
    y: Double,
    anchor: Anchor = .start,
    class name: String = "t"
  ) {
    body += "<text class=\"\(name)\" x=\"\(number(x))\" y=\"\(number(y))\""
    if anchor != .start { body += " text-anchor=\"\(anchor.rawValue)\"" }
    body += ">\(escapedHTML(text))</text>"
  }

  /// Text on its side, read from bottom to top.
  mutating func sideText(_ text: String, x: Double, y: Double, class name: String = "t m") {
    body += "<text class=\"\(name)\" text-anchor=\"middle\""
    body += " transform=\"translate(\(number(x)) \(number(y))) rotate(-90)\">"
    body += "\(escapedHTML(text))</text>"
  }

  /// A mark of one of six shapes, so that groups differ in more than colour.
  mutating func mark(_ shape: Int, x: Double, y: Double, size: Double, class name: String) {
    let half = size
    switch shape % 6 {
    case 0: circle(x: x, y: y, radius: half, class: name)
    case 1:
      rectangle(
        x: x - half * 0.88,
        y: y - half * 0.88,
        width: half * 1.76,
        height: half * 1.76,
        class: name
      )
    case 2:
      area(
        [(x, y - half * 1.2), (x + half * 1.1, y + half * 0.8), (x - half * 1.1, y + half * 0.8)],
        class: name
      )
    case 3:
      area(
        [(x, y - half * 1.25), (x + half * 1.25, y), (x, y + half * 1.25), (x - half * 1.25, y)],
        class: name
      )
    case 4:
      area(
        [(x, y + half * 1.2), (x + half * 1.1, y - half * 0.8), (x - half * 1.1, y - half * 0.8)],
        class: name
      )
    default: circle(x: x, y: y, radius: half, class: name + " hollow")
    }
  }

  mutating func raw(_ markup: String) {
    body += markup
  }

  /// A length with at most one decimal.
  private func number(_ length: Double) -> String {
    guard length.isFinite else { return "0" }
    let tenths = Int((length * 10).rounded())
    let sign = tenths < 0 ? "-" : ""
    let magnitude = tenths.magnitude
    return magnitude % 10 == 0
      ? "\(sign)\(magnitude / 10)" : "\(sign)\(magnitude / 10).\(magnitude % 10)"
  }
}

/// Estimates of text sizes, in pixels, for the widest of the usual sans-serif fonts
/// (DejaVu Sans), since the reader's font is not known.
enum TextSize {
  /// The width of a text of 12 pixels, on the safe side.
  static func width(_ text: String, size: Double = 12) -> Double {
    var units = 0.0
    for character in text.unicodeScalars {
      switch character {
      case "i", "j", "l", "t", "f", "r", "I", ".", ",", ":", ";", "'", "|", "!", "(", ")", " ",
        "\u{A0}":
        units += 0.4
      case "m", "w", "M", "W", "%", "@": units += 0.98
      case "A"..."Z": units += 0.72
      default: units += 0.635
      }
    }
    return units * size
  }

  /// The text, cut to a width with an ellipsis.
  static func cut(_ text: String, to width: Double, size: Double = 12) -> String {
    guard self.width(text, size: size) > width else { return text }
    var kept = text
    while !kept.isEmpty, self.width(kept + "\u{2026}", size: size) > width { kept.removeLast() }
    while kept.last == " " { kept.removeLast() }
    return kept + "\u{2026}"
  }
}
