public import HTTPEdge
public import Logging

/// How the service speaks HTTP, the same for the framework and the fast path.
public struct HTTPOptions: Sendable {
    public var limits = HTTPLimits()
    public let addresses: ClientAddress
    /// The pages that may read answers.
    public var origins = AllowedOrigins.none
    /// Headers that scripts of these pages may send besides the standard ones of this API.
    public var allowedHeaders = AllowedHeaders.none
    /// Whether the server itself ends TLS.
    public var isSecure = false
    /// The `iss` of introspection; `nil` for none.
    public var issuer: String?
    /// The name of the service that pages show.
    public var service = "auth-api"
    /// Where people reach the server: scheme, host and perhaps a port. Forms come from there.
    public var publicURL = "http://127.0.0.1:8000"
    public let logger: Logger
    public let observer: RequestObserver

    /// - Parameter addresses: finds out which address a client has.
    public init(addresses: ClientAddress, logger: Logger) {
        (self.addresses, self.logger) = (addresses, logger)
        observer = RequestObserver(logger: logger)
    }
}
