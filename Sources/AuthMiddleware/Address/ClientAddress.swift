import Logging
import NIOConcurrencyHelpers

/// Finds out from which address a client came, past the proxies that are trusted.
public struct ClientAddress: Sendable {
    private let proxies: TrustedProxies
    private let isTold = NIOLockedValueBox(false)

    public init(proxies: TrustedProxies) {
        self.proxies = proxies
    }

    /// - Parameters:
    ///   - peer: the other end of the connection.
    ///   - fields: every `X-Forwarded-For` of the request, in order.
    func find(_ peer: String?, forwardedFor fields: [String], _ logger: Logger) -> String? {
        if proxies.isEmpty, !fields.isEmpty { tell(peer, logger) }
        return proxies.client(of: peer, forwardedFor: fields)
    }

    /// Once, since any client can send such a header.
    private func tell(_ peer: String?, _ logger: Logger) {
        let isFirst = isTold.withLockedValue { isTold in
            defer { isTold = true }
            return !isTold
        }
        guard isFirst else { return }
        logger.warning(
            "TRUSTED_PROXIES is none and X-Forwarded-For came: if it is your proxy's, the limits take all its clients for one",
            metadata: ["address": "\(peer ?? "-")"])
    }
}
