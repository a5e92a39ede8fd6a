import HTTPTypes
import Logging
import NIOConcurrencyHelpers
public import Hummingbird

/// Finds out from which address a client came, past the proxies that are trusted.
public struct ClientAddress: RouterMiddleware {
    public typealias Context = AuthRequestContext

    private let proxies: TrustedProxies
    private let isTold = NIOLockedValueBox(false)

    public init(proxies: TrustedProxies) {
        self.proxies = proxies
    }

    public func handle(
        _ request: Request, context: Context, next: (Request, Context) async throws -> Response
    ) async throws -> Response {
        var context = context
        context.clientAddress = find(context.clientAddress, forwardedFor: request.headers[values: .xForwardedFor], context.logger)
        return try await next(request, context)
    }

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

extension HTTPField.Name {
    fileprivate static let xForwardedFor = Self("X-Forwarded-For")!
}
