import AuthCore
import FoundationEssentials
import HTTPTypes

/// An error as the wire has it (RFC 9457).
struct Problem: Encodable {
    struct Field: Encodable {
        let field: String
        let code: String
        let detail: String
    }

    let type: String
    let title: String
    let status: Int
    let detail: String
    let code: String
    /// What RFC 6749 §5.2 calls the code.
    let oauthError: String?
    let requestID: String
    let errors: [Field]?

    let httpStatus: HTTPResponse.Status
    /// With the fields that the status asks for: a challenge (RFC 6750 §3), `Allow`, `Retry-After`.
    let headers: HTTPFields

    enum CodingKeys: String, CodingKey {
        case type, title, status, detail, code, errors
        case oauthError = "error"
        case requestID = "request_id"
    }

    init(_ error: AuthError, requestID: String) {
        let errors = error.fields?.map { Field(field: $0.field, code: $0.code.rawValue, detail: $0.detail) }
        self.init(error.status, error.code, error.detail, requestID: requestID, errors: errors, fields: error.headerFields)
    }

    init(_ refusal: MessageRefusal, requestID: String) {
        self.init(refusal.status, refusal.code, refusal.detail, requestID: requestID, fields: [.connection: "close"])
    }

    private init(
        _ status: HTTPResponse.Status, _ code: String, _ detail: String, requestID: String, errors: [Field]? = nil, fields: HTTPFields
    ) {
        httpStatus = status
        headers = HTTPFields.problem.merging(fields)
        type = "urn:auth-api:problem:\(code)"
        title = status.reasonPhrase
        self.status = status.code
        self.detail = detail
        self.code = code
        oauthError = ["invalid_client", "invalid_request"].contains(code) ? code : nil
        self.requestID = requestID
        self.errors = errors
    }

    var encoded: [UInt8] {
        (try? JSONBody.encode(self)) ?? []
    }
}

extension HTTPFields {
    fileprivate static let problem = HTTPFields(dictionaryLiteral: (.contentType, "application/problem+json")).merging(.ours)
}

extension AuthError {
    fileprivate var fields: [FieldError]? {
        if case .validationFailed(let fields) = self { fields } else { nil }
    }

    fileprivate var headerFields: HTTPFields {
        var fields = HTTPFields()
        if let challenge { fields[.wwwAuthenticate] = challenge }
        switch self {
        case .methodNotAllowed(let allowed): fields[.allow] = allowed.joined(separator: ", ")
        // Spread, so that those who were refused together do not come back together.
        case .unavailable: fields[.retryAfter] = String(Int.random(in: 1...3))
        case .overloaded(let time), .tooManyAttempts(let time): fields[.retryAfter] = String(max(1, Int((time / .seconds(1)).rounded(.up))))
        case .bodyTooLarge, .malformedHTTP: fields[.connection] = "close"
        default: break
        }
        return fields
    }

    fileprivate var challenge: String? {
        switch self {
        case .missingToken, .invalidCredentials: "Bearer"
        case .invalidToken, .refreshTokenReused: "Bearer error=\"invalid_token\""
        case .invalidRequest: "Bearer error=\"invalid_request\""
        case .invalidClient: "Basic realm=\"auth-api\", charset=\"UTF-8\""
        default: nil
        }
    }

    /// The one mapping of errors to HTTP.
    var status: HTTPResponse.Status {
        switch self {
        case .malformedHTTP, .malformedJSON, .invalidRequest, .invalidForm: .badRequest
        case .missingToken, .invalidToken, .invalidCredentials, .refreshTokenReused, .invalidClient: .unauthorized
        case .notFound: .notFound
        case .methodNotAllowed: .methodNotAllowed
        case .emailTaken: .conflict
        case .bodyTooLarge: .contentTooLarge
        case .unsupportedMediaType: .unsupportedMediaType
        case .validationFailed: .unprocessableContent
        case .unavailable, .overloaded: .serviceUnavailable
        case .tooManyAttempts: .tooManyRequests
        }
    }
}
