import AuthCore

/// The fields of a head that decide: who asks, and where the request ends.
struct LaneFields {
    private(set) var count = 0
    /// In octets.
    private(set) var contentLength: Int?
    private var hosts = 0
    private var authorization: Range<Int>?
    private var requestID: Range<Int>?
    private var contentType: Range<Int>?
    private var userAgent: Range<Int>?
    private var forwardedFor: Range<Int>?
    /// Whether a field came twice of which there must be one.
    private var isAmbiguous = false
    /// The same of a field on which only a refresh depends.
    private var isAmbiguousForRefresh = false
    /// Whether the answer depends on which page asks.
    private var hasOrigin = false

    /// - Throws: ``LaneScanner/Halt/foreign`` where the field may change what a message is, or where it ends.
    mutating func take(_ field: LaneScanner.Field, of octets: UnsafeRawBufferPointer) throws(LaneScanner.Halt) {
        count += 1
        let name = LaneText(octets, field.name)
        switch field.name.count {
        case 4 where name == "host": hosts += 1
        case 6 where name == "origin": hasOrigin = true
        case 13 where name == "authorization": Self.take(field.value, as: &authorization, or: &isAmbiguous)
        case 12 where name == "x-request-id": Self.take(field.value, as: &requestID, or: &isAmbiguous)
        case 12 where name == "content-type": Self.take(field.value, as: &contentType, or: &isAmbiguousForRefresh)
        case 10 where name == "user-agent": Self.take(field.value, as: &userAgent, or: &isAmbiguousForRefresh)
        case 15 where name == "x-forwarded-for": Self.take(field.value, as: &forwardedFor, or: &isAmbiguousForRefresh)
        case 14 where name == "content-length":
            guard contentLength == nil, let length = LaneText(octets, field.value).number else { throw .foreign }
            contentLength = length
        case 10 where name == "connection":
            guard LaneText(octets, field.value) == "keep-alive" else { throw .foreign }
        case 2 where name == "te", 6 where name == "expect", 7 where name == "upgrade" || name == "trailer",
            14 where name == "http2-settings", 16 where name == "proxy-connection", 17 where name == "transfer-encoding":
            throw .foreign
        default: break
        }
    }

    private static func take(_ value: Range<Int>, as field: inout Range<Int>?, or isAmbiguous: inout Bool) {
        isAmbiguous = isAmbiguous || field != nil
        field = value
    }

    /// Whether every reader takes the head for the same, and the answer depends on no more than the lane knows.
    private func isUsual(_ octets: UnsafeRawBufferPointer) -> Bool {
        hosts == 1 && !isAmbiguous && !hasOrigin && requestID.map { LaneText(octets, $0).isPlain } ?? true
    }

    /// `nil` where anything but a well-formed token, asked for once, is in the head: the ordinary way knows what to say.
    func request(for read: Int, by method: LaneMethod, of octets: UnsafeRawBufferPointer) -> LaneRequest? {
        guard isUsual(octets), contentLength == nil, let authorization,
            let credential = LaneText(octets, authorization).after("bearer "), let token = AccessToken(credential)
        else { return nil }
        return LaneRequest(method: method, read: read, token: token, requestID: acceptedRequestID(of: octets))
    }

    /// `nil` where anything but one token of the usual form is there, or a field that the audit trail keeps is unusual.
    func refreshRequest(body: Range<Int>, of octets: UnsafeRawBufferPointer) -> LaneRefreshRequest? {
        guard isUsual(octets), !isAmbiguousForRefresh, let token = refreshToken(body: body, of: octets) else {
            return nil
        }
        let (userAgent, forwardedFor) = (userAgent.map { LaneText(octets, $0) }, forwardedFor.map { LaneText(octets, $0) })
        guard userAgent?.isPlain ?? true, forwardedFor?.isPlain ?? true else { return nil }
        return LaneRefreshRequest(
            token: token, userAgent: userAgent?.string, forwardedFor: forwardedFor.map { [$0.string] } ?? [],
            requestID: acceptedRequestID(of: octets))
    }

    /// `nil` where the answer depends on more than whether there is room.
    func passwordRequest(to path: Int, of octets: UnsafeRawBufferPointer) -> LanePasswordRequest? {
        guard isUsual(octets) else { return nil }
        return LanePasswordRequest(path: path, requestID: acceptedRequestID(of: octets))
    }

    /// As bearer or in the body, never both (RFC 6750 §2).
    private func refreshToken(body: Range<Int>, of octets: UnsafeRawBufferPointer) -> String? {
        if let authorization {
            guard body.isEmpty, let credential = LaneText(octets, authorization).after("bearer ") else { return nil }
            let token = LaneText(credential, credential.indices)
            return token.isPlain && !credential.isEmpty ? token.string : nil
        }
        guard let contentType, LaneText(octets, contentType) == "application/json" else { return nil }
        return LaneBody.refreshToken(in: UnsafeRawBufferPointer(rebasing: octets[body]))
    }

    private func acceptedRequestID(of octets: UnsafeRawBufferPointer) -> String? {
        requestID.flatMap { RequestID.accepted(String(decoding: octets[$0], as: UTF8.self)) }
    }
}
