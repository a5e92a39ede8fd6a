public import AuthCore
public import AuthMiddleware
public import NIOCore

/// How the fast path answers a route. A route declares it beside its handler, and both give the same answers, to the octet.
///
/// There are three kinds. A further route of one kind needs nothing but its declaration.
public enum FastTwin: Sendable {
    /// Writes a part of the answer 200 that not every answer has.
    public typealias Writer<Value> = @Sendable (Value, inout ByteBuffer) -> Void

    case read(FastRead)
    case refresh(FastRefresh)
    /// `POST` of a password: refused while there is no room to hash one. The framework gets it otherwise.
    case password(PasswordGate)

    /// What the fast path does with the usual requests of a route.
    public enum Effect: String, Sendable {
        case answers
        /// It refuses them while the server has no room for them. The framework answers them otherwise.
        case refuses
    }

    public var effect: Effect {
        switch self {
        case .read, .refresh: .answers
        case .password: .refuses
        }
    }
}

/// The twin of `GET` and `HEAD` with the access token of a live session.
public struct FastRead: Sendable {
    /// Writes header fields, each with its line end.
    let writeFields: FastTwin.Writer<AuthenticatedSession>
    let writeBody: FastTwin.Writer<AuthenticatedSession>

    /// The answer has a JSON body.
    public static func json(_ body: @escaping FastTwin.Writer<AuthenticatedSession>) -> FastRead {
        FastRead(writeFields: { _, answer in answer.writeStaticString("Content-Type: application/json\r\n") }, writeBody: body)
    }

    /// The answer has header fields and no body.
    public static func fields(_ fields: @escaping FastTwin.Writer<AuthenticatedSession>) -> FastRead {
        FastRead(writeFields: fields, writeBody: { _, _ in })
    }
}

/// The twin of `POST` of a refresh token.
public struct FastRefresh: Sendable {
    let service: SessionRefresh
    let writeBody: FastTwin.Writer<IssuedTokens>

    /// - Parameter body: writes the JSON body.
    public init(_ service: SessionRefresh, body: @escaping FastTwin.Writer<IssuedTokens>) {
        (self.service, writeBody) = (service, body)
    }
}

/// A route with a twin on the fast path.
public struct FastRoute: Sendable {
    let path: String
    let twin: FastTwin

    /// - Parameter path: without a slash at the end.
    public init(_ path: String, _ twin: FastTwin) {
        self.path = path
        self.twin = twin
    }
}
