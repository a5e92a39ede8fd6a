import CHashArena
import CSodium
import Glibc
import Testing

@Suite(.enabled(if: hash_arena_lends)) struct HashArenaTests {
    private static let size = 1 << 20

    private func map() -> UnsafeMutableRawPointer? {
        mmap(nil, Self.size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0)
    }

    @Test func `libsodium's hash is made in the memory that was lent`() {
        var hash = [UInt8](repeating: 0, count: 32)
        let salt = [UInt8](repeating: 7, count: Int(crypto_pwhash_SALTBYTES))
        hash_arena_lend(19_456 * 1024)
        let status = crypto_pwhash(&hash, 32, "secret", 6, salt, 2, 19_456 * 1024, crypto_pwhash_ALG_ARGON2ID13)
        #expect(status == 0 && hash_arena_reclaim())
        hash_arena_empty()
    }

    @Test func `one mapping at a time is lent, and the rest is the kernel's`() {
        hash_arena_lend(Self.size)
        let (lent, other) = (map(), map())
        #expect(lent != other)
        #expect(munmap(lent, Self.size) == 0)
        let again = map()
        #expect(again == lent)
        #expect(munmap(again, Self.size) == 0 && munmap(other, Self.size) == 0)
        #expect(hash_arena_reclaim())
        let own = map()
        #expect(own != lent)
        #expect(munmap(own, Self.size) == 0)
        hash_arena_empty()
    }

    @Test func `nothing is lent that was not reserved`() {
        hash_arena_lend(1 << 50)
        let own = map()
        #expect(own != MAP_FAILED && !hash_arena_reclaim())
        #expect(munmap(own, Self.size) == 0)
    }
}
