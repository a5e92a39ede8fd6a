import AuthCore
import AuthMiddleware
import Hummingbird

/// The history of the account, for its owner.
struct OwnEventRoutes: Sendable {
    let history: OwnHistory

    private static let defaultLimit = 20

    func add(to surfaces: Surfaces) {
        surfaces.session.get(
            "api/events", "Lists what happened to the account, in pages: optionally `limit`, `cursor`.", use: list)
    }

    /// The parameters of ``list(_:_:)``.
    static let listParameters = (route: "/api/events", names: PageParameters.names)

    func list(_ request: Request, _ context: AuthenticatedRequestContext) async throws -> Response {
        let query = try PageQuery(request.parameters, sizes: OwnHistory.pageSizes, defaultLimit: Self.defaultLimit) { octets in
            HistoryCursor(octets)
        }
        let page = try await history.page(for: context.session, after: query.cursor, size: query.limit)
        return try JSONBody.response(EventsBody(page))
    }
}

private struct EventsBody: Encodable {
    let events: [OwnEventBody]
    let nextCursor: String?

    enum CodingKeys: String, CodingKey {
        case events
        case nextCursor = "next_cursor"
    }

    init(_ page: OwnHistory.Page) {
        events = page.events.map(OwnEventBody.init)
        nextCursor = page.next?.text
    }

    /// By hand, so that the last page says null and not nothing.
    func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: CodingKeys.self)
        try container.encode(events, forKey: .events)
        try container.encode(nextCursor, forKey: .nextCursor)
    }
}
