/// How many clients may be connected, and for how long.
struct ConnectionSettings: Sendable {
    let maximum: Int
    /// 0 means a quarter of all.
    private let perNetwork: Int
    let idleTimeout: Duration

    static let maximum = Setting(
        "MAX_CONNECTIONS", .integer(16...1_000_000), default: "10000",
        "Connections of clients at one time, as far as the limit of open files allows. "
            + "A further one replaces the one that was idle longest.")
    static let perNetwork = Setting(
        "CONNECTIONS_PER_NETWORK", .integer(0...1_000_000), default: "0", formerly: "CONNECTIONS_PER_ADDRESS",
        "Connections from one IPv4 address or IPv6 /64, except trusted proxies. 0 means a quarter of MAX_CONNECTIONS.")
    static let idleTimeout = Setting(
        "IDLE_TIMEOUT", .duration(from: "61s", to: "1h"), default: "75s",
        "A connection without a request is closed after this time. Proxies in front must close theirs sooner.")

    init(_ read: inout SettingReader) {
        read.section = "Connections"
        maximum = read(Self.maximum)
        perNetwork = read(Self.perNetwork)
        idleTimeout = read(Self.idleTimeout)
    }

    /// Connections of one IPv4 address or IPv6 /64: the configured number, or a quarter of all.
    func perNetwork(of total: Int) -> Int { perNetwork > 0 ? perNetwork : max(1, total / 4) }
}
