import AuthCore
public import Hummingbird

extension Request {
    private struct TokenForm: Decodable {
        let token: String?
    }

    /// The `token` of a form (RFC 7662 §2.1, RFC 7009 §2.1). Its type is told by the token, so that a hint is not needed; what
    /// else is there is ignored (RFC 6749 §3.2).
    ///
    /// - Throws: ``AuthError/unsupportedMediaType(expected:)``, ``AuthError/invalidForm(reason:)`` where the token is missing or comes twice.
    public func tokenForm() async throws -> String {
        let type = "application/x-www-form-urlencoded"
        guard hasContentType(type) else { throw AuthError.unsupportedMediaType(expected: type) }
        let octets = try await bodyOctets
        guard let text = String(validating: octets, as: UTF8.self),
            let form = try? URLEncodedFormDecoder().decode(TokenForm.self, from: text)
        else { throw AuthError.invalidForm(reason: "The body is no form with one token.") }
        guard let token = form.token, !token.isEmpty else { throw AuthError.invalidForm(reason: "There is no token.") }
        return token
    }
}
