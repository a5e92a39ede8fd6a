import HTTPEdge

struct ListeningSettings: Sendable {
    /// In a form that can be bound.
    let host: String
    let port: Int
    /// `nil` if the server speaks plain HTTP.
    let tls: TLSFiles?
    let trustedProxies: TrustedProxies
    let shutdownDelay: Duration

    static let host = Setting<ListeningHost>(
        "HOST", .parsed("an address, a name that this machine can look up, or *", otherwise: .loopback) { ListeningHost($0) },
        default: "127.0.0.1", "The address to listen on. * means every address of the machine.")
    static let port = Setting(
        "PORT", .integer(0...65_535), default: "8000", "The port to listen on. 0 picks a free one, and the log names it.")
    static let tlsCertificate = Setting(
        "TLS_CERTIFICATE_FILE", .text("a PEM file or none"), default: "none",
        "The server's certificate, followed by those that certify it. With it the server speaks only TLS 1.2 and 1.3.")
    static let tlsPrivateKey = Setting(
        "TLS_PRIVATE_KEY_FILE", .text("a PEM file or none"), default: "none",
        "The private key of the certificate. Both files are read again on SIGHUP and when they change.")
    static let trustedProxies = Setting<TrustedProxies>(
        "TRUSTED_PROXIES",
        .parsed("a list of addresses and ranges such as 10.0.0.0/8, 2001:db8::1, or none", otherwise: .none) { TrustedProxies($0) },
        default: "none", "The proxies whose X-Forwarded-For is believed.")
    static let shutdownDelay = Setting(
        "SHUTDOWN_DELAY", .duration(from: "0s", to: "60s"), default: "0s",
        "How long /readyz answers 503 after SIGTERM while requests are still served, so that load balancers notice.")

    init(_ read: inout SettingReader) {
        read.section = "Listening"
        host = read(Self.host).text
        port = read(Self.port)
        tls = Self.tlsFiles(&read)
        trustedProxies = read(Self.trustedProxies)
        shutdownDelay = read(Self.shutdownDelay)
        requireUsableFiles(&read)
        requireEncryption(&read)
    }

    /// Both files, or neither.
    static func tlsFiles(_ read: inout SettingReader) -> TLSFiles? {
        let (certificate, privateKey) = (read(tlsCertificate), read(tlsPrivateKey))
        if certificate != "none", privateKey != "none" { return TLSFiles(certificate: certificate, privateKey: privateKey) }
        read.require(certificate == privateKey, tlsCertificate, tlsPrivateKey) { "\($0) and \($1) go together: set both or none" }
        return nil
    }

    private func requireUsableFiles(_ read: inout SettingReader) {
        guard let tls else { return }
        tls.problems().forEach { read.report($0) }
        read.requireInProduction(!tls.isKeyOpenToEveryUser, Self.tlsPrivateKey, "can be read by every user of this machine")
    }

    private func requireEncryption(_ read: inout SettingReader) {
        read.requireInProduction(
            !trustedProxies.trustsEverybody, Self.trustedProxies,
            "trusts every address: clients could choose the address that is recorded for them")
        read.requireInProduction(
            ["127.0.0.1", "::1", "localhost"].contains(host) || tls != nil || !trustedProxies.isEmpty, Self.host,
            "takes passwords unencrypted: set TLS_CERTIFICATE_FILE, or TRUSTED_PROXIES if a proxy ends TLS")
    }
}
