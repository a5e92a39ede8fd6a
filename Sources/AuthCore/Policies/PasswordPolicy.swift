/// Which passwords a new account may have (NIST SP 800-63B §3.1.1.2: length and a blocklist, no composition rules).
public struct PasswordPolicy: Sendable {
    /// More than any passphrase needs; beyond it hashing would only cost.
    public static let maximumLength = 256
    public static let maximumOctets = 1024

    /// In Unicode code points.
    public var minimumLength: Int
    /// 0 (off) to 4, as zxcvbn scores.
    public var minimumStrength: Int

    public init(minimumLength: Int = 8, minimumStrength: Int = 0) {
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

    /// What is wrong with the password for this address; `nil` when nothing is.
    ///
    /// - Parameter email: `nil` where the address itself is not valid, so that its owner hears of both at once.
    public func violation(_ password: Password, for email: EmailAddress?, estimator: some PasswordStrengthEstimator) -> FieldError? {
        let text = password.plaintext
        if text.unicodeScalars.count < minimumLength {
            return FieldError(field: "password", code: .passwordTooShort, detail: "At least \(minimumLength) characters.")
        }
        let context = email.map { [$0.canonical, $0.localPart, $0.text.lowercased()] } ?? []
        if context.contains(where: { $0.sameScalars(as: text.lowercased()) }) {
            return tooCommon("The password must not be the e-mail address or a part of it.")
        }
        if minimumStrength > 0, estimator.score(of: text, context: context) < minimumStrength {
            return tooCommon("The password is too easy to guess. Longer and less usual ones are stronger.")
        }
        return nil
    }

    private func tooCommon(_ detail: String) -> FieldError {
        FieldError(field: "password", code: .passwordTooCommon, detail: detail)
    }
}

extension String {
    /// Equality of scalars. Swift's `==` is canonical equivalence, which is not what a key or a password compares by.
    func sameScalars(as other: String) -> Bool {
        unicodeScalars.elementsEqual(other.unicodeScalars)
    }
}
