import AuthCore
import AuthMiddleware
import HTTPEdge

/// The fields of a head that say who asks, and where the request ends.
struct FastPathFields {
    private(set) var count = 0
    /// In octets.
    private(set) var contentLength: Int?
    private var hosts = 0
    private var authorization: Range<Int>?
    private var requestID: Range<Int>?
    private var contentType: Range<Int>?
    private var userAgent: Range<Int>?
    private var forwardedFor: Range<Int>?
    /// Whether a field came twice that may come once.
    private var isAmbiguous = false
    /// The same for fields on which only refreshes and passwords depend.
    private var isAmbiguousForRefresh = false
    /// Whether the request may have a compressed body, which is refused.
    private var hasContentEncoding = false
    /// Whether the answer depends on the page that asks.
    private var hasOrigin = false

    /// - Throws: ``FastPathScanner/Halt/foreign`` if the field may change what a message is, or where it ends.
    mutating func take(_ field: FastPathScanner.Field, of octets: UnsafeRawBufferPointer) throws(FastPathScanner.Halt) {
        count += 1
        let name = FieldText(octets, field.name)
        switch field.name.count {
        case 4 where name == "host": hosts += 1
        case 6 where name == "origin": hasOrigin = true
        case 13 where name == "authorization": Self.take(field.value, as: &authorization, or: &isAmbiguous)
        case 12 where name == "x-request-id": Self.take(field.value, as: &requestID, or: &isAmbiguous)
        case 12 where name == "content-type": Self.take(field.value, as: &contentType, or: &isAmbiguousForRefresh)
        case 10 where name == "user-agent": Self.take(field.value, as: &userAgent, or: &isAmbiguousForRefresh)
        case 15 where name == "x-forwarded-for": Self.take(field.value, as: &forwardedFor, or: &isAmbiguousForRefresh)
        case 16 where name == "content-encoding": hasContentEncoding = true
        case 14 where name == "content-length":
            guard contentLength == nil, let length = FieldText(octets, field.value).number else { throw .foreign }
            contentLength = length
        case 10 where name == "connection":
            guard FieldText(octets, field.value) == "keep-alive" else { throw .foreign }
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

    /// Whether all readers understand the head the same way, and the answer depends on nothing that the fast path does not know.
    private func isUsual(_ octets: UnsafeRawBufferPointer) -> Bool {
        hosts == 1 && !isAmbiguous && !hasOrigin && requestID.map { FieldText(octets, $0).isPlain } ?? true
    }

    /// `nil` unless the head has one well-formed token and no body follows. The framework knows the answer to anything else.
    func readRequest(to route: Int, by method: FastPathMethod, of octets: UnsafeRawBufferPointer) -> FastReadRequest? {
        guard isUsual(octets), contentLength == nil, let authorization,
            let credential = FieldText(octets, authorization).after("bearer "), let token = AccessToken(credential)
        else { return nil }
        return FastReadRequest(method: method, route: route, token: token, requestID: acceptedRequestID(of: octets))
    }

    /// `nil` unless there is one token of the usual form, and the fields that the audit trail keeps are usual too.
    func refreshRequest(to route: Int, body: Range<Int>, of octets: UnsafeRawBufferPointer) -> FastRefreshRequest? {
        guard isUsual(octets), !isAmbiguousForRefresh, !hasContentEncoding, let token = refreshToken(body: body, of: octets) else {
            return nil
        }
        let (userAgent, forwardedFor) = (userAgent.map { FieldText(octets, $0) }, forwardedFor.map { FieldText(octets, $0) })
        guard userAgent?.isPlain ?? true, forwardedFor?.isPlain ?? true else { return nil }
        return FastRefreshRequest(
            route: route, token: token, userAgent: userAgent?.string, forwardedFor: forwardedFor.map { [$0.string] } ?? [],
            requestID: acceptedRequestID(of: octets))
    }

    /// `nil` if the answer depends on more than the client's address and whether there is room.
    func passwordRequest(to route: Int, of octets: UnsafeRawBufferPointer) -> FastPasswordRequest? {
        let forwardedFor = forwardedFor.map { FieldText(octets, $0) }
        guard isUsual(octets), !isAmbiguousForRefresh, !hasContentEncoding, forwardedFor?.isPlain ?? true else { return nil }
        return FastPasswordRequest(
            route: route, forwardedFor: forwardedFor.map { [$0.string] } ?? [], requestID: acceptedRequestID(of: octets))
    }

    /// As bearer or in the body, never both (RFC 6750 §2).
    private func refreshToken(body: Range<Int>, of octets: UnsafeRawBufferPointer) -> String? {
        if let authorization {
            guard body.isEmpty, let credential = FieldText(octets, authorization).after("bearer ") else { return nil }
            let token = FieldText(credential, credential.indices)
            return token.isPlain && !credential.isEmpty ? token.string : nil
        }
        guard let contentType, FieldText(octets, contentType) == "application/json" else { return nil }
        return FastPathBody.refreshToken(in: UnsafeRawBufferPointer(rebasing: octets[body]))
    }

    private func acceptedRequestID(of octets: UnsafeRawBufferPointer) -> String? {
        requestID.flatMap { RequestID.accepted(String(decoding: octets[$0], as: UTF8.self)) }
    }
}
