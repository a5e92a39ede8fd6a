import AuthCore

/// The fields of a head that decide: who asks, and where the request ends.
struct LaneFields {
    private(set) var count = 0
    /// In octets.
    private(set) var contentLength: Int?
    private var hosts = 0
    private var authorization: Range<Int>?
    private var requestID: Range<Int>?
    /// Whether a field came twice of which there must be one.
    private var isAmbiguous = false
    /// Whether the answer depends on which page asks.
    private var hasOrigin = false

    /// - Throws: ``LaneScanner/Halt/foreign`` where the field may change what a message is, or where it ends.
    mutating func take(_ field: LaneScanner.Field, of octets: UnsafeRawBufferPointer) throws(LaneScanner.Halt) {
        count += 1
        let name = LaneText(octets, field.name)
        switch field.name.count {
        case 4 where name == "host": hosts += 1
        case 6 where name == "origin": hasOrigin = true
        case 13 where name == "authorization":
            isAmbiguous = isAmbiguous || authorization != nil
            authorization = field.value
        case 12 where name == "x-request-id":
            isAmbiguous = isAmbiguous || requestID != nil
            requestID = field.value
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

    /// `nil` where anything but a well-formed token, asked for once, is in the head: the ordinary way knows what to say.
    func request(for read: Int, by method: LaneRequest.Method, of octets: UnsafeRawBufferPointer) -> LaneRequest? {
        guard hosts == 1, contentLength == nil, !isAmbiguous, !hasOrigin, let authorization,
            let credential = LaneText(octets, authorization).after("bearer "), let token = AccessToken(credential)
        else { return nil }
        let requestID = requestID.map { String(decoding: octets[$0], as: UTF8.self) }
        return LaneRequest(method: method, read: read, token: token, requestID: requestID.flatMap(RequestID.accepted))
    }
}
