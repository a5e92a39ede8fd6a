extension PostgresConninfo {
    private static let advice =
        "was a user or a password not percent-encoded? @ is %40 there, / %2F, : %3A, ? %3F, # %23, % %25"

    private static let modes = ["disable", "allow", "prefer", "require", "verify-ca", "verify-full"]

    /// The error in a connection string, without quoting any of it. libpq would quote what it takes for a host or a port, and that may be
    /// part of a password that was not percent-encoded.
    public static func objection(to text: String) -> String? {
        let isURI = text.hasPrefix("postgresql://") || text.hasPrefix("postgres://")
        guard let conninfo = PostgresConninfo(text) else { return "is not a libpq connection string" + (isURI ? ": \(advice)" : "") }
        if isURI, hasStrayCharacters(text) { return "has more than one @, or one in the name of the database: \(advice)" }
        if !(conninfo["port"] ?? "").utf8.split(separator: UInt8(ascii: ",")).allSatisfy({ isPort(Substring($0)) }) {
            return "has a port that is no number from 1 to 65535" + (isURI ? ": \(advice)" : "")
        }
        if let mode = conninfo["sslmode"], !modes.contains(mode) {
            return "has an sslmode that is none of \(modes.joined(separator: ", "))"
        }
        return nil
    }

    /// Before the parameters there is one @, after the password, and no other.
    private static func hasStrayCharacters(_ uri: String) -> Bool {
        let afterScheme = uri.utf8.drop { $0 != UInt8(ascii: "/") }.dropFirst(2)
        let parts = afterScheme.split(separator: UInt8(ascii: "@"), omittingEmptySubsequences: false)
        let place = parts.count > 1 ? parts.dropFirst() : parts[...]
        let beforeParameters = place.joined(separator: [UInt8(ascii: "@")]).prefix { $0 != UInt8(ascii: "?") }
        let endsInPath = parts.count > 1 && parts[0].contains(UInt8(ascii: "/")) && !parts[0].contains(UInt8(ascii: "?"))
        return endsInPath || beforeParameters.contains(UInt8(ascii: "@"))
    }

    private static func isPort(_ text: Substring) -> Bool {
        text.utf8.allSatisfy { (0x30...0x39).contains($0) } && (1...65_535).contains(Int(text) ?? 0)
    }
}
