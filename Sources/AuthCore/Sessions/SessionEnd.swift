/// Why one session is ended before its time.
public enum SessionEnd: Hashable, Sendable {
    case logout
    /// A refresh token of it was presented after it was over.
    case reuse
    /// A service revoked one of its tokens (RFC 7009).
    case client(ServiceClientID)
}
