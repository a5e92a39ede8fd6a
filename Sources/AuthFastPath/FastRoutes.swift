public import AuthCore
import AuthMiddleware
import HTTPEdge

/// The routes with a twin on the fast path, by kind. A class, so that each holder counts one reference.
public final class FastRoutes: Sendable {
    struct Read {
        let path: TargetPath
        let twin: FastRead
    }

    struct Refresh {
        let path: TargetPath
        let twin: FastRefresh
    }

    struct Password {
        let path: TargetPath
        let gate: PasswordGate
    }

    let authentication: SessionAuthentication
    let reads: [Read]
    let refreshes: [Refresh]
    let passwords: [Password]

    /// - Parameter authentication: accepts or refuses the access tokens of reads.
    public init(_ routes: [FastRoute], authentication: SessionAuthentication) {
        var (reads, refreshes, passwords): ([Read], [Refresh], [Password]) = ([], [], [])
        for route in routes {
            let path = TargetPath(route.path)
            switch route.twin {
            case .read(let twin): reads.append(Read(path: path, twin: twin))
            case .refresh(let twin): refreshes.append(Refresh(path: path, twin: twin))
            case .password(let gate): passwords.append(Password(path: path, gate: gate))
            }
        }
        (self.authentication, self.reads, self.refreshes, self.passwords) = (authentication, reads, refreshes, passwords)
    }
}
