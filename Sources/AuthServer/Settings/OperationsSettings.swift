import HTTPEdge

/// The second listener, for operators and developers.
struct OperationsSettings: Sendable {
    let host: String
    /// Whether only this machine reaches the host.
    let isLoopback: Bool
    /// `nil` if nothing listens.
    let port: Int?

    static let host = Setting<ListeningHost>(
        "OPERATIONS_HOST", .parsed("an address of this machine that others cannot reach", otherwise: .loopback) { ListeningHost($0) },
        default: "127.0.0.1", "The address of the listener for operators.")
    static let port = Setting(
        "OPERATIONS_PORT", .integer(0...65_535), default: "8001",
        "The port of the listener for operators. In development it shows the mails that no MAIL_URL sends. 0 picks a free one.")

    init(_ read: inout SettingReader) {
        read.section = "Operations"
        host = read(Self.host).text
        port = read(Self.port)
        isLoopback = host == "localhost" || IPAddress(host.utf8)?.isLoopback ?? false
        read.requireInProduction(isLoopback, Self.host, "can be reached from other machines: use 127.0.0.1")
    }
}
