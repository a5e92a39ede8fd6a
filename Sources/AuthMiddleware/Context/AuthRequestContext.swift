public import AuthCore
import HTTPTypes
public import Hummingbird
import NIOCore

/// What is known of a request before anybody asked for a token.
public struct AuthRequestContext: RequestContext {
    public var coreContext: CoreRequestContextStorage
    public internal(set) var requestID = ""
    let peerAddress: String?
    var session: AuthenticatedSession?
    var client: ClientID?

    public init(source: Source) {
        coreContext = .init(source: source)
        peerAddress = source.channel.remoteAddress?.ipAddress
    }

    /// For the audit trail.
    public func origin(of request: Request) -> RequestOrigin {
        RequestOrigin(ip: peerAddress, userAgent: request.headers[.userAgent], requestID: requestID)
    }
}
