/// The mail server that takes the mails of this service. It prints without its user and its password.
public struct SMTPServer: Sendable, CustomStringConvertible, CustomDebugStringConvertible {
    /// How the connection is protected. With TLS the certificate must be valid for the host.
    enum Encryption: Sendable {
        /// Not at all: for the loopback interface only.
        case none
        /// `STARTTLS` (RFC 3207). Nothing is sent to a server that does not offer it.
        case startTLS
        /// TLS from the first octet (RFC 8314 §3.3).
        case implicit
    }

    /// For AUTH (RFC 4954).
    struct Credentials: Sendable, CustomStringConvertible, CustomDebugStringConvertible {
        let user: String
        let password: String

        var description: String { "****" }
        var debugDescription: String { description }
    }

    /// A name or an address, without the brackets that a URL has around IPv6.
    let host: String
    let port: Int
    let encryption: Encryption
    let credentials: Credentials?
    /// The file with the certificates (PEM) that are trusted in place of the system's.
    let authorities: String?

    /// The scheme, the host and the port.
    public var description: String {
        "\(encryption == .implicit ? "smtps" : "smtp")://\(host.utf8.contains(UInt8(ascii: ":")) ? "[\(host)]" : host):\(port)"
    }

    /// The same as ``description``.
    public var debugDescription: String { description }
}
