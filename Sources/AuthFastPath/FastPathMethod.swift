/// A method that the fast path answers, by its index in ``FastPathScanner/methods``.
enum FastPathMethod: Int {
    case get = 0
    /// Answered like GET, without the body (RFC 9110 §9.3.2). Some proxies verify with it.
    case head = 1
    case post = 2

    var name: String {
        switch self {
        case .get: "GET"
        case .head: "HEAD"
        case .post: "POST"
        }
    }
}
