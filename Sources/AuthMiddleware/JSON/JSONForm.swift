public import AuthCore
import HTTPTypes
public import Hummingbird
import NIOCore

/// The flat JSON object that a request has for a body, read field by field. What is wrong with its structure is told at once.
public struct JSONForm {
    private let members: [String: JSONValue]
    private var known: Set<String> = []
    private var errors: [FieldError] = []

    init(members: [String: JSONValue]) {
        self.members = members
    }

    /// The string; empty, and remembered as an error, where it is missing, null or something else.
    public mutating func required(_ field: String) -> String {
        optional(field) ?? missing(field)
    }

    /// The string; `nil` where it is missing or null.
    public mutating func optional(_ field: String) -> String? {
        known.insert(field)
        switch members[field] {
        case .string(let text): return text
        case nil, .null: return nil
        default:
            errors.append(FieldError(field: field, code: .invalidType, detail: "Must be a string."))
            return nil
        }
    }

    /// - Throws: ``AuthError/validationFailed(_:)`` with every missing, mistyped and unknown field.
    public func finish() throws(AuthError) {
        let unknown = members.keys.filter { !known.contains($0) }.sorted().map { name in
            FieldError(field: String(name.prefix(64)), code: .unknownField, detail: "There is no such field.")
        }
        guard errors.isEmpty, unknown.isEmpty else { throw .validationFailed(errors + unknown) }
    }

    private mutating func missing(_ field: String) -> String {
        if !errors.contains(where: { $0.field == field }) {
            errors.append(FieldError(field: field, code: .required, detail: "Must be given."))
        }
        return ""
    }
}

extension Request {
    /// Reads the whole body as a JSON object.
    ///
    /// - Throws: ``AuthError/unsupportedMediaType``, ``AuthError/malformedJSON(reason:)``.
    public func jsonForm(limits: HTTPLimits) async throws -> JSONForm {
        guard hasContentType("application/json") else { throw AuthError.unsupportedMediaType(expected: "application/json") }
        let octets = try await bodyOctets
        guard case .object(let members) = try StrictJSONParser.parse(octets, limits: limits) else {
            throw AuthError.malformedJSON(reason: "The body must be a JSON object.")
        }
        return JSONForm(members: members)
    }
}
