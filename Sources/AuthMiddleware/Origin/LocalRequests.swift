import AuthCore
import HTTPEdge
import HTTPTypes
public import Hummingbird

/// Lets requests pass that a person or a program of this machine makes, and refuses those that a web page of another site makes.
///
/// Such a page cannot read answers of another origin, unless its own name leads to this machine (DNS rebinding). Then `Host` has that name.
public struct LocalRequests<Context: RequestContext>: RouterMiddleware {
    /// For every surface of a listener that only this machine reaches.
    public init() {}

    public func handle(
        _ request: Request, context: Context, next: (Request, Context) async throws -> Response
    ) async throws -> Response {
        guard let host = request.head.authority, Self.isLocal(host) else {
            throw HTTPError(.forbidden, message: "Ask by the name localhost or by an address such as 127.0.0.1.")
        }
        guard !request.headers[values: .secFetchSite].contains(where: { $0.hasSameOctets(as: "cross-site") }) else {
            throw HTTPError(.forbidden, message: "A page of another site asked.")
        }
        return try await next(request, context)
    }

    /// - Parameter host: perhaps with a port.
    static func isLocal(_ host: String) -> Bool {
        let octets = Array(host.utf8)
        if octets.first == UInt8(ascii: "["), let end = octets.firstIndex(of: UInt8(ascii: "]")) {
            return IPAddress(octets[1..<end])?.isLoopback ?? false
        }
        let name = octets.prefix { $0 != UInt8(ascii: ":") }
        return name.isWord("localhost") || IPAddress(name)?.isLoopback ?? false
    }
}
