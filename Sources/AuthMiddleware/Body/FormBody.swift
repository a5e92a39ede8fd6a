public import AuthCore
import HTTPEdge

/// The parameters of an `application/x-www-form-urlencoded` body (RFC 6749 appendix B), read and compared as octets.
public struct FormBody: Sendable {
    static let mediaType: StaticString = "application/x-www-form-urlencoded"
    /// More parameters than any request of this API has.
    private static let maximumParameters = 64

    private struct Parameter {
        let name: [UInt8]
        let value: [UInt8]
    }

    private let parameters: [Parameter]

    /// - Throws: ``AuthError/invalidForm(reason:)`` for too many parameters, and for a `%` without two hexadecimal digits after it.
    public init(_ octets: [UInt8]) throws(AuthError) {
        let pairs = octets.split(separator: UInt8(ascii: "&"), maxSplits: Self.maximumParameters)
        guard pairs.count <= Self.maximumParameters else {
            throw .invalidForm(reason: "The form has more than \(Self.maximumParameters) parameters.")
        }
        var parameters: [Parameter] = []
        for pair in pairs {
            let end = pair.firstIndex(of: UInt8(ascii: "=")) ?? pair.endIndex
            guard let name = Self.decode(pair[..<end]), let value = Self.decode(pair[end...].dropFirst()) else {
                throw .invalidForm(reason: "The form has a % without two hexadecimal digits after it.")
            }
            parameters.append(Parameter(name: name, value: value))
        }
        self.parameters = parameters
    }

    /// - Parameter name: of ASCII.
    /// - Returns: `nil` if the parameter is missing or has no value, which means the same (RFC 6749 §3.2).
    /// - Throws: ``AuthError/invalidForm(reason:)`` if it comes twice, or its value is not UTF-8.
    public func value(of name: StaticString) throws(AuthError) -> String? {
        let values = parameters.lazy.filter { $0.name.isText(name) }.map(\.value)
        guard let octets = values.first else { return nil }
        guard values.dropFirst().isEmpty else { throw .invalidForm(reason: "The form has the same parameter twice.") }
        guard let text = String(validating: octets, as: UTF8.self) else { throw .invalidForm(reason: "The form is not UTF-8.") }
        return text.isEmpty ? nil : text
    }

    /// - Returns: `nil` if two hexadecimal digits do not follow a `%`.
    static func decode(_ octets: some Sequence<UInt8>) -> [UInt8]? { PercentEncoding.decode(octets, plusIsSpace: true) }
}
