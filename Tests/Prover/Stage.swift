import Foundation
import ServerTestSupport

/// Where a run takes place: PostgreSQL, as the fault of the run wants it, and what each server is told.
struct Stage: Sendable {
    /// The PostgreSQL that the run has started; `nil` if the database existed before.
    let primary: Cluster?
    var standby: Cluster?
    let conninfo: String
    /// What libfaketime reads of the first instance's clock.
    var clock: TemporaryFolder.File?
    /// In KiB. It is more than the other work of a server needs at any moment.
    var hashMemory: Int?

    /// Small enough to be filled, large enough for a new cluster and its log of changes.
    private static let diskSize = "224m"
    /// Two servers hold fourteen of them.
    private static let fewConnections = "30"

    private init(primary: Cluster, standby: Cluster? = nil, clock: TemporaryFolder.File? = nil, hashMemory: Int? = nil) {
        (self.primary, self.standby, self.clock, self.hashMemory) = (primary, standby, clock, hashMemory)
        conninfo = standby.map { Cluster.conninfo(of: [primary, $0]) } ?? primary.conninfo
    }

    /// Uses an existing database.
    init(conninfo: String) { (primary, self.conninfo) = (nil, conninfo) }

    static func with<Value>(_ fault: Fault?, _ body: (Stage) async throws -> Value) async throws -> Value {
        try await Cluster.with(diskSize: fault == .fillDisk ? diskSize : nil) { primary in
            switch fault {
            case .failOver, .loseStandby:
                return try await primary.withStandby("standby") { standby in
                    try await primary.set("synchronous_standby_names", "standby")
                    return try await body(Stage(primary: primary, standby: standby))
                }
            case .exhaustConnections:
                try await primary.set("max_connections", fewConnections)
                try await primary.command("stop")
                try await primary.command("start")
                return try await body(Stage(primary: primary))
            case .jumpClock:
                let folder = try TemporaryFolder()
                defer { withExtendedLifetime(folder) {} }
                let clock = try folder.file("clock")
                try "+0\n".write(to: clock.url, atomically: false, encoding: .utf8)
                return try await body(Stage(primary: primary, clock: clock))
            case .refuseMemory: return try await body(Stage(primary: primary, hashMemory: 131_072))
            default: return try await body(Stage(primary: primary))
            }
        }
    }

    /// Of the first instance alone the clock can be moved; time that passes stays as it is, as when an operator sets a clock.
    func environment(of instance: Int) -> [String: String] {
        // Each further arena of malloc reserves 64 MiB, and their number differs from start to start: a hash would sometimes fit in.
        if let hashMemory { return ["ARGON2_MEMORY_KIB": "\(hashMemory)", "MALLOC_ARENA_MAX": "1"] }
        guard let clock, instance == 0 else { return [:] }
        return [
            "LD_PRELOAD": "libfaketimeMT.so.1", "LD_LIBRARY_PATH": "/usr/lib/\(Self.architecture)-linux-gnu/faketime",
            "FAKETIME_TIMESTAMP_FILE": clock.url.path, "FAKETIME_NO_CACHE": "1", "FAKETIME_DONT_FAKE_MONOTONIC": "1",
        ]
    }

    #if arch(arm64)
        private static let architecture = "aarch64"
    #else
        private static let architecture = "x86_64"
    #endif
}
