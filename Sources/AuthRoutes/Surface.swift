import AuthFastPath
import HTTPTypes
import Hummingbird

/// Adds routes to one group of the router, and to the list of all routes. The meaning of a route is a sentence or two for its callers.
///
/// `Twin` is the kind of ``FastTwin`` that its routes may declare: one that authenticates as the surface does, so that the fast path lets
/// nobody in whom the framework refuses. `Never` means none.
struct Surface<Context: RequestContext, Twin> {
    typealias Handler = @Sendable (Request, Context) async throws -> Response

    let name: SurfaceName
    let group: RouterGroup<Context>
    let list: RouteList
    /// What the fast path does with every route of this surface.
    var twin: FastTwin?

    func get(_ path: RouterPath, _ meaning: String, use handler: @escaping Handler) { add(.get, path, meaning, twin, handler) }
    func post(_ path: RouterPath, _ meaning: String, use handler: @escaping Handler) { add(.post, path, meaning, twin, handler) }
    func patch(_ path: RouterPath, _ meaning: String, use handler: @escaping Handler) { add(.patch, path, meaning, twin, handler) }
    func delete(_ path: RouterPath, _ meaning: String, use handler: @escaping Handler) { add(.delete, path, meaning, twin, handler) }

    private func add(
        _ method: HTTPRequest.Method, _ path: RouterPath, _ meaning: String, _ twin: FastTwin?, _ handler: @escaping Handler
    ) {
        list.add(method.rawValue, path, meaning, name, twin)
        group.on(path, method: method, use: handler)
    }
}

extension Surface where Twin == FastRead {
    func get(_ path: RouterPath, _ meaning: String, fast: FastRead, use handler: @escaping Handler) {
        add(.get, path, meaning, .read(fast), handler)
    }

    /// All methods, at the path and below it.
    func any(_ path: RouterPath, _ meaning: String, fast: FastRead, use handler: @escaping Handler) {
        list.add("ANY", path, meaning, name, .read(fast))
        for path in [path, path.appendingPath("**")] {
            for method in HTTPRequest.Method.all where ![.trace, .connect].contains(method) { group.on(path, method: method, use: handler) }
        }
    }
}

extension Surface where Twin == FastRefresh {
    func post(_ path: RouterPath, _ meaning: String, fast: FastRefresh, use handler: @escaping Handler) {
        add(.post, path, meaning, .refresh(fast), handler)
    }
}

/// All routes in the order in which they were added.
final class RouteList {
    private(set) var entries: [RouteMap.Entry] = []
    private(set) var fastRoutes: [FastRoute] = []

    func add(_ method: String, _ path: RouterPath, _ meaning: String, _ surface: SurfaceName, _ twin: FastTwin?) {
        entries.append(
            RouteMap.Entry(method: method, path: path.description, meaning: meaning, surface: surface, fastPath: twin?.effect))
        if let twin { fastRoutes.append(FastRoute(path.description, twin)) }
    }

    func paths(of surface: SurfaceName) -> [String] { entries.filter { $0.surface == surface }.map(\.path) }
}
