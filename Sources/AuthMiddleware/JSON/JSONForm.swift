public import AuthCore
public import HTTPEdge
import HTTPTypes
public import Hummingbird
import NIOCore

/// The flat JSON object in the body of a request, read field by field. All errors of its structure are reported together.
public struct JSONForm {
    /// The members that no field has taken yet.
    private var unread: [JSONObject.Member]
    private var errors = FieldErrors()

    init(_ object: JSONObject) {
        unread = object.members
    }

    /// The string. If it is missing, null or something else, that is an error for ``finish()``, and the result is empty.
    public mutating func required(_ field: StaticString) -> String {
        switch take(field) {
        case .string(let text): return text
        case nil, .null: errors.add(FieldError(field: "\(field)", code: .required, detail: "Must be given."))
        default: errors.add(.notString(field))
        }
        return ""
    }

    /// The string; `nil` if it is missing or null.
    public mutating func optional(_ field: StaticString) -> String? {
        switch take(field) {
        case .string(let text): return text
        case nil, .null: break
        default: errors.add(.notString(field))
        }
        return nil
    }

    /// What a request says of a field that it may leave as it is.
    public enum Change {
        case missing, null
        case text(String)
    }

    /// A string or null.
    public mutating func change(of field: StaticString) -> Change {
        switch take(field) {
        case nil: return .missing
        case .null: return .null
        case .string(let text): return .text(text)
        default: errors.add(.notString(field))
        }
        return .missing
    }

    /// The JSON text of an object, or null.
    public mutating func changeOfObject(_ field: StaticString) -> Change {
        switch take(field) {
        case nil: return .missing
        case .null: return .null
        case .object(let object):
            if let text = JSONText(object) { return .text(text.text) }
            errors.add(FieldError(field: "\(field)", code: .outOfRange, detail: "It has a number that is too large or too long."))
        default: errors.add(FieldError(field: "\(field)", code: .invalidType, detail: "Must be an object."))
        }
        return .missing
    }

    /// - Throws: ``AuthError/validationFailed(_:)`` with the missing, mistyped and unknown fields.
    public func finish() throws(AuthError) {
        var errors = errors
        for member in unread { errors.add(.unknownField(member.name)) }
        try errors.check()
    }

    private mutating func take(_ field: StaticString) -> JSONValue? {
        unread.firstIndex { $0.name.isText(field) }.map { unread.remove(at: $0).value }
    }
}

extension FieldError {
    fileprivate static func notString(_ field: StaticString) -> FieldError {
        FieldError(field: "\(field)", code: .invalidType, detail: "Must be a string.")
    }
}

extension Request {
    /// Reads the whole body as a JSON object.
    ///
    /// - Throws: ``AuthError/unsupportedMediaType``, ``AuthError/malformedJSON(reason:)``, ``AuthError/validationFailed(_:)`` for a name
    ///   that is too long for any field.
    public func jsonForm(limits: HTTPLimits) async throws -> JSONForm {
        guard hasContentType("application/json") else { throw AuthError.unsupportedMediaType(expected: "application/json") }
        let octets = try await bodyOctets
        guard case .object(let object) = try StrictJSONParser.parse(octets, limits: limits) else {
            throw AuthError.malformedJSON(reason: "The body must be a JSON object.")
        }
        return JSONForm(object)
    }
}
