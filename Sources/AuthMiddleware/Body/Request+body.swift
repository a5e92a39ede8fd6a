import AuthCore
import HTTPTypes
public import Hummingbird
import NIOCore

extension Request {
    /// Whether there is, or may be, a body.
    public var hasBody: Bool {
        headers[.transferEncoding] != nil || (headers[.contentLength].flatMap { Int($0) } ?? 0) > 0
    }

    func bodyOctets(limit: Int) async throws -> [UInt8] {
        if let length = headers[.contentLength].flatMap({ Int($0) }), length > limit { throw AuthError.bodyTooLarge(limit: limit) }
        do {
            return Array(buffer: try await body.collect(upTo: limit))
        } catch is NIOTooManyBytesError {
            throw AuthError.bodyTooLarge(limit: limit)
        }
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
