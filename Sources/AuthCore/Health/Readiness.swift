/// Tells whether this instance can serve.
public protocol Readiness: Sendable {
    /// - Throws: ``AuthError/unavailable(cause:)`` unless the database answers and its schema is the one this build needs.
    func check() async throws(AuthError)
}
