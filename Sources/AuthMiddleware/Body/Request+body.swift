import HTTPTypes
public import Hummingbird

extension Request {
    /// Whether there is, or may be, a body.
    public var hasBody: Bool { headers[.transferEncoding] != nil || (contentLength ?? 0) > 0 }

    /// What the head says of the body's length, in bytes.
    var contentLength: Int? { headers[.contentLength].flatMap { Int($0) } }

    /// All of the body, which ``BodyLimit`` has read.
    var bodyOctets: [UInt8] {
        get async throws { Array(buffer: try await body.collect(upTo: .max)) }
    }

    /// This type, with no other charset than UTF-8 (RFC 8259 §8.1).
    func hasContentType(_ type: String) -> Bool {
        let values = headers[values: .contentType]
        guard values.count == 1 else { return false }
        let parts = values[0].split(separator: ";", omittingEmptySubsequences: false).map {
            $0.lowercased().filter { $0 != " " && $0 != "\t" }
        }
        return parts[0] == type && parts.dropFirst().allSatisfy { ["charset=utf-8", "charset=\"utf-8\""].contains($0) }
    }
}
