/// A method of the lane's requests, by its place in the scanner's list.
enum LaneMethod: Int {
    case get = 0
    /// Answered like GET, without the body (RFC 9110 §9.3.2). A proxy that has no use for one asks so.
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
