extension IPAddress {
    /// Whether only programs of this machine can reach it: 127.0.0.0/8 (RFC 1122 §3.2.1.3) or ::1.
    public var isLoopback: Bool { isIPv4 ? octets[12] == 127 : octets.dropLast().allSatisfy { $0 == 0 } && octets.last == 1 }
}
