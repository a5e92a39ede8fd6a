import CLibpq
import Glibc

/// Owner of a `PGconn`, for one thread. No policy: every call is one libpq call.
final class LibpqConnection {
    let pointer: OpaquePointer
    /// PostgreSQL gave up waiting for a synchronous standby: what it says it committed may be lost in a fail-over.
    private(set) var sawAbandonedReplicationWait = false

    /// PostgreSQL said while nothing was asked that it ends this connection; the end itself comes a moment later.
    private(set) var sawShutdownNotice = false

    /// Connects and blocks until that succeeded or failed, by the rules of libpq (hosts, `connect_timeout`, TLS).
    init(parameters: [(keyword: String, value: String)]) throws(PostgresError) {
        let keywords = parameters.map { strdup($0.keyword) } + [nil]
        let values = parameters.map { strdup($0.value) } + [nil]
        defer { (keywords + values).forEach { free($0) } }
        let pointer = keywords.map { UnsafePointer($0) }.withUnsafeBufferPointer { keywords in
            values.map { UnsafePointer($0) }.withUnsafeBufferPointer { values in
                PQconnectdbParams(keywords.baseAddress, values.baseAddress, 1)
            }
        }
        guard let pointer else { throw .unavailable("out of memory") }
        self.pointer = pointer
        guard PQstatus(pointer) == CONNECTION_OK else { throw ConnectionRefusal.error(errorMessage, sqlState: nil) }
        PQsetNoticeReceiver(pointer, receiveNotice, Unmanaged.passUnretained(self).toOpaque())
    }

    deinit {
        // PQfinish says good-bye in blocking mode, which a frozen server would make it wait for.
        if socket >= 0 { shutdown(socket, Int32(SHUT_RDWR)) }
        PQfinish(pointer)
    }

    var socket: Int32 { PQsocket(pointer) }
    /// The process that serves the connection, as named when the connection was made. A pooler names a number of its own.
    var backendPID: Int32 { PQbackendPID(pointer) }
    var isBad: Bool { PQstatus(pointer) != CONNECTION_OK }
    var isBusy: Bool { PQisBusy(pointer) != 0 }
    var errorMessage: String { String(cString: PQerrorMessage(pointer)).trimmed }

    /// Non-blocking pipeline mode, for good.
    func enterPipelineMode() -> Bool {
        PQsetnonblocking(pointer, 1) == 0 && PQenterPipelineMode(pointer) == 1
    }

    func sendPrepare(_ statement: PostgresStatement) -> Bool {
        let types = statement.parameterTypes.map(\.oid)
        return PQsendPrepare(pointer, statement.name, statement.sql, Int32(types.count), types) == 1
    }

    func sendExecute(_ statement: PostgresStatement, _ binds: [PostgresValue]) -> Bool {
        var octets: [UInt8] = []
        let ranges = binds.map { bind -> Range<Int>? in
            let start = octets.count
            bind.encode(into: &octets)
            if case .null = bind { return nil }
            return start..<octets.count
        }
        return sendExecute(statement, octets, ranges)
    }

    /// One execution for several callers: each parameter is an array of the elements that they bring, in their order.
    func sendExecute(_ statement: PostgresStatement, merging items: [[PostgresValue]]) -> Bool {
        var octets: [UInt8] = []
        let ranges = statement.parameterTypes.indices.map { index -> Range<Int>? in
            let start = octets.count
            PostgresValue.encodeArray(items.map { $0[index] }, into: &octets)
            return start..<octets.count
        }
        return sendExecute(statement, octets, ranges)
    }

    private func sendExecute(_ statement: PostgresStatement, _ octets: [UInt8], _ ranges: [Range<Int>?]) -> Bool {
        // One more octet keeps the pointer of an empty value from being that of NULL.
        let octets = octets + [0]
        let formats = [Int32](repeating: 1, count: ranges.count)
        return octets.withUnsafeBytes { octets in
            let base = octets.baseAddress!.assumingMemoryBound(to: CChar.self)
            let values = ranges.map { range in range.map { base + $0.lowerBound } }
            let lengths = ranges.map { Int32($0?.count ?? 0) }
            return PQsendQueryPrepared(pointer, statement.name, Int32(ranges.count), values, lengths, formats, 1) == 1
        }
    }

    func sendSync() -> Bool { PQpipelineSync(pointer) == 1 }

    /// 0: all is sent, 1: the socket is full, -1: lost.
    func flush() -> Int32 { PQflush(pointer) }

    func consumeInput() -> Bool { PQconsumeInput(pointer) == 1 }

    /// The next result; `nil` ends those of one command. Blocks unless ``isBusy`` is false.
    func nextResult() -> LibpqResult? { PQgetResult(pointer).map(LibpqResult.init) }

    /// One query in the simple protocol, before pipeline mode; blocks until `deadline`.
    ///
    /// - Returns: its last result; `nil` where none came in time.
    func execute(_ query: String, until deadline: ContinuousClock.Instant) -> LibpqResult? {
        PQsendQuery(pointer, query) == 1 ? lastResult(until: deadline) : nil
    }

    /// The last result of the commands that were sent before pipeline mode. Blocks until `deadline`.
    func lastResult(until deadline: ContinuousClock.Instant) -> LibpqResult? {
        var last: LibpqResult?
        while true {
            while isBusy {
                var descriptor = pollfd(fd: socket, events: Int16(POLLIN), revents: 0)
                guard poll(&descriptor, 1, Optional(deadline).pollTimeout) > 0, consumeInput() else { return nil }
            }
            guard let result = nextResult() else { return last }
            last = result
        }
    }

    /// One script in the simple protocol; blocks.
    func execute(_ script: String) -> LibpqResult? { PQexec(pointer, script).map(LibpqResult.init) }

    /// One statement with text parameters and results; blocks.
    func execute(_ sql: String, _ parameters: [String?]) -> LibpqResult? {
        let values = parameters.map { $0.map { strdup($0) } ?? nil }
        defer { values.forEach { free($0) } }
        return PQexecParams(pointer, sql, Int32(values.count), nil, values.map { UnsafePointer($0) }, nil, nil, 0).map(LibpqResult.init)
    }

    func takeAbandonedReplicationWait() -> Bool {
        defer { sawAbandonedReplicationWait = false }
        return sawAbandonedReplicationWait
    }

    /// Reads what came while nothing was asked.
    func parseUnsolicited() { _ = PQisBusy(pointer) }

    /// The source function is the one field of that warning that no locale translates.
    fileprivate func receive(notice: OpaquePointer?) {
        guard let notice else { return }
        if let severity = PQresultErrorField(notice, Int32(UInt8(ascii: "V"))), strcmp(severity, "FATAL") == 0 { sawShutdownNotice = true }
        guard let function = PQresultErrorField(notice, Int32(UInt8(ascii: "R"))) else { return }
        if strcmp(function, "SyncRepWaitForLSN") == 0 { sawAbandonedReplicationWait = true }
    }
}

private func receiveNotice(_ connection: UnsafeMutableRawPointer?, _ notice: OpaquePointer?) {
    guard let connection else { return }
    Unmanaged<LibpqConnection>.fromOpaque(connection).takeUnretainedValue().receive(notice: notice)
}
