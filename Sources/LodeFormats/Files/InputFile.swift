internal import Glibc

/// A file open for reading at any place, from several threads at once.
package final class InputFile: Sendable {
  /// The path it was opened by.
  package let path: String
  /// Its length in bytes when it was opened.
  package let byteCount: Int
  /// What tells the file from every other one and from itself after a change.
  package let identity: FileIdentity
  private let descriptor: Int32

  /// Opens a file for reading.
  ///
  /// - Throws: the words of the system why it cannot be opened.
  package init(opening path: String) throws(InputFileError) {
    // SAFETY: the path is a terminated text for the time of the call.
    let descriptor = unsafe open(path, O_RDONLY | O_CLOEXEC)
    guard descriptor >= 0 else { throw InputFileError(errno) }
    var status = stat()
    // SAFETY: `status` is a whole `stat` structure for the call to fill.
    guard unsafe fstat(descriptor, &status) == 0 else {
      let failure = InputFileError(errno)
      close(descriptor)
      throw failure
    }
    guard status.st_mode & S_IFMT == S_IFREG else {
      close(descriptor)
      throw InputFileError(words: "not a regular file")
    }
    self.path = path
    self.descriptor = descriptor
    byteCount = Int(status.st_size)
    identity = FileIdentity(status)
  }

  deinit { close(descriptor) }

  /// The bytes of a range of the file; fewer if the file ends before it.
  ///
  /// - Throws: the words of the system when the disk cannot be read.
  package func bytes(in range: Range<Int>) throws(InputFileError) -> [UInt8] {
    var failure: Int32 = 0
    // SAFETY: `pread` writes at most `range.count - count` bytes behind the `count` already there.
    let bytes = unsafe [UInt8](unsafeUninitializedCapacity: range.count) { buffer, count in
      while count < range.count {
        let target = unsafe buffer.baseAddress.map { unsafe $0 + count }
        let step = unsafe pread(descriptor, target, range.count - count, range.lowerBound + count)
        if step < 0 && errno == EINTR { continue }
        if step < 0 { failure = errno }
        guard step > 0 else { return }
        count += step
      }
    }
    guard failure == 0 else { throw InputFileError(failure) }
    return bytes
  }

  /// Numbers of a file that holds nothing but doubles of the byte order of this machine.
  ///
  /// - Parameter range: the places of the numbers, from 0.
  /// - Returns: as many numbers.
  /// - Throws: the words of the system when the disk cannot be read or the file ends before.
  package func doubles(in range: Range<Int>) throws(InputFileError) -> [Double] {
    var failure: Int32 = 0
    let size = range.count * 8
    // SAFETY: `pread` writes at most `size - done` bytes behind the `done` already there; any
    // bits are a double, and only whole ones that were written count.
    let numbers = unsafe [Double](unsafeUninitializedCapacity: range.count) { buffer, count in
      let target = UnsafeMutableRawPointer(buffer.baseAddress)
      var done = 0
      while done < size {
        let start = unsafe target.map { unsafe $0 + done }
        let step = unsafe pread(descriptor, start, size - done, range.lowerBound * 8 + done)
        if step < 0 && errno == EINTR { continue }
        if step < 0 { failure = errno }
        guard step > 0 else { break }
        done += step
      }
      count = done / 8
    }
    guard failure == 0 else { throw InputFileError(failure) }
    guard numbers.count == range.count else {
      throw InputFileError(words: "the file ends too early")
    }
    return numbers
  }

  /// Reads floats of the byte order of this machine into the first places of an array.
  ///
  /// - Parameters:
  ///   - buffer: the array; it keeps its length.
  ///   - count: the floats wanted.
  ///   - place: the place of the first in a file of nothing but floats.
  /// - Returns: the whole floats read; fewer than wanted only if the file ends before.
  /// - Throws: the words of the system when the disk cannot be read.
  package func floats(
    into buffer: inout [Float],
    count: Int,
    from place: Int
  ) throws(InputFileError) -> Int {
    precondition(count >= 0 && count <= buffer.count, "\(count) floats for \(buffer.count)")
    var failure: Int32 = 0
    var done = 0
    // SAFETY: `pread` writes at most `count * 4 - done` bytes behind `done`, which the buffer has;
    // any bits are a float.
    unsafe buffer.withUnsafeMutableBytes { target in
      while done < count * 4 {
        let start = unsafe target.baseAddress.map { unsafe $0 + done }
        let step = unsafe pread(descriptor, start, count * 4 - done, place * 4 + done)
        if step < 0 && errno == EINTR { continue }
        if step < 0 { failure = errno }
        guard step > 0 else { return }
        done += step
      }
    }
    guard failure == 0 else { throw InputFileError(failure) }
    return done / 4
  }

  /// Reads bytes of the file into an array, in place of those from `place` on.
  ///
  /// - Parameters:
  ///   - buffer: the array; it keeps its length.
  ///   - place: where the first byte goes.
  ///   - count: the bytes wanted.
  ///   - offset: where in the file they start.
  /// - Returns: the bytes read; fewer than wanted only if the file ends before.
  /// - Throws: the words of the system when the disk cannot be read.
  package func read(
    into buffer: inout [UInt8],
    at place: Int,
    count: Int,
    from offset: Int
  ) throws(InputFileError) -> Int {
    precondition(
      place >= 0 && count >= 0 && place + count <= buffer.count,
      "\(count) bytes at \(place) of a buffer of \(buffer.count)"
    )
    var failure: Int32 = 0
    var done = 0
    // SAFETY: `pread` writes at most `count - done` bytes behind `place + done`, which the buffer
    // has.
    unsafe buffer.withUnsafeMutableBytes { target in
      while done < count {
        let start = unsafe target.baseAddress.map { unsafe $0 + place + done }
        let step = unsafe pread(descriptor, start, count - done, offset + done)
        if step < 0 && errno == EINTR { continue }
        if step < 0 { failure = errno }
        guard step > 0 else { return }
        done += step
      }
    }
    guard failure == 0 else { throw InputFileError(failure) }
    return done
  }

  /// Whether the file is still as it was when it was opened.
  package var isUnchanged: Bool {
    var status = stat()
    // SAFETY: `status` is a whole `stat` structure for the call to fill.
    guard unsafe fstat(descriptor, &status) == 0 else { return false }
    return FileIdentity(status) == identity
  }
}

/// What tells a file from every other one and from itself after a change.
package struct FileIdentity: Hashable, Sendable {
  private let device: UInt64
  private let node: UInt64
  private let byteCount: Int
  private let modifiedSeconds: Int
  private let modifiedNanoseconds: Int

  fileprivate init(_ status: stat) {
    device = UInt64(status.st_dev)
    node = UInt64(status.st_ino)
    byteCount = Int(status.st_size)
    modifiedSeconds = status.st_mtim.tv_sec
    modifiedNanoseconds = status.st_mtim.tv_nsec
  }
}

/// Why the system refused to open or read a file, in its own words.
package struct InputFileError: Error, Hashable {
  /// For example "No such file or directory".
  package let words: String
  /// The error number of the system; nil for a file that is no regular one.
  package let code: Int32?

  init(words: String) {
    self.words = words
    code = nil
  }

  init(_ code: Int32) {
    // SAFETY: `strerror` gives a static or thread-local text that is copied at once.
    words = unsafe String(cString: strerror(code))
    self.code = code
  }
}
