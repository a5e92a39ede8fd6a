import CHashArena
import CSodium
import Glibc

/// One run of Argon2id through libsodium; blocks for as long as it takes.
///
/// Its memory stays with the thread for the next run, which takes less than half as long as one in fresh memory.
enum Argon2id {
    /// Memory was refused.
    struct OutOfMemory: Error {}

    static let isReady: Bool = sodium_init() >= 0

    static func hash(
        _ password: String, salt: [UInt8], parameters: Argon2Parameters, length: Int = PHCString.hashLength
    ) throws(OutOfMemory) -> [UInt8] {
        guard isReady else { throw OutOfMemory() }
        var hash = [UInt8](repeating: 0, count: length)
        let octets = password.utf8.map { CChar(bitPattern: $0) }
        hash_arena_lend(parameters.memoryKiB * 1024)
        defer { _ = hash_arena_reclaim() }
        let status = crypto_pwhash(
            &hash, UInt64(length), octets, UInt64(octets.count), salt,
            UInt64(parameters.iterations), parameters.memoryKiB * 1024, crypto_pwhash_ALG_ARGON2ID13)
        guard status == 0 else { throw OutOfMemory() }
        return hash
    }

    /// Whether the hash is of this password, whichever program made it.
    static func verify(_ password: String, against phc: PHCString) throws(OutOfMemory) -> Bool {
        guard phc.isOfOurForm else { return try verify(password, againstForeign: phc) }
        return equalInConstantTime(phc.hash, try hash(password, salt: phc.salt, parameters: phc.parameters))
    }

    /// libsodium's function for a whole string accepts any number of lanes and any length of salt and hash. It does not tell refused
    /// memory from a wrong password, so the arena is asked.
    private static func verify(_ password: String, againstForeign phc: PHCString) throws(OutOfMemory) -> Bool {
        guard isReady else { throw OutOfMemory() }
        let octets = password.utf8.map { CChar(bitPattern: $0) }
        let memory = phc.parameters.memoryKiB * 1024
        hash_arena_lend(memory)
        let status = crypto_pwhash_str_verify(phc.text, octets, UInt64(octets.count))
        let wasLent = hash_arena_reclaim()
        guard status == 0 || wasLent || !hash_arena_lends || memory < leastOfArena else { throw OutOfMemory() }
        return status == 0
    }

    /// Blocks smaller than this are not from the arena: libsodium gets them from the system.
    private static let leastOfArena = 1 << 20

    /// Gives the memory of this thread's last run back.
    static func forgetMemory() { hash_arena_empty() }

    static func randomSalt() -> [UInt8] {
        var generator = SystemRandomNumberGenerator()
        return (0..<PHCString.saltLength).map { _ in UInt8.random(in: .min ... .max, using: &generator) }
    }

    static func equalInConstantTime(_ left: [UInt8], _ right: [UInt8]) -> Bool {
        left.count == right.count && sodium_memcmp(left, right, left.count) == 0
    }
}
