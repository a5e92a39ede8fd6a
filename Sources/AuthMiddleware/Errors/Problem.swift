public import AuthCore
import FoundationEssentials
import HTTPEdge
public import HTTPTypes

/// An error as a client gets it (RFC 9457).
public struct Problem: Encodable {
    struct Field: Encodable {
        let field: String
        let code: String
        let detail: String
    }

    let type: String
    /// The reason phrase of the status.
    public let title: String
    public let status: Int
    let detail: String
    let code: String
    /// What RFC 6749 §5.2 calls the code.
    let oauthError: String?
    /// The detail, under the name that it has there.
    let oauthDescription: String?
    let requestID: String
    let errors: [Field]?

    let httpStatus: HTTPResponse.Status
    /// With the fields of the status: a challenge (RFC 6750 §3), `Allow`, `Retry-After`.
    public let headers: HTTPFields

    enum CodingKeys: String, CodingKey {
        case type, title, status, detail, code, errors
        case oauthError = "error"
        case oauthDescription = "error_description"
        case requestID = "request_id"
    }

    /// - Parameter endpoint: the kind of endpoint that answers.
    public init(_ error: AuthError, at endpoint: ProblemEndpoint = .resource, requestID: String) {
        let errors = error.fields?.map { Field(field: $0.field, code: $0.code.rawValue, detail: $0.detail) }
        self.init(
            endpoint.status(of: error), error.code, error.detail, oauthError: endpoint.oauthError(for: error), requestID: requestID,
            errors: errors, fields: endpoint.headerFields(of: error))
    }

    init(_ refusal: MessageRefusal, requestID: String) {
        var fields: HTTPFields = [.connection: "close"]
        // Spread, so that clients that were refused at the same moment do not all come back at the same moment.
        if refusal == .noPlace { fields[.retryAfter] = String(Int.random(in: 1...3)) }
        self.init(refusal.status, refusal.code, refusal.detail, requestID: requestID, fields: fields)
    }

    private init(
        _ status: HTTPResponse.Status, _ code: String, _ detail: String, oauthError: String? = nil, requestID: String,
        errors: [Field]? = nil, fields: HTTPFields
    ) {
        httpStatus = status
        headers = HTTPFields.problem.merging(fields)
        type = "urn:auth-api:problem:\(code)"
        title = status.reasonPhrase
        self.status = status.code
        self.detail = detail
        self.code = code
        self.oauthError = oauthError
        oauthDescription = oauthError.map { _ in detail }
        self.requestID = requestID
        self.errors = errors
    }

    /// The body.
    public var encoded: [UInt8] {
        (try? JSONBody.encode(self)) ?? []
    }
}

extension HTTPFields {
    fileprivate static let problem = HTTPFields(dictionaryLiteral: (.contentType, "application/problem+json")).merging(.standard)
}

extension AuthError {
    fileprivate var fields: [FieldError]? {
        if case .validationFailed(let fields) = self { fields } else { nil }
    }

    /// The fields of an answer with this error: a challenge, `Allow`, `Retry-After`.
    public var headerFields: HTTPFields {
        var fields = HTTPFields()
        if let challenge { fields[.wwwAuthenticate] = challenge }
        switch self {
        case .methodNotAllowed(let allowed): fields[.allow] = allowed.joined(separator: ", ")
        // Spread, so that clients that were refused at the same moment do not all come back at the same moment.
        case .unavailable: fields[.retryAfter] = String(Int.random(in: 1...3))
        case .overloaded(let time), .tooManyAttempts(let time): fields[.retryAfter] = String(max(1, Int((time / .seconds(1)).rounded(.up))))
        case .bodyTooLarge, .malformedHTTP: fields[.connection] = "close"
        case .unsupportedContentEncoding: fields[.acceptEncoding] = "identity"
        default: break
        }
        return fields
    }

    fileprivate var challenge: String? {
        switch self {
        case .missingToken, .invalidCredentials: "Bearer"
        case .invalidToken, .refreshTokenReused: "Bearer error=\"invalid_token\""
        case .invalidRequest: "Bearer error=\"invalid_request\""
        case .insufficientAuthentication(let maxAge):
            "Bearer error=\"insufficient_user_authentication\", max_age=\(maxAge.components.seconds)"
        case .invalidClient: "Basic realm=\"auth-api\", charset=\"UTF-8\""
        default: nil
        }
    }

    /// The one mapping of errors to HTTP.
    public var status: HTTPResponse.Status {
        switch self {
        case .malformedHTTP, .malformedJSON, .invalidRequest, .invalidForm, .unsupportedGrantType, .invalidOneTimeToken: .badRequest
        case .missingToken, .invalidToken, .invalidCredentials, .refreshTokenReused, .invalidClient, .insufficientAuthentication:
            .unauthorized
        case .emailUnverified, .passwordResetRequired, .deletionPending, .emailFrozen, .registrationClosed: .forbidden
        case .mailOff: .notImplemented
        case .notFound: .notFound
        case .methodNotAllowed: .methodNotAllowed
        case .emailTaken: .conflict
        case .bodyTooLarge: .contentTooLarge
        case .unsupportedMediaType, .unsupportedContentEncoding: .unsupportedMediaType
        case .validationFailed: .unprocessableContent
        case .unavailable, .overloaded: .serviceUnavailable
        case .internalError: .internalServerError
        case .tooManyAttempts: .tooManyRequests
        }
    }
}
