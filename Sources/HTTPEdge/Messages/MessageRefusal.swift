public import HTTPTypes

/// Why a message never becomes a request. It is unknown where the next message begins, so the connection ends.
public enum MessageRefusal: Error, Hashable {
    /// Its end, or its meaning, could be read in two ways (RFC 9112 §11.2), or it is no HTTP at all.
    case malformed
    /// No `Host`, or two (RFC 9112 §3.2).
    case ambiguousHost
    /// The client has an expectation that the server does not meet (RFC 9110 §15.5.18).
    case expectationFailed
    /// The request target is too long (RFC 9110 §15.5.15).
    case uriTooLong
    /// One header field is, or all are (RFC 6585 §5).
    case headersTooLarge
    /// The connection may ask only for health, and the request asks for something else (RFC 9110 §15.6.4).
    case noPlace
    /// It did not come in time (RFC 9110 §15.5.9).
    case timeout

    public var status: HTTPResponse.Status {
        switch self {
        case .malformed, .ambiguousHost: .badRequest
        case .expectationFailed: .expectationFailed
        case .uriTooLong: .uriTooLong
        case .headersTooLarge: .requestHeaderFieldsTooLarge
        case .noPlace: .serviceUnavailable
        case .timeout: .requestTimeout
        }
    }

    /// A part of the wire contract.
    public var code: String {
        switch self {
        case .malformed, .ambiguousHost: "malformed_http"
        case .expectationFailed: "expectation_failed"
        case .uriTooLong: "uri_too_long"
        case .headersTooLarge: "headers_too_large"
        case .noPlace: "unavailable"
        case .timeout: "request_timeout"
        }
    }

    public var detail: String {
        switch self {
        case .malformed: "This is not a well-formed HTTP/1.1 message."
        case .ambiguousHost: "There must be one Host header."
        case .expectationFailed: "The only expectation that is met here is 100-continue."
        case .uriTooLong: "The address is too long."
        case .headersTooLarge: "The header fields are too large."
        case .noPlace: "Too many connections are open. Try again shortly."
        case .timeout: "The request did not come in time."
        }
    }
}

/// A refused message, and the part of its head that the answer depends on.
public struct RefusedMessage: Error {
    public let refusal: MessageRefusal
    /// The `Origin`, if it was read.
    public let origin: String?
}
