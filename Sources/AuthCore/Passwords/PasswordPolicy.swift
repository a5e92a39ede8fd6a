/// Which passwords a new account may have (NIST SP 800-63B §3.1.1.2: length and a blocklist, no composition rules).
public struct PasswordPolicy: Sendable {
    /// More than any passphrase needs; beyond it hashing would only cost.
    public static let maximumLength = 256
    public static let maximumOctets = 1024

    /// In Unicode code points.
    public var minimumLength: Int
    /// 0 (off) to 4, as zxcvbn scores.
    public var minimumStrength: Int

    public init(minimumLength: Int, minimumStrength: Int) {
        self.minimumLength = minimumLength
        self.minimumStrength = minimumStrength
    }

    /// Over-long input is refused before anything is looked up or hashed, at sign-up and at login alike.
    public static func tooLong(_ text: String, field: String) -> FieldError? {
        guard text.utf8.count > maximumOctets || text.unicodeScalars.count > maximumLength else { return nil }
        return FieldError(
            field: field, code: .passwordTooLong,
            detail: "At most \(maximumLength) characters and \(maximumOctets) bytes.")
    }

    /// The error in the password for this address, apart from its strength; `nil` if there is none.
    ///
    /// - Parameter email: `nil` if the address itself is not valid. Then both errors are reported together.
    public func violation(_ password: Password, for email: EmailAddress?) -> FieldError? {
        let text = password.plaintext
        if text.unicodeScalars.count < minimumLength {
            return FieldError(field: "password", code: .passwordTooShort, detail: "At least \(minimumLength) characters.")
        }
        let lowercased = text.lowercased()
        if context(of: email).contains(where: { $0.hasSameOctets(as: lowercased) }) {
            return tooCommon("The password must not be the e-mail address or a part of it.")
        }
        return nil
    }

    /// The error for a password that is too easy to guess; `nil` if it is strong enough. The estimate takes some milliseconds, so
    /// it is made on a hashing thread after the attempt was counted.
    public func weakness(of password: Password, for email: EmailAddress, estimator: any PasswordStrengthEstimator) -> FieldError? {
        guard minimumStrength > 0, estimator.score(of: password.plaintext, context: context(of: email)) < minimumStrength else {
            return nil
        }
        return tooCommon("The password is too easy to guess. Longer and less usual ones are stronger.")
    }

    private func context(of email: EmailAddress?) -> [String] {
        email.map { [$0.canonical, $0.localPart, $0.text.lowercased()] } ?? []
    }

    private func tooCommon(_ detail: String) -> FieldError {
        FieldError(field: "password", code: .passwordTooCommon, detail: detail)
    }
}
