import AuthCore
import FoundationEssentials
import HTTPTypes
public import Hummingbird
import Logging

/// Names each request: by the client's own `X-Request-Id` where that is harmless, else by a new one.
public struct RequestID: RouterMiddleware {
    public typealias Context = AuthRequestContext

    /// Long enough for any tracing scheme, short enough for every log line and audit row.
    private static let maximumLength = 128

    public init() {}

    public func handle(
        _ request: Request, context: Context, next: (Request, Context) async throws -> Response
    ) async throws -> Response {
        var context = context
        context.requestID = request.headers[.xRequestID].flatMap(Self.accepted) ?? Self.fresh()
        context.logger[metadataKey: "hb.request.id"] = nil
        context.logger[metadataKey: "request_id"] = .string(context.requestID)
        var response = try await next(request, context)
        response.headers[.xRequestID] = context.requestID
        return response
    }

    static func fresh() -> String { UUID().uuidString.lowercased() }

    static func accepted(_ text: String) -> String? {
        let isHarmless = text.utf8.allSatisfy { octet in
            switch octet {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"), UInt8(ascii: "0")...UInt8(ascii: "9"),
                UInt8(ascii: "."), UInt8(ascii: "_"), UInt8(ascii: "-"):
                true
            default: false
            }
        }
        return isHarmless && (1...maximumLength).contains(text.utf8.count) ? text : nil
    }
}

extension HTTPField.Name {
    static let xRequestID = Self("X-Request-Id")!
}
