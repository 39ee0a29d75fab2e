/// The results as a table of Markdown, which also reads well on a terminal.
struct BenchReport {
  private var rows: [[String]] = []
  private var details: [[String]] = []
  private var notes: [String] = []

  static let header = [
    "kernel", "size", "threads", "Lode CPU s", "wall s", "RSS MB", "peer", "CPU s", "wall s",
    "RSS MB", "CPU ratio", "wall ratio", "RSS ratio", "results",
  ]

  /// Adds the results of one kernel: ours first.
  mutating func add(_ bench: BenchCase, threads: Int, _ results: [BenchResult]) {
    let ours = results[0].measurement
    for result in results.dropFirst() {
      let peer = result.measurement
      rows.append([
        bench.name, bench.size, "\(threads)",
        Self.seconds(ours.cpu), Self.seconds(ours.wall), CheckList.text(ours.rss, places: 0),
        peer.version, Self.seconds(peer.cpu), Self.seconds(peer.wall),
        CheckList.text(peer.rss, places: 0),
        CheckList.text(ours.cpu / peer.cpu, places: 2),
        CheckList.text(ours.wall / peer.wall, places: 2),
        CheckList.text(ours.rss / peer.rss, places: 2),
        Self.agreement(ours.values, peer.values),
      ])
    }
    for result in results {
      for name in result.measurement.values.keys.sorted() where name.hasPrefix("~") {
        let value = result.measurement.values[name] ?? 0
        details.append([
          bench.name, "\(threads)", result.side, String(name.dropFirst()), "\(value)",
        ])
      }
    }
    let note = "**\(bench.name)**: \(bench.note)"
    if !notes.contains(note) { notes.append(note) }
  }

  /// The table of all results.
  var table: String { Self.markdown(Self.header, rows) }

  /// The whole page.
  ///
  /// - Parameters:
  ///   - circumstances: machine, load, date, size and rounds, one line each.
  ///   - command: how to make the page again.
  /// - Returns: the text of the page.
  func page(circumstances: [String], command: String) -> String {
    """
    # Benchmarks

    Lode side by side with its peers; made by `\(command)`, never edited by hand.

    \(circumstances.map { "- \($0)" }.joined(separator: "\n"))

    A ratio is Lode's figure divided by the peer's: below 1 Lode is faster or smaller.
    Every run is a process of its own; sides run by turns, every other round backwards, and each
    finds its files in the page cache: some machines take that back within a minute. Only the named
    call is timed, in the process, after a warm-up on a few rows where a library needs one;
    figures are medians, each for itself. RSS is the largest resident memory of the whole process,
    with its language's runtime and its input. The peers run without the variables
    OPENBLAS_CORETYPE and OPENBLAS_L2_SIZE, which slow down the BLAS that numpy brings; Lode runs
    with them where they are set. Libraries whose threads wait by spinning (OpenMP, OpenBLAS) burn
    CPU at two threads when other programs want the cores, so on a busy machine the CPU seconds at
    one thread are the fair figure, and the wall times are not to be trusted. `results` is the
    largest relative difference of all figures that come out on both sides.

    \(table)

    ## Notes

    \(notes.map { "- \($0)" }.joined(separator: "\n"))

    ## Details

    \(Self.markdown(["kernel", "threads", "side", "figure", "value"], details))

    """
  }

  /// The largest relative difference of the figures on both sides.
  private static func agreement(_ ours: [String: Double], _ theirs: [String: Double]) -> String {
    let names = ours.keys.sorted().filter { !$0.hasPrefix("~") }
    var largest = 0.0
    for name in names {
      guard let mine = ours[name], let other = theirs[name] else { return "no \(name)" }
      let scale = max(abs(mine), abs(other))
      if scale > 0 { largest = max(largest, abs(mine - other) / scale) }
    }
    if largest == 0 { return "equal" }
    let exponent = "\(largest)".split(separator: "e").dropFirst().first.map { "e\($0)" } ?? ""
    let mantissa = "\(largest)".split(separator: "e")[0].prefix(exponent.isEmpty ? 7 : 3)
    return "within \(mantissa)\(exponent)"
  }

  private static func seconds(_ number: Double) -> String {
    CheckList.text(number, places: number < 0.1 ? 4 : number < 10 ? 3 : 1)
  }

  private static func markdown(_ header: [String], _ rows: [[String]]) -> String {
    let all = [header] + rows
    let widths = header.indices.map { column in all.map { $0[column].count }.max() ?? 0 }
    func line(_ cells: [String]) -> String {
      let padded = zip(cells, widths)
        .map { cell, width in cell + String(repeating: " ", count: width - cell.count) }
      return "| " + padded.joined(separator: " | ") + " |"
    }
    let rule = "|" + widths.map { String(repeating: "-", count: $0 + 2) }.joined(separator: "|")
    return ([line(header), rule + "|"] + rows.map(line)).joined(separator: "\n")
  }
}
