/// An HTTP/1.1 request on a connection of its own.
struct Request: Sendable {
    let octets: [UInt8]

    init(
        _ method: String, _ path: String, bearer: String? = nil, json: String? = nil, form: String? = nil, basic: String? = nil
    ) {
        var head = "\(method) \(path) HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n"
        if let bearer { head += "Authorization: Bearer \(bearer)\r\n" }
        if let basic { head += "Authorization: Basic \(basic)\r\n" }
        if json != nil { head += "Content-Type: application/json\r\n" }
        if form != nil { head += "Content-Type: application/x-www-form-urlencoded\r\n" }
        let body = json ?? form
        if let body { head += "Content-Length: \(body.utf8.count)\r\n" }
        octets = Array((head + "\r\n" + (body ?? "")).utf8)
    }
}
