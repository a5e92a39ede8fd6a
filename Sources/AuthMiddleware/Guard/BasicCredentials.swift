import AuthCore
import FoundationEssentials
import HTTPTypes
import Hummingbird

/// The id and the secret of a client in an Authorization header of scheme Basic (RFC 7617, RFC 6749 §2.3.1).
struct BasicCredentials: Decodable {
    let id: String
    let secret: String

    /// `nil` for none, for two, and for anything else.
    init?(_ request: Request) {
        let credentials = request.headers[values: .authorization]
        guard credentials.count == 1 else { return nil }
        let parts = credentials[0].split(separator: " ", maxSplits: 1)
        guard parts.count == 2, parts[0].lowercased() == "basic", let octets = Data(base64Encoded: String(parts[1])),
            let pair = String(validating: octets, as: UTF8.self), let colon = pair.firstIndex(of: ":")
        else { return nil }
        // Clients may form-encode both (RFC 6749 §2.3.1). Ours need no escapes, so that with them and without means the same.
        let form = "id=\(pair[..<colon])&secret=\(pair[pair.index(after: colon)...])"
        guard let credentials = try? URLEncodedFormDecoder().decode(Self.self, from: form) else { return nil }
        self = credentials
    }
}
