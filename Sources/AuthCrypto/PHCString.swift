import CSodium

/// `$argon2id$v=19$m=19456,t=2,p=1$salt$hash`: the PHC string format, for Argon2id of version 1.3, as libsodium verifies it.
///
/// `password_hash_is_readable` in `sql/` accepts the same strings.
struct PHCString: Hashable {
    /// libsodium's `crypto_pwhash_STRBYTES` without the end of the string.
    static let maximumOctets = Int(crypto_pwhash_STRBYTES) - 1
    static let saltLength = Int(crypto_pwhash_SALTBYTES)
    static let hashLength = 32
    /// libsodium computes one lane after the other, so more lanes cost no more.
    static let lanes = 1...16
    private static let shortestSalt = 8
    private static let shortestHash = 16

    let parameters: Argon2Parameters
    let lanes: Int
    let salt: [UInt8]
    let hash: [UInt8]

    init(parameters: Argon2Parameters, lanes: Int = 1, salt: [UInt8], hash: [UInt8]) {
        self.parameters = parameters
        self.lanes = lanes
        self.salt = salt
        self.hash = hash
    }

    /// `nil` for a hash that libsodium does not verify, and for one that costs more than this server allows.
    init?(_ text: String) {
        guard text.utf8.count <= Self.maximumOctets else { return nil }
        let parts = text.split(separator: "$", omittingEmptySubsequences: false)
        guard parts.count == 6, parts[0].isEmpty, parts[1] == "argon2id", parts[2] == "v=19" else { return nil }
        guard let (parameters, lanes) = Self.cost(parts[3]), parameters.isBearable(lanes: lanes) else { return nil }
        guard let salt = Self.decode(parts[4]), salt.count >= Self.shortestSalt else { return nil }
        guard let hash = Self.decode(parts[5]), hash.count >= Self.shortestHash else { return nil }
        self.init(parameters: parameters, lanes: lanes, salt: salt, hash: hash)
    }

    var text: String {
        "$argon2id$v=19$m=\(parameters.memoryKiB),t=\(parameters.iterations),p=\(lanes)$\(Self.encode(salt))$\(Self.encode(hash))"
    }

    /// Whether this server makes such hashes. Other hashes were imported.
    var isOfOurForm: Bool { lanes == 1 && salt.count == Self.saltLength && hash.count == Self.hashLength }

    private static func cost(_ text: Substring) -> (Argon2Parameters, lanes: Int)? {
        let fields = text.split(separator: ",", omittingEmptySubsequences: false)
        guard fields.count == 3, let memory = number(fields[0], after: "m="), let iterations = number(fields[1], after: "t="),
            let lanes = number(fields[2], after: "p="), Self.lanes.contains(lanes)
        else { return nil }
        return (Argon2Parameters(memoryKiB: memory, iterations: iterations), lanes)
    }

    /// Without a sign or leading zeros.
    private static func number(_ field: Substring, after prefix: String) -> Int? {
        let digits = field.dropFirst(prefix.count)
        guard field.hasPrefix(prefix), digits.utf8.first != UInt8(ascii: "0") else { return nil }
        return digits.utf8.allSatisfy({ (0x30...0x39).contains($0) }) ? Int(digits) : nil
    }

    private static func encode(_ octets: [UInt8]) -> String {
        var text = [CChar](repeating: 0, count: sodium_base64_encoded_len(octets.count, sodium_base64_VARIANT_ORIGINAL_NO_PADDING))
        sodium_bin2base64(&text, text.count, octets, octets.count, sodium_base64_VARIANT_ORIGINAL_NO_PADDING)
        return String(decoding: text.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }

    private static func decode(_ text: Substring) -> [UInt8]? {
        var octets = [UInt8](repeating: 0, count: text.utf8.count)
        var length = 0
        let characters = text.utf8.map { CChar(bitPattern: $0) }
        let status = sodium_base642bin(
            &octets, octets.count, characters, characters.count, nil, &length, nil, sodium_base64_VARIANT_ORIGINAL_NO_PADDING)
        return status == 0 ? Array(octets.prefix(length)) : nil
    }
}
