import CLibpq
import Glibc

/// Owner of a `PGresult`. libpq never changes a result after it has handed it out, so any thread may read it.
final class LibpqResult: @unchecked Sendable {
    private let pointer: OpaquePointer

    init(_ pointer: OpaquePointer) {
        self.pointer = pointer
    }

    deinit {
        PQclear(pointer)
    }

    var status: ExecStatusType { PQresultStatus(pointer) }
    var rowCount: Int { Int(PQntuples(pointer)) }
    var columnCount: Int { Int(PQnfields(pointer)) }
    var affectedRows: Int { Int(String(cString: PQcmdTuples(pointer))) ?? 0 }

    func columnType(_ column: Int) -> UInt32 { PQftype(pointer, Int32(column)) }

    func columnName(_ column: Int) -> String? { PQfname(pointer, Int32(column)).map { String(cString: $0) } }

    /// The first column of this name. A result has few columns: comparing them costs less than a table of their names.
    func column(named name: StaticString) -> Int? {
        let name = UnsafeRawPointer(name.utf8Start).assumingMemoryBound(to: CChar.self)
        return (0..<columnCount).first { strcmp(PQfname(pointer, Int32($0)), name) == 0 }
    }

    /// `nil` for NULL. The octets live as long as the call.
    func withValue<Value>(
        row: Int, column: Int, _ body: (UnsafeRawBufferPointer?) throws(PostgresError) -> Value
    ) throws(PostgresError) -> Value {
        guard PQgetisnull(pointer, Int32(row), Int32(column)) == 0 else { return try body(nil) }
        let length = Int(PQgetlength(pointer, Int32(row), Int32(column)))
        let value = try body(UnsafeRawBufferPointer(start: PQgetvalue(pointer, Int32(row), Int32(column)), count: length))
        return value
    }

    func text(row: Int, column: Int) -> String? {
        PQgetisnull(pointer, Int32(row), Int32(column)) == 0 ? String(cString: PQgetvalue(pointer, Int32(row), Int32(column))) : nil
    }

    var error: PostgresServerError {
        PostgresServerError(
            sqlState: field("C") ?? "", severity: field("V") ?? "FATAL", constraint: field("n"),
            messageForLog: field("M") ?? String(cString: PQresultErrorMessage(pointer)).trimmed)
    }

    /// By the codes of PostgreSQL's message format ("Error and Notice Message Fields").
    private func field(_ code: Unicode.Scalar) -> String? {
        PQresultErrorField(pointer, Int32(code.value)).map { String(cString: $0) }
    }
}

extension String {
    /// Without white space at the ends: libpq's own messages end in a line feed.
    var trimmed: String {
        var view = self[...]
        while view.last?.isWhitespace == true { view.removeLast() }
        return String(view.drop(while: \.isWhitespace))
    }
}
