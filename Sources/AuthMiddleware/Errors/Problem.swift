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

    private let error: AuthError

    enum CodingKeys: String, CodingKey {
        case type, title, status, detail, code, errors
        case oauthError = "error"
        case requestID = "request_id"
    }

    init(_ error: AuthError, requestID: String) {
        self.error = error
        self.requestID = requestID
        code = error.code
        oauthError = ["invalid_client", "invalid_request"].contains(error.code) ? error.code : nil
        type = "urn:auth-api:problem:\(error.code)"
        title = error.status.reasonPhrase
        status = error.status.code
        detail = error.detail
        errors = error.fields?.map { Field(field: $0.field, code: $0.code.rawValue, detail: $0.detail) }
    }

    var httpStatus: HTTPResponse.Status { error.status }

    /// With the fields that the status asks for: a challenge (RFC 6750 §3), `Allow`, `Retry-After`.
    var headers: HTTPFields {
        var headers: HTTPFields = [.contentType: "application/problem+json"]
        headers.merge(.ours)
        if let challenge = error.challenge { headers[.wwwAuthenticate] = challenge }
        switch error {
        case .methodNotAllowed(let allowed): headers[.allow] = allowed.joined(separator: ", ")
        // Spread, so that those who were refused together do not come back together.
        case .unavailable: headers[.retryAfter] = String(Int.random(in: 1...3))
        case .overloaded(let time), .tooManyAttempts(let time):
            headers[.retryAfter] = String(max(1, Int((time / .seconds(1)).rounded(.up))))
        case .bodyTooLarge, .malformedHTTP, .headersTooLarge: headers[.connection] = "close"
        default: break
        }
        return headers
    }

    var encoded: [UInt8] {
        (try? JSONBody.encode(self)) ?? []
    }
}

extension AuthError {
    fileprivate var fields: [FieldError]? {
        if case .validationFailed(let fields) = self { fields } else { nil }
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
        case .headersTooLarge: .requestHeaderFieldsTooLarge
        case .unavailable, .overloaded: .serviceUnavailable
        case .tooManyAttempts: .tooManyRequests
        }
    }
}
