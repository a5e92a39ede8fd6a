import AuthCore
import AuthMiddleware

/// The page of a list that a client asks for: `limit` and the `cursor` of the page before.
struct PageQuery<Cursor> {
    let cursor: Cursor?
    let limit: Int

    /// - Parameters:
    ///   - sizes: the limits that a client may ask for.
    ///   - defaultLimit: for a client that names none.
    ///   - read: reads a cursor; `nil` if the octets are not one.
    /// - Throws: ``AuthError/validationFailed(_:)`` with everything that is wrong.
    init(
        _ parameters: QueryParameters, sizes: ClosedRange<Int>, defaultLimit: Int, cursor read: ([UInt8]) -> Cursor?
    ) throws(AuthError) {
        var errors = FieldErrors()
        let (cursors, limits) = (parameters.values(of: "cursor"), parameters.values(of: "limit"))
        if cursors.count > 1 { errors.add(.givenTwice("cursor")) }
        if limits.count > 1 { errors.add(.givenTwice("limit")) }
        cursor = cursors.first.flatMap(read)
        if !cursors.isEmpty, cursor == nil {
            errors.add(FieldError(field: "cursor", code: .invalidCursor, detail: "Must be the next_cursor of an earlier answer."))
        }
        limit = limits.first.map(PageParameters.wholeNumber) ?? defaultLimit
        if !sizes.contains(limit) {
            let range = "from \(sizes.lowerBound) to \(sizes.upperBound)"
            errors.add(FieldError(field: "limit", code: .outOfRange, detail: "Must be a whole number \(range)."))
        }
        try errors.check()
    }
}

/// The parameters of every list that comes in pages.
enum PageParameters {
    static let names: [StaticString] = ["cursor", "limit"]

    /// A number of at most three digits. Anything else becomes 0, which is out of range.
    fileprivate static func wholeNumber(_ octets: [UInt8]) -> Int {
        guard octets.count <= 3, octets.allSatisfy({ (0x30...0x39).contains($0) }) else { return 0 }
        return octets.reduce(0) { $0 * 10 + Int($1 - 0x30) }
    }
}

extension FieldError {
    fileprivate static func givenTwice(_ field: String) -> FieldError {
        FieldError(field: field, code: .invalidType, detail: "Must be given once.")
    }
}
