import AuthCore
import FoundationEssentials
import Hummingbird

/// The id and the secret of a client in an Authorization header of scheme Basic (RFC 7617, RFC 6749 §2.3.1).
struct BasicCredentials {
    let id: String
    let secret: String

    /// `nil` for none, for two, and for anything else.
    init?(_ request: Request) {
        guard let credential = try? request.credential("basic"), let pair = Data(base64Encoded: String(credential)),
            let colon = pair.firstIndex(of: UInt8(ascii: ":")),
            // Clients may form-encode both (RFC 6749 §2.3.1). Our ids and secrets need no escapes, so decoding never changes them.
            let id = Self.text(pair[..<colon]), let secret = Self.text(pair[colon...].dropFirst())
        else { return nil }
        (self.id, self.secret) = (id, secret)
    }

    private static func text(_ octets: Data) -> String? {
        FormBody.decode(octets).flatMap { String(validating: $0, as: UTF8.self) }
    }
}
