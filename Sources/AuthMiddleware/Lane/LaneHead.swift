import AuthCore

/// What the octets at the head of a connection's input are. It looks at a request as strictly as nobody has to, and leaves what
/// is in the least unusual to the ordinary way.
enum LaneHead {
    /// Not yet a whole head, and so far nothing is wrong with it.
    case incomplete
    /// A whole guarded read of so many octets.
    case guardedRead(LaneRequest, length: Int)
    /// A whole refresh of so many octets, its body included.
    case refresh(LaneRefreshRequest, length: Int)
    /// A whole request with a password, of so many octets: the lane answers it where there is no room for one, else the ordinary way.
    case password(LanePasswordRequest, length: Int)
    /// A whole head of a request for the ordinary way that ends, its body included, after so many octets for certain.
    case ordinary(length: Int)
    /// Anything else: where it ends, only the ordinary way may say.
    case foreign

    /// Bounds of what the lane looks at, in octets and fields: below what the ordinary way allows.
    private static let maximumLength = 8 * 1024
    private static let maximumFields = 64

    init(_ octets: UnsafeRawBufferPointer, routes: LaneRoutes) {
        var scanner = LaneScanner(octets)
        do throws(LaneScanner.Halt) {
            let (method, target) = try scanner.requestLine()
            var fields = LaneFields()
            while let field = try scanner.field() { try fields.take(field, of: octets) }
            guard scanner.position <= Self.maximumLength, fields.count <= Self.maximumFields else { throw .foreign }
            let path = UnsafeRawBufferPointer(rebasing: octets[target])
            let end = scanner.position + (fields.contentLength ?? 0)
            let isWhole = end <= octets.count && end <= Self.maximumLength
            if let method, method != .post, let read = routes.reads.firstIndex(where: { $0.path.matches(path) }),
                let request = fields.request(for: read, by: method, of: octets)
            {
                self = .guardedRead(request, length: end)
            } else if method == .post, isWhole, routes.refresh.path.matches(path),
                let request = fields.refreshRequest(body: scanner.position..<end, of: octets)
            {
                self = .refresh(request, length: end)
            } else if method == .post, isWhole, let place = routes.passwords.firstIndex(where: { $0.matches(path) }),
                let request = fields.passwordRequest(to: place, of: octets)
            {
                self = .password(request, length: end)
            } else {
                self = .ordinary(length: end)
            }
        } catch {
            self = error == .incomplete && octets.count <= Self.maximumLength ? .incomplete : .foreign
        }
    }
}

/// A guarded read, and what of it the answer depends on.
struct LaneRequest: Sendable {
    let method: LaneMethod
    /// Its place among the lane's reads.
    let read: Int
    let token: AccessToken
    /// The client's own, where it is harmless.
    let requestID: String?
}
