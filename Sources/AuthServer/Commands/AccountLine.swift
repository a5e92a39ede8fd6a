import AuthCore

/// An account in the JSON of `auth-api user list`. Fields without a value are left out.
struct AccountLine: Encodable {
    let id, email, created: String
    let verified, displayName, locale, addressFrozenUntil, disabled, disabledReason, disabledUntil, deletedAfter: String?
    let mustResetPassword: Bool

    enum CodingKeys: String, CodingKey {
        case id, email, created, verified, locale, disabled
        case displayName = "display_name"
        case addressFrozenUntil = "address_frozen_until"
        case disabledReason = "disabled_reason"
        case disabledUntil = "disabled_until"
        case deletedAfter = "deleted_after"
        case mustResetPassword = "must_reset_password"
    }

    init(_ account: AccountState) {
        (id, email, created) = (account.user.id.text, account.user.email, "\(account.user.createdAt)")
        (displayName, locale, disabledReason) = (account.displayName, account.locale, account.disabledReason)
        verified = account.verifiedAt.map { time in "\(time)" }
        addressFrozenUntil = account.frozenUntil.map { time in "\(time)" }
        disabled = account.disabledAt.map { time in "\(time)" }
        disabledUntil = account.disabledUntil.map { time in "\(time)" }
        deletedAfter = account.deletedAfter.map { time in "\(time)" }
        mustResetPassword = account.mustResetPassword
    }
}

extension AccountState {
    /// In one word what keeps the owner out, or how sure the address is.
    var word: String {
        if deletedAfter != nil { return "deleted" }
        if disabledAt != nil { return "disabled" }
        if mustResetPassword { return "must-reset" }
        return verifiedAt == nil ? "unverified" : "verified"
    }
}

extension AccountRecord {
    /// A line for each thing that the server knows. Those that are nothing special are left out.
    var lines: String {
        var lines = [
            "email     \(LogEntry.escaped(user.email))", "id        \(user.id.text)", "created   \(user.createdAt)",
            "verified  \(state.verifiedAt.map { time in "since \(time)" } ?? "no")",
        ]
        if let name = state.displayName { lines.append("name      \(LogEntry.escaped(name))") }
        if let locale = state.locale { lines.append("locale    \(LogEntry.escaped(locale))") }
        lines.append("state     \(state.disabledAt.map(disabling) ?? "enabled")")
        if let time = state.deletedAfter { lines.append("deletion  erased after \(time), unless the owner restores it") }
        if state.mustResetPassword { lines.append("password  must be reset before the next login") }
        if let time = state.frozenUntil { lines.append("address   cannot be changed until \(time)") }
        lines.append("sessions  \(liveSessions)")
        lines.append("login     \(isBlocked ? "must wait after failed logins; `auth-api user unlock` ends that" : "open")")
        return lines.joined(separator: "\n")
    }

    private func disabling(since time: Timestamp) -> String {
        let until = state.disabledUntil.map { time in ", until \(time)" } ?? ""
        return "disabled since \(time)\(until)\(state.disabledReason.map { reason in ": \(LogEntry.escaped(reason))" } ?? "")"
    }
}
