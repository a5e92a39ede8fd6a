import HTTPTypes

/// Why a message never becomes a request. After each nobody knows where the next one begins, so that the connection ends with it.
enum MessageRefusal: Error, Hashable {
    /// Its end, or its meaning, could be read in two ways (RFC 9112 §11.2), or it is no HTTP at all.
    case malformed
    /// The request target is too long (RFC 9110 §15.5.15).
    case uriTooLong
    /// One header field is, or all are (RFC 6585 §5).
    case headersTooLarge
    /// It did not come in time (RFC 9110 §15.5.9).
    case timeout

    var status: HTTPResponse.Status {
        switch self {
        case .malformed: .badRequest
        case .uriTooLong: .uriTooLong
        case .headersTooLarge: .requestHeaderFieldsTooLarge
        case .timeout: .requestTimeout
        }
    }

    /// Part of the wire contract, as ``AuthError/code`` is.
    var code: String {
        switch self {
        case .malformed: "malformed_http"
        case .uriTooLong: "uri_too_long"
        case .headersTooLarge: "headers_too_large"
        case .timeout: "request_timeout"
        }
    }

    var detail: String {
        switch self {
        case .malformed: "This is not a well-formed HTTP/1.1 message."
        case .uriTooLong: "The address is too long."
        case .headersTooLarge: "The header fields are too large."
        case .timeout: "The request did not come in time."
        }
    }
}
