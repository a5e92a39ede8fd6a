import CSodium

/// `$argon2id$v=19$m=19456,t=2,p=1$salt$hash`: the PHC string format, for the one algorithm and lane count that we make.
struct PHCString: Hashable {
    static let maximumOctets = 256
    static let saltLength = Int(crypto_pwhash_SALTBYTES)
    static let hashLength = 32

    let parameters: Argon2Parameters
    let salt: [UInt8]
    let hash: [UInt8]

    init(parameters: Argon2Parameters, salt: [UInt8], hash: [UInt8]) {
        self.parameters = parameters
        self.salt = salt
        self.hash = hash
    }

    /// `nil` for anything that we did not make and could not bear to compute.
    init?(_ text: String) {
        guard text.utf8.count <= Self.maximumOctets else { return nil }
        let parts = text.split(separator: "$", omittingEmptySubsequences: false)
        guard parts.count == 6, parts[0].isEmpty, parts[1] == "argon2id", parts[2] == "v=19" else { return nil }
        guard let parameters = Self.parameters(parts[3]), parameters.isBearable else { return nil }
        guard let salt = Self.decode(parts[4]), salt.count == Self.saltLength else { return nil }
        guard let hash = Self.decode(parts[5]), hash.count == Self.hashLength else { return nil }
        self.init(parameters: parameters, salt: salt, hash: hash)
    }

    var text: String {
        "$argon2id$v=19$m=\(parameters.memoryKiB),t=\(parameters.iterations),p=1$\(Self.encode(salt))$\(Self.encode(hash))"
    }

    private static func parameters(_ text: Substring) -> Argon2Parameters? {
        let fields = text.split(separator: ",", omittingEmptySubsequences: false)
        guard fields.count == 3, fields[2] == "p=1" else { return nil }
        guard let memory = number(fields[0], after: "m="), let iterations = number(fields[1], after: "t=") else { return nil }
        return Argon2Parameters(memoryKiB: memory, iterations: iterations)
    }

    private static func number(_ field: Substring, after prefix: String) -> Int? {
        let digits = field.dropFirst(prefix.count)
        guard field.hasPrefix(prefix), digits.utf8.allSatisfy({ (0x30...0x39).contains($0) }) else { return nil }
        return Int(digits)
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
