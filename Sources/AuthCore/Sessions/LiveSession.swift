/// A live session as the guard needs it: its account, and what its access token must match.
public struct LiveSession: Sendable {
    /// An access token as the database knows it, while it is good.
    public struct LiveToken: Sendable {
        public let digest: Octets32
        public let expiresAt: Timestamp

        public init(digest: Octets32, expiresAt: Timestamp) {
            self.digest = digest
            self.expiresAt = expiresAt
        }
    }

    public let user: User
    public let session: Session
    public let generation: TokenGeneration
    /// When ``generation`` began.
    public let rotatedAt: Timestamp
    /// The access token of ``generation``; `nil` once it has expired.
    public let current: LiveToken?
    /// The access token of the generation before, during its grace.
    public let previous: LiveToken?
    /// Uses of this session that its row does not have yet.
    public let unrecorded: Unrecorded

    /// Uses of the session that its row does not record yet.
    public struct Unrecorded: OptionSet, Sendable {
        public let rawValue: UInt8
        public init(rawValue: UInt8) { self.rawValue = rawValue }

        /// The session was last seen so long ago that it is worth a write.
        public static let sighting = Unrecorded(rawValue: 1)
        /// No token of ``generation`` was used yet, and a generation came before it.
        public static let successorUse = Unrecorded(rawValue: 2)
    }

    public init(
        user: User, session: Session, generation: TokenGeneration, rotatedAt: Timestamp, current: LiveToken?, previous: LiveToken?,
        unrecorded: Unrecorded
    ) {
        self.user = user
        self.session = session
        self.generation = generation
        self.rotatedAt = rotatedAt
        self.current = current
        self.previous = previous
        self.unrecorded = unrecorded
    }
}
