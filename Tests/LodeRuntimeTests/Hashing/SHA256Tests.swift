import LodeRuntime
import Testing

@Suite("SHA-256")
struct SHA256Tests {
  /// Source: NIST, "Secure Hash Standard – example values" (one block, two blocks) and the empty
  /// message.
  @Test(
    "the messages of NIST have their digests",
    arguments: [
      ("", "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"),
      ("abc", "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"),
      (
        "abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq",
        "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1"
      ),
    ]
  )
  func messages(text: String, digest: String) {
    #expect(SHA256.hexDigest(of: text) == digest)
  }

  /// Source: NIST gives the digest of 1,000,000 × "a"; the shorter message here (100,000 × "a",
  /// fast in debug builds) is by Python 3 `hashlib`.
  @Test("a long message has its digest")
  func longMessage() {
    let bytes = [UInt8](repeating: UInt8(ascii: "a"), count: 100_000)
    #expect(
      SHA256.hexDigest(of: bytes)
        == "6d1cf22d7cc09b085dfc25ee1a1f3ae0265804c607bc2074ad253bcc82fd81ee"
    )
  }

  @Test("pieces give the digest of the whole", arguments: [1, 55, 56, 63, 64, 65, 127, 128])
  func pieces(size: Int) {
    let message = (0..<300).map { UInt8($0 % 251) }
    var hash = SHA256()
    var start = 0
    while start < message.count {
      hash.update(Array(message[start..<min(start + size, message.count)]).span)
      start += size
    }
    #expect(hash.hexDigest() == SHA256.hexDigest(of: message))
  }

  @Test("the plain way gives the digests of the way by instructions")
  func plainWay() {
    let bytes = (0..<1000).map { UInt8(truncatingIfNeeded: $0 &* 31) }
    for count in [0, 1, 55, 56, 63, 64, 65, 127, 128, 129, 1000] {
      var fast = SHA256()
      var plain = SHA256(usesInstructions: false)
      // In two pieces, so that blocks are cut.
      for piece in [0..<count / 3, count / 3..<count] {
        fast.update(bytes.span.extracting(piece))
        plain.update(bytes.span.extracting(piece))
      }
      #expect(fast.hexDigest() == plain.hexDigest())
    }
  }
}
