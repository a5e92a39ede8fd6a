/// CRC-32/ISO-HDLC (the checksum of zlib and Ethernet): finds typing errors and lets scanners recognise a leaked token.
enum CRC32 {
    private static let table: [UInt32] = (0..<256).map { index in
        (0..<8).reduce(UInt32(index)) { value, _ in value & 1 == 1 ? 0xEDB8_8320 ^ (value >> 1) : value >> 1 }
    }

    /// - Parameter before: the checksum of what comes before these octets.
    static func checksum(_ octets: some Sequence<UInt8>, after before: UInt32 = 0) -> UInt32 {
        ~octets.reduce(~before) { value, octet in table[Int(UInt8(truncatingIfNeeded: value) ^ octet)] ^ (value >> 8) }
    }
}
