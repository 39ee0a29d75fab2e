package import LodeFormats

/// A folder of which only what was synchronized is sure to survive a loss of power.
///
/// It is as strict as POSIX allows: a file's bytes are sure after `fsync` of the file, a name after
/// `fsync` of its folder, and nothing else; of the rest any part may be lost or kept, also one half
/// of a `rename` between folders. Changes of one name keep their order.
package struct FragileFolder {
  private enum Node: Hashable {
    case file(Int)
    case folder(Int)
  }

  private struct File {
    var bytes: [UInt8]
    var isSynchronized: Bool
  }

  private struct Folder {
    /// The names that are on disk.
    var durable: [String: Node] = [:]
    /// What was done with a name since, in order; nil: it was removed.
    var pending: [String: [Node?]] = [:]

    var present: [String: Node] {
      var names = durable
      for (name, changes) in pending { names[name] = changes.last ?? nil }
      return names
    }
  }

  /// Something that a loss of power may take.
  private enum Losable: Hashable {
    case bytes(of: Int)
    case name(String, in: Int)
  }

  /// What becomes of it.
  enum Fate: UInt64, CaseIterable {
    case lost
    case kept
    case half
    case zeros
  }

  private let root: String
  private var files: [File] = []
  private var folders = [Folder()]
  /// What may be lost, the oldest first.
  private var losables: [Losable] = []

  /// An empty folder.
  ///
  /// - Parameter root: its path, as operations name it.
  package init(root: String) {
    self.root = root
  }

  /// A folder with files that are all on disk.
  ///
  /// - Parameters:
  ///   - root: its path, as operations name it.
  ///   - files: the bytes by path within it; nil for a folder.
  package init(root: String, holding files: [String: [UInt8]?]) {
    self.init(root: root)
    for path in files.keys.sorted() {
      var folder = 0
      let steps = path.split(separator: "/").map(String.init)
      for (place, step) in steps.enumerated() {
        if let bytes = files[path] ?? nil, place == steps.count - 1 {
          self.files.append(File(bytes: bytes, isSynchronized: true))
          folders[folder].durable[step] = .file(self.files.count - 1)
        } else if case .folder(let next) = folders[folder].durable[step] {
          folder = next
        } else {
          folders.append(Folder())
          folders[folder].durable[step] = .folder(folders.count - 1)
          folder = folders.count - 1
        }
      }
    }
  }

  /// Does what was done to the real folder; what is done elsewhere is nothing to it.
  package mutating func apply(_ operation: FileOperation) {
    switch operation {
    case .create(let path, let bytes):
      files.append(File(bytes: bytes, isSynchronized: bytes.isEmpty))
      if !bytes.isEmpty { losables.append(.bytes(of: files.count - 1)) }
      change(path, to: .file(files.count - 1))
    case .synchronizeFile(let path):
      guard case .file(let file) = node(path) else { return }
      files[file].isSynchronized = true
      losables.removeAll { $0 == .bytes(of: file) }
    case .rename(let path, let target):
      change(target, to: node(path))
      change(path, to: nil)
    case .link(let path, let target):
      change(target, to: node(path))
    case .makeFolder(let path):
      folders.append(Folder())
      change(path, to: .folder(folders.count - 1))
    case .synchronizeFolder(let path):
      guard case .folder(let folder) = node(path) else { return }
      folders[folder].durable = folders[folder].present
      folders[folder].pending = [:]
      losables.removeAll {
        if case .name(_, in: folder) = $0 { return true }
        return false
      }
    case .remove(let path), .removeFolder(let path):
      change(path, to: nil)
    }
  }

  /// What may be there after a loss of power now: the bytes by path, nil for a folder.
  ///
  /// All is lost, all is kept, each single one of the newest things is lost or kept or (of bytes)
  /// half there, and some things drawn by chance.
  ///
  /// - Parameters:
  ///   - seed: of the draws.
  ///   - draws: their number.
  ///   - newest: how many of the newest things are tried each by itself.
  /// - Returns: the states, each once.
  package func survivors(
    seed: UInt64,
    draws: Int = 4,
    newest: Int = 8
  ) -> [[String: [UInt8]?]] {
    var found = [survivor { _ in .lost }]
    func add(_ fate: (Losable) -> Fate) {
      let next = survivor(fate)
      if !found.contains(next) { found.append(next) }
    }
    add { _ in .kept }
    for single in losables.suffix(newest) {
      add { $0 == single ? .kept : .lost }
      add { $0 == single ? .lost : .kept }
      if case .bytes = single { add { $0 == single ? .half : .kept } }
    }
    for draw in 0..<draws {
      var state = seed &* 1_000_003 &+ UInt64(draw)
      var fates: [Losable: Fate] = [:]
      for losable in losables {
        state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
        fates[losable] = Fate(rawValue: (state >> 33) % 4) ?? .lost
      }
      add { fates[$0] ?? .lost }
    }
    return found
  }

  /// What is there if everything that was not synchronized is lost.
  package func leastSurvivor() -> [String: [UInt8]?] {
    survivor { _ in .lost }
  }

  private func survivor(_ fate: (Losable) -> Fate) -> [String: [UInt8]?] {
    var found: [String: [UInt8]?] = [:]
    collect(0, "", fate, &found)
    return found
  }

  private func collect(
    _ folder: Int,
    _ prefix: String,
    _ fate: (Losable) -> Fate,
    _ found: inout [String: [UInt8]?]
  ) {
    var names = folders[folder].durable
    for (name, changes) in folders[folder].pending {
      switch fate(.name(name, in: folder)) {
      case .lost: break
      case .kept, .zeros: names[name] = changes.last ?? nil
      case .half: names[name] = changes.first ?? nil
      }
    }
    for (name, node) in names {
      switch node {
      case .folder(let inner):
        found.updateValue(nil, forKey: prefix + name)
        collect(inner, prefix + name + "/", fate, &found)
      case .file(let file):
        let bytes = files[file].bytes
        let isSure = files[file].isSynchronized
        switch isSure ? .kept : fate(.bytes(of: file)) {
        case .lost: found[prefix + name] = []
        case .kept: found[prefix + name] = bytes
        case .half: found[prefix + name] = Array(bytes.prefix(bytes.count / 2))
        case .zeros: found[prefix + name] = Array(repeating: 0, count: bytes.count)
        }
      }
    }
  }

  private func steps(_ path: String) -> [String]? {
    guard path.hasPrefix(root) else { return nil }
    let rest = path.dropFirst(root.count)
    return rest.isEmpty || rest.hasPrefix("/") ? rest.split(separator: "/").map(String.init) : nil
  }

  private func node(_ path: String) -> Node? {
    guard let steps = steps(path) else { return nil }
    return node(steps[...])
  }

  private func node(_ steps: ArraySlice<String>) -> Node? {
    var node = Node.folder(0)
    for step in steps {
      guard case .folder(let folder) = node, let next = folders[folder].present[step] else {
        return nil
      }
      node = next
    }
    return node
  }

  private mutating func change(_ path: String, to node: Node?) {
    guard let steps = steps(path), let name = steps.last,
      case .folder(let folder) = self.node(steps.dropLast())
    else { return }
    folders[folder].pending[name, default: []].append(node)
    losables.removeAll { $0 == .name(name, in: folder) }
    losables.append(.name(name, in: folder))
  }
}
