import AuthFastPath
import AuthMiddleware
import AuthRoutes
import Logging

/// All routes, as the documentation shows them.
enum RoutesTable {
    /// Those of a server with every default. It never starts.
    static let entries: [RouteMap.Entry] = {
        var reader = SettingReader.ofDefaults
        let (configuration, logger) = (ServerConfiguration(&reader), Logger(label: "auth-api"))
        let server = Server(configuration, newestMigration: 0, isDistributed: false, logger: logger)
        return RouteMap(server.domain, HTTPOptions(configuration, logger: logger)).entries
    }()

    /// The table of docs/guide.md.
    static var markdown: String {
        "| Request | Credential | What it does |\n|---|---|---|\n"
            + entries.map { "| `\($0.method) \($0.path)` | \($0.surface.credential ?? "none") | \($0.meaning) |\n" }.joined()
    }

    /// For people at a terminal of the usual width.
    static var text: String {
        let rows = entries.map { entry in
            [entry.method, entry.path, entry.surface.rawValue, entry.surface.credential ?? "none", entry.fastPath?.rawValue ?? "no"]
        }
        return ([["Method", "Path", "Surface", "Credential", "Fast path"]] + rows).aligned.map { "\($0)\n" }.joined()
    }
}
