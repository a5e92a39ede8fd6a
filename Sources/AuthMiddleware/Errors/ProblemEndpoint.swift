import AuthCore
import HTTPTypes

/// The kind of endpoint that an answer comes from. RFC 6749 §5.2 has its own error codes for the token endpoint, and OAuth libraries
/// read no others.
public enum ProblemEndpoint {
    case resource
    /// - Parameter isForm: whether the request was the form of RFC 6749 §6. Then 401 and 422 become 400 without a challenge.
    case token(isForm: Bool)

    /// The path of a refresh, as in the route map.
    static let tokenPath = "/api/auth/refresh"

    func status(of error: AuthError) -> HTTPResponse.Status { isRefusedGrant(error) ? .badRequest : error.status }

    func headerFields(of error: AuthError) -> HTTPFields {
        var fields = error.headerFields
        if isRefusedGrant(error) { fields[.wwwAuthenticate] = nil }
        return fields
    }

    private func isRefusedGrant(_ error: AuthError) -> Bool {
        guard case .token(isForm: true) = self else { return false }
        return error.status == .unauthorized || error.status == .unprocessableContent
    }

    /// The member `error` of the answer.
    func oauthError(for error: AuthError) -> String? {
        switch (error, self) {
        case (.invalidClient, _): "invalid_client"
        case (.invalidRequest, _), (.invalidForm, _): "invalid_request"
        case (.unsupportedGrantType, _): "unsupported_grant_type"
        case (_, .resource): nil
        case (.invalidToken, _), (.refreshTokenReused, _): "invalid_grant"
        // From RFC 6749 §4.1.2.1, since §5.2 has no code for it, and libraries take an answer without `error` for tokens.
        case (.unavailable, _), (.overloaded, _), (.tooManyAttempts, _): "temporarily_unavailable"
        default: "invalid_request"
        }
    }
}
