/// Everything that can go wrong, as the caller may know it. Closed: one `switch` maps it to HTTP.
public enum AuthError: Error, Hashable, Sendable {
    case malformedHTTP(reason: String)
    case malformedJSON(reason: String)
    case invalidRequest(reason: String)
    /// The same of a service's form (RFC 6749 §5.2), which no bearer token would mend.
    case invalidForm(reason: String)
    case missingToken
    case invalidToken
    case invalidCredentials
    case refreshTokenReused
    /// A service's credential is missing or wrong (RFC 6749 §5.2).
    case invalidClient
    case notFound
    case methodNotAllowed(allowed: [String])
    case emailTaken
    case bodyTooLarge(limit: Int)
    case unsupportedMediaType(expected: String)
    case validationFailed([FieldError])
    /// A failure of ours. `cause` is for the log alone.
    case unavailable(cause: String)
    /// More is asked than this server can do. What waits now is done after `retryAfter`.
    case overloaded(retryAfter: Duration)
    /// Somebody was wrong too often (RFC 6585 §4), and nothing was evaluated. After `retryAfter` it may be tried again.
    case tooManyAttempts(retryAfter: Duration)

    /// Stable, snake_case; part of the wire contract (RFC 9457 §3.2 extension member `code`).
    public var code: String {
        switch self {
        case .malformedHTTP: "malformed_http"
        case .malformedJSON: "malformed_json"
        case .invalidRequest, .invalidForm: "invalid_request"
        case .missingToken: "missing_token"
        case .invalidToken: "invalid_token"
        case .invalidCredentials: "invalid_credentials"
        case .refreshTokenReused: "refresh_token_reused"
        case .invalidClient: "invalid_client"
        case .notFound: "not_found"
        case .methodNotAllowed: "method_not_allowed"
        case .emailTaken: "email_taken"
        case .bodyTooLarge: "body_too_large"
        case .unsupportedMediaType: "unsupported_media_type"
        case .validationFailed: "validation_failed"
        case .unavailable, .overloaded: "unavailable"
        case .tooManyAttempts: "too_many_attempts"
        }
    }

    /// A sentence that is safe to show to anybody.
    public var detail: String {
        switch self {
        case .malformedHTTP(let reason), .malformedJSON(let reason), .invalidRequest(let reason), .invalidForm(let reason): reason
        case .missingToken: "This resource needs a bearer token."
        case .invalidToken: "The token is malformed, expired, revoked or unknown."
        case .invalidCredentials: "The e-mail address or the password is wrong."
        case .refreshTokenReused: "This refresh token was used before. Its session has been ended."
        case .invalidClient: "This resource needs the id and the secret of a client, in an Authorization header of scheme Basic."
        case .notFound: "There is nothing at this address."
        case .methodNotAllowed(let allowed): "Allowed here: \(allowed.joined(separator: ", "))."
        case .emailTaken: "An account with this e-mail address exists."
        case .bodyTooLarge(let limit): "The body is larger than \(limit) bytes."
        case .unsupportedMediaType(let expected): "The body must be \(expected) in UTF-8."
        case .validationFailed: "Some fields are not valid."
        case .unavailable, .overloaded: "The service cannot answer now. Try again shortly."
        case .tooManyAttempts: "Too many attempts. Try again later."
        }
    }
}
