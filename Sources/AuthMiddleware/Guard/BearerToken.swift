public import AuthCore
public import Hummingbird

extension Request {
    /// The bearer token of the request (RFC 6750 §2.1); `nil` if no credential of that scheme came.
    ///
    /// - Throws: ``AuthError/invalidRequest(reason:)`` for two credentials.
    public func bearerToken() throws(AuthError) -> String? { try credential("bearer").map(String.init) }
}
