import FoundationEssentials
import LodeRuntime
import LodeTestSupport
import Testing

@testable import LodePipeline

@Suite("The lock of a warehouse")
struct RunLockTests {
  let folder: TemporaryFolder

  init() throws {
    folder = try TemporaryFolder()
  }

  private func leave(host: String, boot: String) throws {
    let owner = """
      {"run":"r9","host":"\(host)","boot":"\(boot)","process":4711,"started":"1",\
      "since":"2026-01-05T10:00:00Z"}
      """
    try Data(owner.utf8).write(to: URL(filePath: folder.path + "/.lode-lock"))
  }

  private func refusal(_ work: () throws -> Void) -> String? {
    do {
      try work()
      return nil
    } catch {
      return (error as? Diagnostic)?.description.replacing(folder.path, with: "WH")
    }
  }

  @Test("a lock left on this machine is taken over, whatever its age")
  func leftHere() throws {
    for boot in [RunLock.boot(), "earlier"] {
      try leave(host: RunLock.host(), boot: boot)
      let lock = try RunLock(folder: folder.path, runID: "r10", isShared: true)
      #expect(
        lock.killedOwner
          == "run r9, process 4711 on \(RunLock.host()), since 2026-01-05T10:00:00Z"
      )
      lock.release()
    }
    #expect(try RunLock(folder: folder.path, runID: "r11").killedOwner == nil)
  }

  @Test("a lock left by another machine on a shared folder stays until a person removes it")
  func leftElsewhere() throws {
    try leave(host: "elsewhere", boot: "other")
    let words = """
      WH: run r9, process 4711 on elsewhere, since 2026-01-05T10:00:00Z, has not given back the \
      warehouse, and whether it still runs cannot be seen from this machine.
        fix: if it has surely ended, lode unlock --force removes its lock.
      """
    #expect(
      refusal { _ = try RunLock(folder: folder.path, runID: "r10", isShared: true) } == words
    )
    let unlock = { (isForced: Bool) in
      try RunLock.unlock(folder.path, isForced: isForced, isShared: true)
    }
    #expect(refusal { _ = try unlock(false) } == words)
    #expect(
      try unlock(true)
        == "the lock of run r9, process 4711 on elsewhere, since 2026-01-05T10:00:00Z, is removed."
    )
    #expect(try unlock(false) == "nobody holds the warehouse.")
    try leave(host: "elsewhere", boot: "other")
    // Where no other machine can write, the free lock of the system is the whole truth.
    try RunLock(folder: folder.path, runID: "r10", isShared: false).release()
  }

  @Test("whoever holds the lock is named, at once or after waiting")
  func held() throws {
    let lock = try RunLock(folder: folder.path, runID: "r1")
    let refusals = [0, 1]
      .map { seconds in
        var waitedFor: [String] = []
        let words = refusal {
          _ = try RunLock(folder: folder.path, runID: "r2", waitingSeconds: seconds) {
            waitedFor.append($0)
          }
        }
        #expect(waitedFor.count == seconds)
        return words ?? ""
      }
    #expect(refusals[0].hasPrefix("WH: another run holds the warehouse: run r1, process "))
    #expect(refusals[1].contains("Z (waited 1 s for it).\n"))
    #expect(refusal { _ = try RunLock.unlock(folder.path, isForced: true) } == refusals[0])
    lock.release()
    try RunLock(folder: folder.path, runID: "r2", waitingSeconds: 1) { _ in
      Issue.record("nobody holds it")
    }
    .release()
  }
}
