import AuthCore
import HTTPEdge

/// Web pages that may read answers (the Fetch standard's CORS protocol), by their origins.
public struct AllowedOrigins: Sendable {
    public static let none = AllowedOrigins(origins: [])

    private let origins: [WebOrigin]

    private init(origins: [WebOrigin]) {
        self.origins = origins
    }

    /// - Parameter text: origins such as `https://app.example.org`, separated by commas; `none` for none. `nil` if one is not an
    ///   origin: `*` and `null` mean every page, and an origin has no path.
    public init?(_ text: String) {
        var origins: [WebOrigin] = []
        for part in text.utf8.isText("none") ? [] : text.utf8.split(separator: UInt8(ascii: ","), omittingEmptySubsequences: false) {
            guard let origin = WebOrigin(part.withoutBlanksAround) else { return nil }
            origins.append(origin)
        }
        self.origins = origins
    }

    public var isEmpty: Bool { origins.isEmpty }

    /// Whether a page of one could be changed on its way.
    public var areOpenToTampering: Bool { origins.contains { $0.scheme == .http } }

    /// - Returns: the allowed origin with the text of a request's `Origin`.
    func find(_ origin: String) -> String? { origins.first { $0.text.hasSameOctets(as: origin) }?.text }
}
