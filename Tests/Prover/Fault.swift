/// What can be broken.
package enum Fault: String, CaseIterable, Sendable {
    case killInstance = "instance killed and started again"
    case freezeInstance = "instance frozen"
    case freezePostgres = "PostgreSQL frozen"
    case endBackends = "all connections to PostgreSQL ended"
    case killBackend = "a PostgreSQL backend killed"
    case restartPostgres = "PostgreSQL restarted"
    case crashPostgres = "PostgreSQL stopped as by a power cut and started again"
    case cutConnections = "connections cut between request and response"
    /// The caller of the prover gives the command for this, because only they know the database.
    case breakDatabase = "something of the database broken and mended"

    case failOver = "primary killed and its synchronous standby promoted"
    case loseStandby = "synchronous standby lost"
    case fillDisk = "disk of PostgreSQL full"
    case exhaustConnections = "connections of PostgreSQL taken by others"
    case jamLocks = "table of sessions locked"
    case refuseMemory = "memory refused to an instance"
    case refuseDescriptors = "descriptors refused to an instance"
    case jumpClock = "clock of an instance moved"

    /// Those that come at random; each of the others wants a run of its own.
    package static let everyday: [Fault] = [
        .killInstance, .freezeInstance, .freezePostgres, .endBackends, .killBackend, .restartPostgres, .crashPostgres, .cutConnections,
    ]

    /// The faults of a run on an existing database. They hit the servers, or a statement asks PostgreSQL for them.
    package static let everydayElsewhere: [Fault] = [.killInstance, .freezeInstance, .endBackends, .cutConnections]

    /// Whether the fault needs a PostgreSQL that the run has started.
    package var needsOwnPostgres: Bool { !Self.everydayElsewhere.contains(self) && self != .jamLocks && self != .breakDatabase }

    /// On the command line: `fail-over`.
    package var name: String { "\(self)".replacing(/[A-Z]/) { "-" + $0.output.lowercased() } }

    /// Whether only root can do it: it mounts a small disk.
    package var needsRoot: Bool { self == .fillDisk }

    /// What a server logs when it meets the fault: where none does, nothing was broken.
    var trace: Regex<Substring>? {
        switch self {
        case .failOver: /read-only/
        case .loseStandby: /outcome unknown: no answer before the deadline/
        case .fillDisk: /53100|No space left/
        case .exhaustConnections: /too many clients/
        case .jamLocks: /55P03/
        case .refuseMemory: /no memory for Argon2id/
        // The last of its positions.
        case .jumpClock: /2020-01-01T00:00/
        default: nil
        }
    }
}
