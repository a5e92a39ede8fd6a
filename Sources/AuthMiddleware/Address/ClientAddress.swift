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
        let forwardedFor = request.headers[values: .xForwardedFor]
        if proxies.isEmpty, !forwardedFor.isEmpty { tell(context) }
        var context = context
        context.clientAddress = proxies.client(of: context.clientAddress, forwardedFor: forwardedFor)
        return try await next(request, context)
    }

    /// Once, since any client can send such a header.
    private func tell(_ context: Context) {
        let isFirst = isTold.withLockedValue { isTold in
            defer { isTold = true }
            return !isTold
        }
        guard isFirst else { return }
        context.logger.warning(
            "TRUSTED_PROXIES is none and X-Forwarded-For came: if it is your proxy's, the limits take all its clients for one",
            metadata: ["address": "\(context.clientAddress ?? "-")"])
    }
}

extension HTTPField.Name {
    fileprivate static let xForwardedFor = Self("X-Forwarded-For")!
}
