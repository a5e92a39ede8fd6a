import AuthCore
import AuthMiddleware

/// The page of sessions that a client asks for: `limit` (1 to 100, default 50) and the `cursor` of the page before.
struct SessionsQuery {
    let cursor: SessionCursor?
    let limit: Int

    static let names: [StaticString] = ["cursor", "limit"]
    private static let defaultLimit = 50

    /// - Throws: ``AuthError/validationFailed(_:)`` with everything that is wrong.
    init(_ parameters: QueryParameters) throws(AuthError) {
        var errors = FieldErrors()
        let (cursors, limits) = (parameters.values(of: "cursor"), parameters.values(of: "limit"))
        if cursors.count > 1 { errors.add(.givenTwice("cursor")) }
        if limits.count > 1 { errors.add(.givenTwice("limit")) }
        cursor = cursors.first.flatMap(SessionCursor.init)
        if !cursors.isEmpty, cursor == nil {
            errors.add(FieldError(field: "cursor", code: .invalidCursor, detail: "Must be the next_cursor of an earlier answer."))
        }
        limit = limits.first.map(Self.wholeNumber) ?? Self.defaultLimit
        if !OwnSessions.pageSizes.contains(limit) {
            errors.add(FieldError(field: "limit", code: .outOfRange, detail: "Must be a whole number from 1 to 100."))
        }
        try errors.check()
    }

    /// A number of at most three digits. Anything else becomes 0, which is out of range.
    private static func wholeNumber(_ octets: [UInt8]) -> Int {
        guard octets.count <= 3, octets.allSatisfy({ (0x30...0x39).contains($0) }) else { return 0 }
        return octets.reduce(0) { $0 * 10 + Int($1 - 0x30) }
    }
}

extension FieldError {
    fileprivate static func givenTwice(_ field: String) -> FieldError {
        FieldError(field: field, code: .invalidType, detail: "Must be given once.")
    }
}
