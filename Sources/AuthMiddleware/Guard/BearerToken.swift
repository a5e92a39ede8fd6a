public import AuthCore
import HTTPTypes
public import Hummingbird

extension Request {
    /// The bearer token of the request (RFC 6750 §2.1); `nil` where no credential of that scheme came.
    ///
    /// - Throws: ``AuthError/invalidRequest(reason:)`` for two credentials.
    public func bearerToken() throws(AuthError) -> String? {
        let credentials = headers[values: .authorization]
        guard credentials.count <= 1 else { throw .invalidRequest(reason: "More than one Authorization header.") }
        guard let credential = credentials.first else { return nil }
        let isSpace = { (character: Character) in character == " " || character == "\t" }
        let scheme = credential.prefix { !isSpace($0) }
        let token = credential.dropFirst(scheme.count).drop(while: isSpace)
        guard scheme.lowercased() == "bearer", !token.isEmpty else { return nil }
        return String(token)
    }

    /// Whether a token travels in the URL, where proxies and logs would keep it (RFC 6750 §2.3 discourages it, we refuse it).
    var hasTokenInURL: Bool {
        guard uri.query != nil else { return false }
        return uri.queryParameters.contains { key, value in
            ["access_token", "refresh_token", "token"].contains(key.lowercased()) || value.hasPrefix("aat_") || value.hasPrefix("art_")
        }
    }
}
