import CLibpq
import Glibc

/// Why a connection was not made. libpq gives a message for it, but not PostgreSQL's code.
enum ConnectionRefusal {
    private static let answerTimeout: Duration = .seconds(3)

    /// No such role or database, a wrong password, no right to connect: trying again does not help.
    private static let definite = ["28000", "28P01", "3D000", "42501"]

    /// - Parameter sqlState: PostgreSQL's code, if it is known.
    static func error(_ message: String, sqlState: String?) -> PostgresError {
        // A message of PgBouncer, which does not translate it.
        if message.contains("unsupported startup parameter") {
            return .unsuitable("\(message); a pooler stands before PostgreSQL: see \"Connection poolers\" in docs/operations.md")
        }
        return sqlState.map(definite.contains) == true ? .unsuitable(message) : .unavailable(message)
    }

    /// Tries once more, in the only way in which libpq puts the code into its message: the verbosity must be set before it connects.
    ///
    /// - Returns: the code of PostgreSQL's refusal; `nil` if there was none this time.
    static func sqlState(_ parameters: [(keyword: String, value: String)]) -> String? {
        let keywords = parameters.map { strdup($0.keyword) } + [nil]
        let values = parameters.map { strdup($0.value) } + [nil]
        defer { (keywords + values).forEach { free($0) } }
        let connection = keywords.map { UnsafePointer($0) }.withUnsafeBufferPointer { keywords in
            values.map { UnsafePointer($0) }.withUnsafeBufferPointer { values in
                PQconnectStartParams(keywords.baseAddress, values.baseAddress, 1)
            }
        }
        guard let connection else { return nil }
        defer { PQfinish(connection) }
        PQsetErrorVerbosity(connection, PQERRORS_SQLSTATE)
        finish(connection, until: .now + answerTimeout)
        return code(in: String(cString: PQerrorMessage(connection)))
    }

    private static func finish(_ connection: OpaquePointer, until deadline: ContinuousClock.Instant) {
        var events = Int16(POLLOUT)
        while PQsocket(connection) >= 0 {
            var descriptor = pollfd(fd: PQsocket(connection), events: events, revents: 0)
            guard poll(&descriptor, 1, Optional(deadline).pollTimeout) > 0 else { return }
            switch PQconnectPoll(connection) {
            case PGRES_POLLING_READING: events = Int16(POLLIN)
            case PGRES_POLLING_WRITING: events = Int16(POLLOUT)
            default: return
            }
        }
    }

    /// The code, five characters at the end of `…: FATAL:  28P01`.
    static func code(in message: String) -> String? {
        let last = message.utf8.split { $0 == UInt8(ascii: " ") || $0 == UInt8(ascii: "\n") }.last.map { String(Substring($0)) }
        guard let last, last.utf8.count == 5, message.contains(":  \(last)"),
            last.utf8.allSatisfy({ (0x30...0x39).contains($0) || (0x41...0x5A).contains($0) })
        else { return nil }
        return last
    }
}
