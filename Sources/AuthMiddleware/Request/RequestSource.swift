public import HTTPEdge
import HTTPTypes
public import Hummingbird
import Logging

/// Finds the id of each request and the address of its client. One middleware does both, since each middleware that changes the context
/// costs every open connection two or three KiB.
public struct RequestSource: RouterMiddleware {
    public typealias Context = AuthRequestContext

    private let addresses: ClientAddress

    public init(addresses: ClientAddress) {
        self.addresses = addresses
    }

    public func handle(
        _ request: Request, context: Context, next: (Request, Context) async throws -> Response
    ) async throws -> Response {
        let context = context.identified(request, addresses)
        var response = try await next(request, context)
        response.headers[.xRequestID] = context.requestID
        return response
    }
}

extension AuthRequestContext {
    fileprivate func identified(_ request: Request, _ addresses: ClientAddress) -> Self {
        var context = self
        context.requestID = request.headers[.xRequestID].flatMap(RequestID.accepted) ?? RequestID.fresh()
        context.logger[metadataKey: "hb.request.id"] = nil
        context.logger[metadataKey: "request_id"] = .string(context.requestID)
        context.clientAddress = addresses.find(
            context.clientAddress, forwardedFor: request.headers[values: .xForwardedFor], context.logger)
        return context
    }
}

extension HTTPField.Name {
    static let xRequestID = Self("X-Request-Id")!
    fileprivate static let xForwardedFor = Self("X-Forwarded-For")!
}
