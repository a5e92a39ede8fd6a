import AuthCore
import HTTPEdge
import HTTPTypes
import Hummingbird

extension Request {
    /// The Authorization header after the scheme (RFC 9110 §11.4); `nil` if there is none of that scheme, or nothing follows it.
    ///
    /// - Parameter scheme: in lower case.
    /// - Throws: ``AuthError/invalidRequest(reason:)`` for two headers.
    func credential(_ scheme: StaticString) throws(AuthError) -> Substring? {
        let fields = headers[values: .authorization]
        guard fields.count <= 1 else { throw .invalidRequest(reason: "More than one Authorization header.") }
        guard let field = fields.first?.utf8, let end = field.firstIndex(where: \.isBlank), field[..<end].isWord(scheme) else { return nil }
        let credential = field[end...].withoutBlanksAround
        return credential.isEmpty ? nil : Substring(credential)
    }
}
