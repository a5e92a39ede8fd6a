public import AuthCore
import HTTPTypes
public import Hummingbird
import NIOCore

/// The context of every request, before any guard.
public struct AuthRequestContext: RequestContext {
    public var coreContext: CoreRequestContextStorage
    public internal(set) var requestID = ""
    /// The address of the peer, until ``RequestSource`` has looked past the proxies.
    var clientAddress: String?
    var session: AuthenticatedSession?
    var client: ServiceClientID?

    public init(source: Source) {
        coreContext = .init(source: source)
        clientAddress = source.channel.remoteAddress?.ipAddress
    }

    /// For the audit trail.
    public func origin(of request: Request) -> RequestOrigin {
        RequestOrigin(ip: clientAddress, userAgent: request.headers[.userAgent], requestID: requestID)
    }
}
