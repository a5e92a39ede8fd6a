/// A way to prove who one is, by its name in RFC 8176 §2.
public enum AuthenticationMethod: String, Sendable {
    case password = "pwd"
}

/// What a person has shown to be the owner of an account.
public struct AuthenticationProof: Sendable {
    /// `amr` of RFC 8176 §1.
    public let methods: [AuthenticationMethod]
    /// When it was shown; `nil` if that is the moment at which the session opens.
    public let time: Timestamp?
    /// A stronger hash of the password, which replaces the one that was verified.
    public let rehash: PasswordHash?

    public init(methods: [AuthenticationMethod], time: Timestamp? = nil, rehash: PasswordHash? = nil) {
        self.methods = methods
        self.time = time
        self.rehash = rehash
    }

    /// A password that was verified now.
    public static func password(rehash: PasswordHash? = nil) -> AuthenticationProof {
        AuthenticationProof(methods: [.password], rehash: rehash)
    }
}
