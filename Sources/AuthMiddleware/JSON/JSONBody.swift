import FoundationEssentials
public import HTTPTypes
public import Hummingbird
public import NIOCore

/// JSON of answers.
public enum JSONBody {
    private static let encoder: JSONEncoder = {
        let encoder = JSONEncoder()
        // Sorted, so that equal answers are equal bytes.
        encoder.outputFormatting = [.withoutEscapingSlashes, .sortedKeys]
        return encoder
    }()

    static func encode(_ value: some Encodable) throws -> [UInt8] {
        Array(try encoder.encode(value))
    }

    /// The JSON text of a value, as a member of a larger body.
    public static func text(_ value: some Encodable) throws -> String {
        String(decoding: try encode(value), as: UTF8.self)
    }

    /// The answer with this value as its JSON body.
    public static func response(_ value: some Encodable, status: HTTPResponse.Status = .ok) throws -> Response {
        Response(
            status: status, headers: [.contentType: "application/json"],
            body: .init(byteBuffer: ByteBuffer(bytes: try encode(value))))
    }

    /// 200 with the JSON that the closure writes.
    public static func response(_ write: (inout ByteBuffer) -> Void) -> Response {
        var body = ByteBuffer()
        write(&body)
        return Response(status: .ok, headers: [.contentType: "application/json"], body: .init(byteBuffer: body))
    }
}
