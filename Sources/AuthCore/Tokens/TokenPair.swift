/// One generation of a session: the access and the refresh token that were issued together.
public struct TokenPair: Sendable {
    public let access: AccessToken
    public let refresh: RefreshToken
}

/// SHA-256 of the two secrets of a generation: all that the database knows of them.
public struct TokenDigests: Sendable {
    public let access: Octets32
    public let refresh: Octets32

    public init(access: Octets32, refresh: Octets32) {
        self.access = access
        self.refresh = refresh
    }
}
