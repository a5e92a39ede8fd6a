import HTTPEdge

/// Names of request headers that scripts of allowed origins may send besides the standard ones of this API.
public struct AllowedHeaders: Sendable {
    public static let none = AllowedHeaders(names: [])

    private let names: [String]

    private init(names: [String]) {
        self.names = names
    }

    /// - Parameter text: names such as `traceparent`, separated by commas; `none` for none. `nil` if any is not a header name.
    public init?(_ text: String) {
        let parts = text.utf8.isText("none") ? [] : text.utf8.split(separator: UInt8(ascii: ","), omittingEmptySubsequences: false)
        let names = parts.map(\.withoutBlanksAround)
        guard names.allSatisfy({ !$0.isEmpty && $0.allSatisfy(\.isTokenCharacter) }) else { return nil }
        self.names = names.map { String(Substring($0)) }
    }

    /// The complete list for the answer to a preflight, with the standard ones of this API.
    var list: String { (["Authorization", "Content-Type", "X-Request-Id"] + names).joined(separator: ", ") }
}
