/// Web pages that may read our answers (the Fetch standard's CORS protocol), by their origins.
public struct AllowedOrigins: Sendable {
    public static let none = AllowedOrigins(origins: [])

    private let origins: Set<String>

    private init(origins: Set<String>) {
        self.origins = origins
    }

    /// - Parameter text: origins such as `https://app.example.org`, separated by commas; `none` for none. `nil` where any is no origin:
    ///   `*` and `null` are anybody's, and a path is none's.
    public init?(_ text: String) {
        let parts = text == "none" ? [] : text.split(separator: ",", omittingEmptySubsequences: false).map { String($0.trimmingSpaces) }
        guard parts.allSatisfy(Self.isOrigin) else { return nil }
        origins = Set(parts)
    }

    /// As a browser writes it (RFC 6454 §6.2): scheme and host in lower case, a port where it is not the scheme's own.
    private static func isOrigin(_ text: String) -> Bool {
        text.wholeMatch(of: /https?:\/\/([a-z0-9]([a-z0-9.\-]*[a-z0-9])?|\[[0-9a-f:.]+\])(:[0-9]{1,5})?/) != nil
    }

    var isEmpty: Bool { origins.isEmpty }

    /// Whether any could be somebody else's on the way.
    public var areOpenToTampering: Bool { origins.contains { $0.hasPrefix("http:") } }

    func contains(_ origin: String) -> Bool { origins.contains(origin) }
}
