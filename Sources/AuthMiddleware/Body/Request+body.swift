import AuthCore
import HTTPEdge
import HTTPTypes
public import Hummingbird

extension Request {
    /// Whether the body is not empty. The edge gives each request its length, even if the body came in chunks.
    public var hasBody: Bool { (contentLength ?? 0) > 0 }

    /// What the head says of the body's length, in bytes.
    var contentLength: Int? { headers[.contentLength].flatMap { Int($0) } }

    /// All of the body, which ``BodyLimit`` has read.
    var bodyOctets: [UInt8] {
        get async throws { Array(buffer: try await body.collect(upTo: .max)) }
    }

    /// Whether the body has no coding such as `gzip` (RFC 9110 §8.4).
    var isUncoded: Bool {
        headers[values: .contentEncoding].allSatisfy { value in
            value.utf8.split(separator: UInt8(ascii: ",")).allSatisfy { $0.withoutBlanksAround.isWord("identity") }
        }
    }

    /// Whether the body is of this type (RFC 9110 §8.3). A charset other than UTF-8 is another type (RFC 8259 §8.1); every other parameter
    /// is ignored, and two equal fields count as one.
    ///
    /// - Parameter type: in lower case.
    func hasContentType(_ type: StaticString) -> Bool {
        let values = headers[values: .contentType]
        guard let value = values.first, values.allSatisfy({ $0.hasSameOctets(as: value) }) else { return false }
        let parts = value.utf8.split(separator: UInt8(ascii: ";"), omittingEmptySubsequences: false).map(\.withoutBlanksAround)
        return parts[0].isWord(type) && parts.dropFirst().allSatisfy(\.isHarmlessParameter)
    }
}

extension Substring.UTF8View {
    fileprivate var isHarmlessParameter: Bool {
        guard prefix("charset=".utf8.count).isWord("charset=") else { return true }
        return isWord("charset=utf-8") || isWord("charset=\"utf-8\"")
    }
}
