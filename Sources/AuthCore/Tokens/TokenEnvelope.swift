/// What both kinds of token string share: prefix, unpadded base64url, and a CRC-32 over prefix and payload at the end.
///
/// One token string is one token: exact length, canonical encoding, right checksum, or it is none.
struct TokenEnvelope {
    let prefix: String
    let payloadLength: Int

    private static let checksumLength = 4

    func seal(_ payload: [UInt8]) -> String {
        precondition(payload.count == payloadLength)
        return prefix + Base64URL.encode(payload + checksum(payload))
    }

    func open(_ text: String) -> ArraySlice<UInt8>? {
        let characters = text.utf8
        let length = payloadLength + Self.checksumLength
        guard characters.count == prefix.utf8.count + Base64URL.encodedCount(length), characters.starts(with: prefix.utf8) else {
            return nil
        }
        guard let octets = Base64URL.decode(characters.dropFirst(prefix.utf8.count)) else { return nil }
        let payload = octets.prefix(payloadLength)
        return octets.suffix(Self.checksumLength).elementsEqual(checksum(payload)) ? payload : nil
    }

    private func checksum(_ payload: some Sequence<UInt8>) -> [UInt8] {
        let value = CRC32.checksum(Array(prefix.utf8) + payload)
        return [UInt8(value >> 24), UInt8(value >> 16 & 0xFF), UInt8(value >> 8 & 0xFF), UInt8(value & 0xFF)]
    }
}
