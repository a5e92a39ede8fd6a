import AuthCore
import Hummingbird

/// Which page of one's sessions is asked for: `limit` (1 to 100, default 50) and the `cursor` of the page before.
struct SessionsQuery {
    let cursor: SessionCursor?
    let limit: Int

    private static let defaultLimit = 50

    /// - Throws: ``AuthError/validationFailed(_:)`` with everything that is wrong.
    init(_ parameters: Parameters) throws(AuthError) {
        var errors: [FieldError] = []
        var seen: [String: String] = [:]
        for (key, value) in parameters {
            let (name, text) = (String(key), String(value))
            if !["cursor", "limit"].contains(name) {
                errors.append(FieldError(field: String(name.prefix(64)), code: .unknownField, detail: "There is no such parameter."))
            } else if seen.updateValue(text, forKey: name) != nil {
                errors.append(FieldError(field: name, code: .invalidType, detail: "Must be given once."))
            }
        }
        cursor = seen["cursor"].flatMap(SessionCursor.init)
        if seen["cursor"] != nil, cursor == nil {
            errors.append(FieldError(field: "cursor", code: .invalidCursor, detail: "Must be the next_cursor of an earlier answer."))
        }
        limit = seen["limit"].map(Self.wholeNumber) ?? Self.defaultLimit
        if !OwnSessions.pageSizes.contains(limit) {
            errors.append(FieldError(field: "limit", code: .outOfRange, detail: "Must be a whole number from 1 to 100."))
        }
        guard errors.isEmpty else { throw .validationFailed(errors) }
    }

    /// Digits alone: `Int` would take a sign as well. Anything else is 0, which is out of range.
    private static func wholeNumber(_ text: String) -> Int {
        text.utf8.allSatisfy { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) } ? Int(text) ?? 0 : 0
    }
}
