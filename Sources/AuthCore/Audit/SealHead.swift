/// One hash over the ends of all chains. An operator keeps it where an intruder in the database cannot change it. Later it proves that the
/// chains were not written again.
public struct SealHead: Hashable, Sendable, CustomStringConvertible {
    /// How many events were ever sealed.
    public let number: Int64
    /// SHA-256 in lower-case hexadecimal.
    public let hash: String

    public init(number: Int64, hash: String) {
        self.number = number
        self.hash = hash
    }

    /// Reads ``description``; `nil` for any other text.
    public init?(_ text: String) {
        let parts = text.utf8.split(separator: UInt8(ascii: ":"), omittingEmptySubsequences: false)
        guard parts.count == 2, let number = Int64(Substring(parts[0])), number >= 0, parts[1].count == 64,
            parts[1].allSatisfy({ "0123456789abcdef".utf8.contains($0) })
        else { return nil }
        self.init(number: number, hash: String(Substring(parts[1])))
    }

    public var description: String { "\(number):\(hash)" }
}
