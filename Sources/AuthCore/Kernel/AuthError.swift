/// Everything that can go wrong, as the caller may know it. Closed: one `switch` maps it to HTTP.
public enum AuthError: Error, Hashable, Sendable {
    case malformedHTTP(reason: String)
    case malformedJSON(reason: String)
    case invalidRequest(reason: String)
    /// The same for the form of a service (RFC 6749 §5.2): the answer does not ask for a bearer token.
    case invalidForm(reason: String)
    /// A form asks for tokens with a grant other than a refresh token (RFC 6749 §5.2).
    case unsupportedGrantType
    case missingToken
    case invalidToken
    case invalidCredentials
    case refreshTokenReused
    /// A service's credential is missing or wrong (RFC 6749 §5.2).
    case invalidClient
    /// A mailed link or code does not work: it was used, replaced by a newer one, or is too old.
    case invalidOneTimeToken
    /// The login is too long ago for this request (RFC 9470 §3).
    case insufficientAuthentication(maxAge: Duration)
    /// The password is right, and nobody can log in before the address is verified.
    case emailUnverified
    /// The password is right, and nobody can log in before it is reset.
    case passwordResetRequired
    /// The password is right, and the account will be deleted.
    case deletionPending
    /// The address cannot be changed for a while.
    case emailFrozen
    /// Nobody can register, or only those who are invited.
    case registrationClosed
    /// The server sends no mail.
    case mailOff
    case notFound
    case methodNotAllowed(allowed: [String])
    case emailTaken
    case bodyTooLarge(limit: Int)
    case unsupportedMediaType(expected: String)
    case unsupportedContentEncoding
    case validationFailed([FieldError])
    /// The server failed. `cause` is only for the log.
    case unavailable(cause: String)
    /// The server cannot store or compute what the request needs, and trying again will not help. `cause` is only for the log.
    case internalError(cause: String)
    /// The server has no room for the request. Those that wait now are done after `retryAfter`.
    case overloaded(retryAfter: Duration)
    /// Too many attempts failed (RFC 6585 §4), and this one was not evaluated. It may be repeated after `retryAfter`.
    case tooManyAttempts(retryAfter: Duration)

    /// Stable, snake_case; part of the wire contract (RFC 9457 §3.2 extension member `code`).
    public var code: String {
        switch self {
        case .malformedHTTP: "malformed_http"
        case .malformedJSON: "malformed_json"
        case .invalidRequest, .invalidForm: "invalid_request"
        case .unsupportedGrantType: "unsupported_grant_type"
        case .missingToken: "missing_token"
        case .invalidToken: "invalid_token"
        case .invalidCredentials: "invalid_credentials"
        case .refreshTokenReused: "refresh_token_reused"
        case .invalidClient: "invalid_client"
        case .invalidOneTimeToken: "invalid_one_time_token"
        case .insufficientAuthentication: "insufficient_user_authentication"
        case .emailUnverified: "email_unverified"
        case .passwordResetRequired: "password_reset_required"
        case .deletionPending: "deletion_pending"
        case .emailFrozen: "email_frozen"
        case .registrationClosed: "registration_closed"
        case .mailOff: "mail_off"
        case .notFound: "not_found"
        case .methodNotAllowed: "method_not_allowed"
        case .emailTaken: "email_taken"
        case .bodyTooLarge: "body_too_large"
        case .unsupportedMediaType, .unsupportedContentEncoding: "unsupported_media_type"
        case .validationFailed: "validation_failed"
        case .unavailable, .overloaded: "unavailable"
        case .internalError: "internal_error"
        case .tooManyAttempts: "too_many_attempts"
        }
    }

    /// A sentence that is safe to show to any client.
    public var detail: String {
        switch self {
        case .malformedHTTP(let reason), .malformedJSON(let reason), .invalidRequest(let reason), .invalidForm(let reason): reason
        case .unsupportedGrantType: "The only grant type here is refresh_token."
        case .missingToken: "This resource needs a bearer token."
        case .invalidToken: "The token is malformed, expired, revoked or unknown."
        case .invalidCredentials: "The e-mail address or the password is wrong."
        case .refreshTokenReused: "This refresh token was used before. Its session has been ended."
        case .invalidClient: "This resource needs the id and the secret of a client, in an Authorization header of scheme Basic."
        case .invalidOneTimeToken: "The link or the code was used, replaced by a newer one, or is too old. Ask for a new one."
        case .insufficientAuthentication: "The login of this session is too long ago for this. Log in again, and use the new session."
        case .emailUnverified: "The e-mail address is not verified. Open the link in the mail, or ask for a new one."
        case .passwordResetRequired: "The password must be reset. Ask for a mail with a link for that."
        case .deletionPending: "The account will be deleted. The link in the mail about its deletion keeps it."
        case .emailFrozen: "The e-mail address cannot be changed for some days, because a change was reported as not the owner's."
        case .registrationClosed: "Nobody can register here without an invitation."
        case .mailOff: "This server sends no mail, so it cannot do this. Ask its operator."
        case .notFound: "There is nothing at this address."
        case .methodNotAllowed(let allowed): "Allowed here: \(allowed.joined(separator: ", "))."
        case .emailTaken: "An account with this e-mail address exists."
        case .bodyTooLarge(let limit): "The body is larger than \(limit) bytes."
        case .unsupportedMediaType(let expected): "The body must be \(expected) in UTF-8."
        case .unsupportedContentEncoding: "The body must not be compressed: send it without Content-Encoding."
        case .validationFailed: "Some fields are not valid."
        case .unavailable, .overloaded: "The service cannot answer now. Try again shortly."
        case .internalError: "The service cannot carry this out, and trying again will not help. Tell its operator the request_id."
        case .tooManyAttempts: "Too many attempts. Try again later."
        }
    }

    /// The cause of a failure of the server, only for the log; `nil` for all other errors.
    public var causeForLog: String? {
        switch self {
        case .unavailable(let cause), .internalError(let cause): cause
        default: nil
        }
    }
}
