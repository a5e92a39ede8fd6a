import AuthCore
public import Hummingbird

extension Request {
    /// Whether the content type of the body is that of a form.
    public var hasForm: Bool { hasContentType(FormBody.mediaType) }

    /// Reads the whole body as a form. Unknown parameters are ignored (RFC 6749 §3.2).
    ///
    /// - Throws: ``AuthError/unsupportedMediaType(expected:)``, ``AuthError/invalidForm(reason:)``.
    public func form() async throws -> FormBody {
        guard hasForm else { throw AuthError.unsupportedMediaType(expected: "\(FormBody.mediaType)") }
        return try FormBody(try await bodyOctets)
    }

    /// The `token` of a form (RFC 7662 §2.1, RFC 7009 §2.1). The token itself shows its type, so a hint is not needed.
    ///
    /// - Throws: ``AuthError/unsupportedMediaType(expected:)``, ``AuthError/invalidForm(reason:)`` where the token is missing or comes twice.
    public func tokenForm() async throws -> String {
        guard let token = try await form().value(of: "token") else { throw AuthError.invalidForm(reason: "There is no token.") }
        return token
    }
}
