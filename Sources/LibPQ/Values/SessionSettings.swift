/// PostgreSQL settings that a connection must have before it is used.
struct SessionSettings: Sendable {
    let values: [String: String]

    /// Always required: text is sent as UTF-8 and must be stored as UTF-8, since no other encoding can hold every text.
    private static let always = ["server_encoding": "UTF8", "client_encoding": "UTF8"]

    /// The `options` of the startup packet, in which a later setting wins: limits, then those of the connection string, then the required
    /// ones. They override `ALTER ROLE` and `ALTER DATABASE`, and `PGOPTIONS` is not read.
    static func options(_ limits: [String: String], _ theirs: String?, _ required: [String: String]) -> String {
        (arguments(limits) + [theirs].compactMap(\.self) + arguments(required)).joined(separator: " ")
    }

    private static func arguments(_ settings: [String: String]) -> [String] {
        settings.sorted { $0.key < $1.key }.map { "-c \($0.key)=\(escaped($0.value))" }
    }

    private static func escaped(_ value: String) -> String {
        String(value.flatMap { $0 == " " || $0 == "\\" ? ["\\", $0] : [$0] })
    }

    /// Asks for all settings, for the process that serves the connection, and for the time at which its server started.
    ///
    /// On a connection without a pooler it first switches off the timeouts that would end an idle connection or a long transaction, if
    /// this version of PostgreSQL has them. Behind a pooler this change would stay in the process, and the next client would get it.
    ///
    /// - Parameter process: the process that serves the connection, as far as the client knows.
    func question(process: Int32) -> String {
        let names = demanded.keys.sorted().map { "'\($0)'" }.joined(separator: ", ")
        return """
            SELECT set_config(name, '0', false) FROM pg_settings
            WHERE name IN ('transaction_timeout', 'idle_session_timeout') AND pg_backend_pid() = \(process);
            SELECT pg_backend_pid(), pg_postmaster_start_time(), name, current_setting(name, true) FROM unnest(ARRAY[\(names)]) AS name
            """
    }

    /// SQL that sets them for the transaction that runs it.
    var localSQL: String {
        let settings = values.sorted { $0.key < $1.key }.map { "set_config(\(Self.literal($0.key)), \(Self.literal($0.value)), true)" }
        return """
            SELECT set_config(name, '0', true) FROM pg_settings WHERE name = 'transaction_timeout';
            SELECT \(settings.joined(separator: ", "))
            """
    }

    static func literal(_ text: String) -> String {
        "'" + String(text.flatMap { $0 == "'" ? [$0, $0] : [$0] }) + "'"
    }

    /// The first setting that is not as required, in words for the operator; `nil` if all are.
    func objection(to found: [String: String]) -> String? {
        if let encoding = found["server_encoding"], encoding != "UTF8" { return Self.objection(toEncoding: encoding) }
        let wrong = demanded.filter { found[$0.key] != $0.value }.keys.sorted()
        guard let first = wrong.first else { return nil }
        return "the setting \(first) is '\(found[first] ?? "")' and not '\(demanded[first] ?? "")'"
    }

    /// The message for the wrong encoding of a database.
    static func objection(toEncoding encoding: String) -> String {
        "the database has the encoding \(encoding), which cannot hold every text: make one with "
            + "CREATE DATABASE … ENCODING 'UTF8' TEMPLATE template0"
    }

    var demanded: [String: String] { values.merging(Self.always) { $1 } }
}
