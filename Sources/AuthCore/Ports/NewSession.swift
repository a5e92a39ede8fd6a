/// A session about to be opened.
public struct NewSession: Sendable {
    public let id: SessionID
    public let userID: UserID
    public let epoch: Int32
    public let name: String?
    public let salt: Octets32
    public let digests: TokenDigests
    /// A hash with today's parameters, where the stored one is weaker.
    public let rehashed: Rehash?
    /// The login that opens it. With the session its failures are forgotten, and its network is one that the account knows.
    public let attempt: LoginAttempt?

    public struct Rehash: Sendable {
        public let old: PasswordHash
        public let new: PasswordHash

        public init(old: PasswordHash, new: PasswordHash) {
            self.old = old
            self.new = new
        }
    }

    public init(
        id: SessionID, userID: UserID, epoch: Int32, name: String?, salt: Octets32, digests: TokenDigests, rehashed: Rehash?,
        attempt: LoginAttempt?
    ) {
        self.id = id
        self.userID = userID
        self.epoch = epoch
        self.name = name
        self.salt = salt
        self.digests = digests
        self.rehashed = rehashed
        self.attempt = attempt
    }
}
