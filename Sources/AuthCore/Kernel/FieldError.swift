/// What is wrong with one field of a request body.
public struct FieldError: Error, Hashable, Sendable {
    /// Stable, snake_case; part of the wire contract.
    public enum Code: String, CaseIterable, Sendable {
        case required
        case invalidType = "invalid_type"
        case unknownField = "unknown_field"
        case invalidEmail = "invalid_email"
        case invalidCharacters = "invalid_characters"
        case invalidCursor = "invalid_cursor"
        case outOfRange = "out_of_range"
        case tooLong = "too_long"
        case passwordTooShort = "password_too_short"
        case passwordTooLong = "password_too_long"
        case passwordTooCommon = "password_too_common"
        case passwordBreached = "password_breached"
        case incorrectPassword = "incorrect_password"
        case passwordMismatch = "password_mismatch"
    }

    public let field: String
    public let code: Code
    public let detail: String

    public init(field: String, code: Code, detail: String) {
        self.field = field
        self.code = code
        self.detail = detail
    }
}
