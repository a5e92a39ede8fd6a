import HTTPEdge

/// What the octets at the head of a connection's input are. This reads more strictly than HTTP asks, and leaves unusual requests to the
/// framework.
enum FastPathHead {
    /// Not yet a whole head, and so far nothing is wrong with it.
    case incomplete
    /// A whole guarded read of so many octets.
    case read(FastReadRequest, length: Int)
    /// A whole refresh of so many octets, its body included.
    case refresh(FastRefreshRequest, length: Int)
    /// A whole request with a password, of so many octets. The fast path answers it if there is no room to hash one, else the framework.
    case password(FastPasswordRequest, length: Int)
    /// A whole head of a request for the framework. With its body it certainly ends after so many octets.
    case framework(length: Int)
    /// Anything else. Only the framework may decide where it ends.
    case foreign

    /// Limits in octets and fields, below those of the framework.
    static let maximumLength = 8 * 1024
    private static let maximumFields = 64

    init(_ octets: UnsafeRawBufferPointer, routes: FastRoutes) {
        var scanner = FastPathScanner(octets)
        do throws(FastPathScanner.Halt) {
            let (method, target) = try scanner.requestLine()
            var fields = FastPathFields()
            while let field = try scanner.field() {
                try fields.take(field, of: octets)
                guard fields.count <= Self.maximumFields else { throw .foreign }
            }
            guard scanner.position <= Self.maximumLength else { throw .foreign }
            let path = UnsafeRawBufferPointer(rebasing: octets[target])
            let end = scanner.position + (fields.contentLength ?? 0)
            let isWhole = end <= octets.count && end <= Self.maximumLength
            if let method, method != .post, let route = routes.reads.firstIndex(where: { $0.path.matches(path) }),
                let request = fields.readRequest(to: route, by: method, of: octets)
            {
                self = .read(request, length: end)
            } else if method == .post, isWhole, let route = routes.refreshes.firstIndex(where: { $0.path.matches(path) }),
                let request = fields.refreshRequest(to: route, body: scanner.position..<end, of: octets)
            {
                self = .refresh(request, length: end)
            } else if method == .post, isWhole, let route = routes.passwords.firstIndex(where: { $0.path.matches(path) }),
                let request = fields.passwordRequest(to: route, of: octets)
            {
                self = .password(request, length: end)
            } else {
                self = .framework(length: end)
            }
        } catch {
            self = error == .incomplete && octets.count <= Self.maximumLength ? .incomplete : .foreign
        }
    }
}
