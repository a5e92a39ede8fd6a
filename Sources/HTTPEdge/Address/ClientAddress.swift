public import Logging
import NIOConcurrencyHelpers

/// Finds the address of a client behind trusted proxies.
public struct ClientAddress: Sendable {
    private let proxies: TrustedProxies
    private let hasWarned = NIOLockedValueBox(false)

    /// - Parameter proxies: those whose `X-Forwarded-For` is believed.
    public init(proxies: TrustedProxies) {
        self.proxies = proxies
    }

    /// - Parameters:
    ///   - peer: the other end of the connection.
    ///   - fields: every `X-Forwarded-For` of the request, in order.
    public func find(_ peer: String?, forwardedFor fields: [String], _ logger: Logger) -> String? {
        if proxies.isEmpty, !fields.isEmpty { warn(peer, logger) }
        return proxies.client(of: peer, forwardedFor: fields)
    }

    /// Once, since any client can send such a header.
    private func warn(_ peer: String?, _ logger: Logger) {
        let isFirst = hasWarned.withLockedValue { hasWarned in
            defer { hasWarned = true }
            return !hasWarned
        }
        guard isFirst else { return }
        logger.warning(
            "TRUSTED_PROXIES is none and X-Forwarded-For came: if it is your proxy's, the limits take all its clients for one",
            metadata: ["address": "\(peer ?? "-")"])
    }
}
