/// The form that all token strings share: prefix, unpadded base64url, and a CRC-32 over prefix and payload at the end.
///
/// One token string is one token: exact length, canonical encoding, right checksum, or it is none.
struct TokenEnvelope {
    let prefix: String
    let payloadLength: Int

    private static let checksumLength = 4

    func seal(_ payload: [UInt8]) -> String {
        precondition(payload.count == payloadLength)
        return prefix + Base64URL.encode(payload + bigEndian(checksum(payload)))
    }

    /// The value that the body makes of the payload; `nil` if the text is not such a token.
    func open<Value>(_ text: String, _ body: (UnsafeRawBufferPointer) -> Value?) -> Value? {
        var text = text
        return text.withUTF8 { open(UnsafeRawBufferPointer($0), body) }
    }

    /// The same from the octets of the text, without an allocation.
    func open<Value>(_ characters: UnsafeRawBufferPointer, _ body: (UnsafeRawBufferPointer) -> Value?) -> Value? {
        let length = payloadLength + Self.checksumLength
        let prefixLength = prefix.utf8.count
        guard characters.count == prefixLength + Base64URL.encodedCount(length), characters.starts(with: prefix.utf8) else { return nil }
        return withUnsafeTemporaryAllocation(byteCount: length, alignment: 8) { octets in
            guard Base64URL.decode(UnsafeRawBufferPointer(rebasing: characters[prefixLength...]), into: octets) else { return nil }
            let payload = UnsafeRawBufferPointer(rebasing: octets[..<payloadLength])
            guard UInt32(bigEndian: octets.loadUnaligned(fromByteOffset: payloadLength, as: UInt32.self)) == checksum(payload) else {
                return nil
            }
            return body(payload)
        }
    }

    private func checksum(_ payload: some Sequence<UInt8>) -> UInt32 {
        CRC32.checksum(payload, after: CRC32.checksum(prefix.utf8))
    }

    private func bigEndian(_ value: UInt32) -> [UInt8] {
        [UInt8(value >> 24), UInt8(value >> 16 & 0xFF), UInt8(value >> 8 & 0xFF), UInt8(value & 0xFF)]
    }
}
