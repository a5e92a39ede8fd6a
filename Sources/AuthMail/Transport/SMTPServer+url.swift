import AuthCore
import Glibc

extension SMTPServer {
    /// Reads the text of `MAIL_URL`: `smtp://[user:password@]host[:port]`, with port 587 by default, or `smtps://…` with 465.
    ///
    /// `smtp` requires STARTTLS, unless the host is a loopback address or `localhost`. User and password are percent-decoded.
    ///
    /// - Parameter authorities: a file with the certificates (PEM) of the only authorities to trust; `nil` for those of the system.
    /// - Throws: ``MailProblem``, which completes a sentence that begins with the name of the setting.
    public init(url: String, authorities: String? = nil) throws(MailProblem) {
        let (isImplicit, rest) = try Self.scheme(of: url)
        let authority = rest.utf8.last == UInt8(ascii: "/") ? rest.dropLast() : rest
        guard !authority.utf8.contains(where: { "/?#".utf8.contains($0) }) else {
            throw MailProblem("must end after the host and the port; in a user or password, write / as %2F, ? as %3F and # as %23")
        }
        let at = authority.utf8.lastIndex(of: UInt8(ascii: "@"))
        credentials = try at.map { end throws(MailProblem) in try Credentials(userInformation: authority[..<end]) }
        let place = at.map { authority[authority.utf8.index(after: $0)...] } ?? authority
        (host, port) = try Self.place(place, defaultPort: isImplicit ? 465 : 587)
        encryption = isImplicit ? .implicit : Self.isLoopback(host) ? .none : .startTLS
        self.authorities = authorities
    }

    private static func scheme(of url: String) throws(MailProblem) -> (isImplicit: Bool, rest: Substring) {
        let lowercased = url.prefix(8).lowercased()
        if lowercased.hasPrefix("smtps://") { return (true, url.dropFirst(8)) }
        if lowercased.hasPrefix("smtp://") { return (false, url.dropFirst(7)) }
        throw MailProblem("must begin with smtp:// or smtps://")
    }

    private static func place(_ text: Substring, defaultPort: Int) throws(MailProblem) -> (host: String, port: Int) {
        let isBracketed = text.utf8.first == UInt8(ascii: "[")
        let end = text.utf8.firstIndex(of: UInt8(ascii: isBracketed ? "]" : ":"))
        guard let hostEnd = end ?? (isBracketed ? nil : text.endIndex) else { throw MailProblem("has [ without ] in the host") }
        let host = String(isBracketed ? text[..<hostEnd].dropFirst() : text[..<hostEnd])
        guard isBracketed ? isIPv6(host) : isName(host) else {
            throw MailProblem("must have a host: a name in ASCII, an IPv4 address, or an IPv6 address in brackets")
        }
        let rest = isBracketed ? text[text.utf8.index(after: hostEnd)...] : text[hostEnd...]
        guard !rest.isEmpty else { return (host, defaultPort) }
        let digits = rest.dropFirst()
        guard rest.utf8.first == UInt8(ascii: ":"), digits.utf8.allSatisfy({ (0x30...0x39).contains($0) }), let port = Int(digits),
            (1...65_535).contains(port)
        else { throw MailProblem("must have a port from 1 to 65535 after the colon") }
        return (host, port)
    }

    private static func isName(_ host: String) -> Bool {
        (1...253).contains(host.utf8.count)
            && host.utf8.allSatisfy { octet in
                switch octet {
                case 0x30...0x39, 0x41...0x5A, 0x61...0x7A, UInt8(ascii: "."), UInt8(ascii: "-"), UInt8(ascii: "_"): true
                default: false
                }
            }
    }

    private static func isIPv6(_ host: String) -> Bool {
        var address = in6_addr()
        return inet_pton(AF_INET6, host, &address) == 1
    }

    /// A name such as `127.0.0.1.example.net` is no address.
    private static func isLoopback(_ host: String) -> Bool {
        if host.lowercased().hasSameOctets(as: "localhost") { return true }
        var ipv4 = in_addr()
        if inet_pton(AF_INET, host, &ipv4) == 1 { return UInt32(bigEndian: ipv4.s_addr) >> 24 == 127 }
        var ipv6 = in6_addr()
        guard inet_pton(AF_INET6, host, &ipv6) == 1 else { return false }
        return withUnsafeBytes(of: ipv6) { $0.dropLast().allSatisfy { $0 == 0 } && $0.last == 1 }
    }
}

extension SMTPServer.Credentials {
    /// - Parameter text: `user:password`, percent-encoded.
    fileprivate init(userInformation text: Substring) throws(MailProblem) {
        guard let colon = text.utf8.firstIndex(of: UInt8(ascii: ":")) else {
            throw MailProblem("must have user:password before the @, or no @")
        }
        let password = text[text.utf8.index(after: colon)...]
        guard let user = Self.decoded(text[..<colon]), let password = Self.decoded(password) else {
            throw MailProblem("has a user or password that is not percent-encoded UTF-8; write % as %25")
        }
        guard !user.isEmpty, !password.isEmpty else { throw MailProblem("has an empty user or password before the @") }
        guard !MailText.hasControls(user), !MailText.hasControls(password) else {
            throw MailProblem("has a control character in the user or password")
        }
        self.init(user: user, password: password)
    }

    /// RFC 3986 §2.1.
    private static func decoded(_ text: Substring) -> String? {
        var octets: [UInt8] = []
        var rest = text.utf8
        while let octet = rest.popFirst() {
            guard octet == UInt8(ascii: "%") else {
                octets.append(octet)
                continue
            }
            guard let high = rest.popFirst().flatMap(hexadecimal), let low = rest.popFirst().flatMap(hexadecimal) else { return nil }
            octets.append(high << 4 | low)
        }
        return String(validating: octets, as: UTF8.self)
    }

    private static func hexadecimal(_ octet: UInt8) -> UInt8? {
        switch octet {
        case 0x30...0x39: octet - 0x30
        case 0x41...0x46, 0x61...0x66: (octet | 0x20) - 0x61 + 10
        default: nil
        }
    }
}
