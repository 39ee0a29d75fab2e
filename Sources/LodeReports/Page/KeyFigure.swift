/// A number on a card, with what it means.
public struct KeyFigure: Sendable, Hashable {
  /// How a change is to be judged.
  public enum Judgement: Sendable, Hashable {
    /// Better than before.
    case good
    /// Worse than before.
    case bad
    /// Neither.
    case neutral
  }

  /// The change since the last report.
  public struct Change: Sendable, Hashable {
    /// The change in words, for example `4.1% on last week`.
    public var text: String
    /// Whether the number rose (true), fell (false) or stayed (nil).
    public var isRise: Bool?
    /// How to judge it.
    public var judgement: Judgement

    /// A change.
    public init(_ text: String, isRise: Bool?, judgement: Judgement = .neutral) {
      self.text = text
      self.isRise = isRise
      self.judgement = judgement
    }
  }

  /// What the number is.
  public var label: String
  /// The number, formatted.
  public var text: String
  /// One line below: unit, interval or comparison.
  public var note: String
  /// The change since last time.
  public var change: Change?
  /// The last values in time order, drawn as a small line.
  public var history: [Double]

  /// A key figure.
  public init(
    label: String,
    value text: String,
    note: String = "",
    change: Change? = nil,
    history: [Double] = []
  ) {
    self.label = label
    self.text = text
    self.note = note
    self.change = change
    self.history = history
  }

  var markup: String {
    var markup = "<div class=\"figure\"><dt>\(escapedHTML(label))</dt>"
    markup += "<dd class=\"number\">\(escapedHTML(text))</dd>"
    if let change {
      let arrow =
        switch change.isRise {
        case true?: "\u{25B2}"
        case false?: "\u{25BC}"
        case nil: "\u{25A0}"
        }
      let name =
        switch change.judgement {
        case .good: "good"
        case .bad: "bad"
        case .neutral: "neutral"
        }
      markup += "<dd class=\"change \(name)\"><span aria-hidden=\"true\">\(arrow)</span> "
      markup += "\(escapedHTML(change.text))</dd>"
    }
    if !note.isEmpty { markup += "<dd class=\"note\">\(escapedHTML(note))</dd>" }
    return markup + sparkline + "</div>\n"
  }

  /// The history as a line without axes; hidden from screen readers, which read the change.
  private var sparkline: String {
    let values = history.filter(\.isFinite)
    guard values.count > 1, let low = values.min(), let high = values.max() else { return "" }
    var canvas = SVGCanvas(width: 180, height: 36)
    let area = PlotArea(left: 2, top: 5, right: 174, bottom: 31)
    let points = values.enumerated()
      .map { index, value in
        (
          x: area.x(Double(index), 0, Double(values.count - 1)),
          y: area.y(value, low, high)
        )
      }
    canvas.area(
      points + [(area.right, area.bottom + 4), (area.left, area.bottom + 4)],
      class: "spark-area"
    )
    canvas.path(points.map { $0 }, class: "spark")
    if let last = points.last { canvas.circle(x: last.x, y: last.y, radius: 3, class: "d f0") }
    return
      "<dd class=\"trend\"><svg viewBox=\"0 0 180 36\" preserveAspectRatio=\"xMinYMid\" "
      + "aria-hidden=\"true\">\(canvas.body)"
      + "</svg></dd>"
  }
}
