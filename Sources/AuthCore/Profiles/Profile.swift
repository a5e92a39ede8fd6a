/// An account as its owner sees it, with what they say of themselves.
public struct Profile: Sendable {
    public let user: User
    public let isEmailVerified: Bool
    public let displayName: String?
    public let locale: MailLocale?
    /// A JSON object in text form; `nil` if there is none.
    public let metadata: String?

    /// - Parameter metadata: the text of a JSON object.
    public init(user: User, isEmailVerified: Bool, displayName: String?, locale: MailLocale?, metadata: String?) {
        self.user = user
        self.isEmailVerified = isEmailVerified
        self.displayName = displayName
        self.locale = locale
        self.metadata = metadata
    }
}

/// A change of a profile.
public struct ProfileChange: Sendable {
    /// The longest display name, in characters (Unicode scalars).
    public static let longestName = 100
    /// The largest metadata, in octets of JSON.
    public static let largestMetadata = 4096

    /// What becomes of one field.
    public enum Field: Hashable, Sendable {
        case keep
        case remove
        case set(String)
    }

    public let displayName: Field
    public let locale: Field
    /// The text of a JSON object.
    public let metadata: Field

    /// - Throws: ``AuthError/validationFailed(_:)`` with every field that is wrong.
    public init(displayName: Field, locale: Field, metadata: Field) throws(AuthError) {
        var errors = FieldErrors()
        if case .set(let name) = displayName, let error = Self.error(inName: name) { errors.add(error) }
        if case .set(let tag) = locale, MailLocale(tag: tag) == nil {
            errors.add(FieldError(field: "locale", code: .outOfRange, detail: "One of \(MailLocale.tags)."))
        }
        if case .set(let text) = metadata, text.utf8.count > Self.largestMetadata {
            errors.add(FieldError(field: "metadata", code: .tooLong, detail: "Longer than \(Self.largestMetadata) bytes."))
        }
        try errors.check()
        (self.displayName, self.locale, self.metadata) = (displayName, locale, metadata)
    }

    private static func error(inName name: String) -> FieldError? {
        if name.unicodeScalars.count > longestName {
            return FieldError(field: "display_name", code: .tooLong, detail: "Longer than \(longestName) characters.")
        }
        guard VisibleText.isShown(name) else {
            return FieldError(field: "display_name", code: .invalidCharacters, detail: "It has characters that cannot be seen.")
        }
        return nil
    }
}

/// The profiles of accounts.
public protocol ProfileStore: Sendable {
    /// - Returns: `nil` if the account is gone.
    func profile(of user: UserID) async throws(AuthError) -> Profile?

    /// Changes the profile and writes the event in one transaction.
    ///
    /// - Returns: the changed profile; `nil` if the account is gone.
    func change(_ change: ProfileChange, of user: UserID, event: AuditEvent) async throws(AuthError) -> Profile?

    /// What the database has about the account, without secrets, with the event in one transaction.
    ///
    /// - Returns: a JSON object; `nil` if the account is gone.
    func export(_ user: UserID, event: AuditEvent) async throws(AuthError) -> String?
}
