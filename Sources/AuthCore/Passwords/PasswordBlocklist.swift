/// A list of passwords that were stolen somewhere and published. Attackers try these first.
public protocol PasswordBlocklist: Sendable {
    /// Whether the list has this text. It may wait for a disk, so call it on a hashing thread.
    ///
    /// - Throws: ``AuthError/unavailable(cause:)`` if the digest of the text cannot be computed.
    func contains(_ text: String) throws(AuthError) -> Bool
}

extension PasswordBlocklist {
    /// The error for a password of the list; `nil` if the list has none of its spellings. A part of the password is not looked up.
    ///
    /// - Throws: as ``contains(_:)``.
    func objection(to password: Password) throws(AuthError) -> FieldError? {
        for spelling in password.spellings {
            guard try !contains(spelling) else {
                return FieldError(
                    field: "password", code: .passwordBreached,
                    detail: "This password is in a list of stolen passwords. Choose another one.")
            }
        }
        return nil
    }
}

extension Password {
    /// The normal form, the text as it was typed, and the normal form in lower case, each once.
    fileprivate var spellings: [String] {
        [typed, plaintext.lowercased()].reduce(into: [plaintext]) { spellings, other in
            if !spellings.contains(where: { $0.hasSameOctets(as: other) }) { spellings.append(other) }
        }
    }
}
