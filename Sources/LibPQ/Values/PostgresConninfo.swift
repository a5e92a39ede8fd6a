import CLibpq
import Glibc

/// A connection string, taken apart by libpq's own parser.
public struct PostgresConninfo: Sendable {
    private let values: [String: String]

    /// `nil` for what libpq does not accept.
    public init?(_ conninfo: String) {
        guard let options = PQconninfoParse(conninfo, nil) else { return nil }
        defer { PQconninfoFree(options) }
        var values: [String: String] = [:]
        var option = options
        while let keyword = option.pointee.keyword {
            if let value = option.pointee.val { values[String(cString: keyword)] = String(cString: value) }
            option += 1
        }
        self.values = values
    }

    /// The value that the string itself gives; defaults and environment variables are not looked at.
    public subscript(_ keyword: String) -> String? { values[keyword] }

    /// The same connection string with one value replaced, in keyword/value form.
    public func replacing(_ keyword: String, with value: String) -> String {
        PostgresConninfo(values: values.merging([keyword: value]) { $1 }).text
    }

    /// The same connection string for another server.
    public func at(host: String, port: Int32) -> String {
        var changed = values.merging(["host": host, "port": String(port)]) { $1 }
        changed["hostaddr"] = nil
        return PostgresConninfo(values: changed).text
    }

    private init(values: [String: String]) { self.values = values }

    private var text: String {
        values.sorted { $0.key < $1.key }.map { "\($0.key)=\(Self.quoted($0.value))" }.joined(separator: " ")
    }

    /// For each of several hosts the same connection string with that host alone; empty where it does not name several.
    public var forEachHost: [String] {
        let (hosts, addresses, ports) = (list("host"), list("hostaddr"), list("port"))
        guard max(hosts.count, addresses.count) > 1 else { return [] }
        return (0..<max(hosts.count, addresses.count)).map { index in
            var changed = values
            for (keyword, list) in [("host", hosts), ("hostaddr", addresses), ("port", ports)] where list.count > 1 {
                changed[keyword] = index < list.count ? list[index] : ""
            }
            return PostgresConninfo(values: changed).text
        }
    }

    private func list(_ keyword: String) -> [String] {
        values[keyword]?.split(separator: ",", omittingEmptySubsequences: false).map(String.init) ?? []
    }

    private static func quoted(_ value: String) -> String {
        var result = "'"
        for character in value {
            if character == "'" || character == "\\" { result.append("\\") }
            result.append(character)
        }
        return result + "'"
    }

    /// Whether every host is a Unix socket or a loopback address; never where a service file or the environment may name another.
    public var isLocal: Bool {
        guard values["service"] == nil, getenv("PGHOST") == nil, getenv("PGHOSTADDR") == nil, getenv("PGSERVICE") == nil else {
            return false
        }
        guard let hosts = values["hostaddr"] ?? values["host"] else { return true }
        return hosts.split(separator: ",").allSatisfy { host in
            host.isEmpty || host.hasPrefix("/") || host.hasPrefix("@") || host == "localhost" || host == "::1" || Self.isLoopback(host)
        }
    }

    /// 127.0.0.0/8, and no name that merely begins like it.
    private static func isLoopback(_ host: Substring) -> Bool {
        let numbers = host.split(separator: ".", omittingEmptySubsequences: false).map { UInt8($0) }
        return numbers.count == 4 && numbers[0] == 127 && !numbers.contains(nil)
    }
}
