/// Whether the connection goes on after a request is answered (RFC 9112 §9.3).
enum Persistence {
    /// Another request may follow. The answer need not say so.
    case persistent
    /// Another request may follow, and the answer must say so, since the client speaks HTTP/1.0.
    case keepAlive
    /// No other request follows.
    case last
}
