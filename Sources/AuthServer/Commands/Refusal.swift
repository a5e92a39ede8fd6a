import AuthCore
import LibPQ

/// A command that was understood but refused, or that failed. The process prints the reason without the usage and ends with 1.
struct Refusal: Error, CustomStringConvertible {
    let description: String

    init(_ description: String) { self.description = description }

    /// - Parameter role: the role that may do it. The reason names it if PostgreSQL reports missing rights.
    init(_ cause: any Error, role: DatabaseRole) {
        let reason =
            switch cause {
            case AuthError.unavailable(let cause): cause
            case PostgresError.unavailable(let reason): "the database cannot be used: \(reason.replacing(/\s*\n\s*/, with: " "))"
            default: "\(cause)"
            }
        // SQLSTATE 42501, insufficient_privilege (PostgreSQL, appendix A).
        if reason.contains(" 42501: ") {
            description = "the role in DATABASE_URL may not do this. Run it as \(role.rawValue) (docs/audit.md). PostgreSQL said: \(reason)"
        } else {
            description = reason
        }
    }
}

/// The database role that an operator's command needs: see docs/audit.md.
enum DatabaseRole: String {
    case owner = "the role that owns the tables, such as auth_api_owner"
    case auditor = "the role that audits, such as auth_api_auditor, or the one that owns the tables"
}
