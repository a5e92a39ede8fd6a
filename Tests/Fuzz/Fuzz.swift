import Foundation

/// One input of libFuzzer; its first octet chooses what reads the rest. A broken property ends the process, as a crash does.
@_cdecl("LLVMFuzzerTestOneInput")
public func fuzz(_ start: UnsafePointer<UInt8>, _ count: Int) -> CInt {
    guard count > 0 else { return 0 }
    let octets = Array(UnsafeBufferPointer(start: start + 1, count: count - 1))
    switch start[0] % 5 {
    case 0: readJSON(octets)
    case 1: readTokens(octets)
    case 2: readAddresses(octets)
    case 3: readRefresh(octets)
    default: readMessage(octets)
    }
    return 0
}

/// What we take for JSON, others do. Large numbers apart: RFC 8259 §9 leaves their range to the reader, and no field of ours is one.
private func readJSON(_ octets: [UInt8]) {
    guard (try? StrictJSONParser.parse(octets, limits: HTTPLimits())) != nil, !mayHoldLargeNumber(octets) else { return }
    precondition((try? JSONSerialization.jsonObject(with: Data(octets), options: .fragmentsAllowed)) != nil)
}

/// A number of at most fifteen digits with an exponent of at most two is within every reader's range.
private func mayHoldLargeNumber(_ octets: [UInt8]) -> Bool {
    var (digits, inExponent, previous) = (0, false, UInt8(0))
    for octet in octets {
        if octet.isDigit {
            if digits == 0 { inExponent = "eE+-".utf8.contains(previous) }
            digits += 1
            if digits > (inExponent ? 2 : 15) { return true }
        } else {
            digits = 0
        }
        previous = octet
    }
    return false
}

/// One token is one text.
private func readTokens(_ octets: [UInt8]) {
    let text = String(decoding: octets, as: UTF8.self)
    if let token = AccessToken(text) { precondition(token.reveal().utf8.elementsEqual(octets)) }
    if let token = RefreshToken(text) { precondition(token.reveal().utf8.elementsEqual(octets)) }
    if let secret = ServiceClientSecret(text) { precondition(secret.reveal().utf8.elementsEqual(octets)) }
    let fromOctets = octets.withUnsafeBytes { AccessToken($0) }
    precondition((fromOctets == nil) == (String(validating: octets, as: UTF8.self).flatMap { AccessToken($0) } == nil))
}

/// An address means what it says when it is written, and nobody becomes somebody else by a header of a stranger's.
private func readAddresses(_ octets: [UInt8]) {
    let text = String(decoding: octets, as: UTF8.self)
    if let address = IPAddress(text.utf8) { precondition(IPAddress(address.description.utf8) == address) }
    let proxies = TrustedProxies("10.0.0.0/8,2001:db8::/32")!
    precondition(proxies.client(of: "192.0.2.1", forwardedFor: [text]) == "192.0.2.1")
    if let client = proxies.client(of: "10.0.0.1", forwardedFor: [text]) { precondition(IPAddress(client.utf8) != nil) }
    _ = TrustedProxies(text)
}

/// If the fast path finds a token in the body of a refresh, the strict parser finds the same token.
private func readRefresh(_ octets: [UInt8]) {
    guard let token = octets.withUnsafeBytes({ FastPathBody.refreshToken(in: $0) }) else { return }
    guard case .object(let object)? = try? StrictJSONParser.parse(octets, limits: HTTPLimits()),
        object.members == [JSONObject.Member(name: Array("refresh_token".utf8), value: .string(token))]
    else { preconditionFailure() }
}

/// Wherever a message is cut, its end is the same.
private func readMessage(_ octets: [UInt8]) {
    let whole = end(octets, pieces: 1)
    for pieces in [2, 3, 7] { precondition(end(octets, pieces: pieces) == whole) }
}

private func end(_ octets: [UInt8], pieces: Int) -> String {
    var scanner = MessageScanner(limits: HTTPLimits())
    do throws(MessageRefusal) {
        for piece in 1...pieces {
            let isWhole = try octets.withUnsafeBytes { buffer in
                Result { () throws(MessageRefusal) in
                    try scanner.advance(UnsafeRawBufferPointer(rebasing: buffer[..<(octets.count * piece / pieces)]))
                }
            }.get()
            if isWhole { return "ends at \(scanner.position), \(scanner.headEnd), \(scanner.chunkedBody)" }
            if scanner.isOversized { return "oversized" }
        }
        return "goes on"
    } catch {
        return "\(error)"
    }
}

/// What the sources name of a package that is not needed here.
public enum HTTPResponse {
    public struct Status: Sendable {
        static let (badRequest, uriTooLong, requestHeaderFieldsTooLarge) = (Status(), Status(), Status())
        static let (requestTimeout, expectationFailed, serviceUnavailable) = (Status(), Status(), Status())
    }
}
