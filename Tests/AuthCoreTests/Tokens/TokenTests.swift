import AuthCrypto
import FoundationEssentials
import Synchronization
import Testing

@testable import AuthCore

@Suite struct TokenTests {
    /// Computed with Python's hmac, zlib and base64 from the same inputs.
    private enum Golden {
        static let access1 = "aat_AYkKXayWd0u8zrMCCZqAVwAAAAGgoaKjpKWmp6ipqqusra6vsLGys7S1tre4ubq7vL2-vy7HdC4"
        static let refresh1 =
            "art_AYkKXayWd0u8zrMCCZqAVwAAAAHAwcLDxMXGx8jJysvMzc7P0NHS09TV1tfY2drb3N3e3-dnoNPA_pRVe-QF_u_fRQ-qlqIQ"
        /// With the tag of before it covered the secret.
        static let formerRefresh1 =
            "art_AYkKXayWd0u8zrMCCZqAVwAAAAHAwcLDxMXGx8jJysvMzc7P0NHS09TV1tfY2drb3N3e39DVaUu2AhNyFZGOvq74nXGzh-ll"
        static let access2 = "aat_AYkKXayWd0u8zrMCCZqAVwAAAAKSqu-44yZe0sJs28EtIiRiYLUMYIm4mTU0wdf1urvCVuoTKeI"
        static let refresh2 =
            "art_AYkKXayWd0u8zrMCCZqAVwAAAAJEh_i-s7NshPoilouJyLbH1aYnOMbU-SOJ2z6qwx9vEYFLIDOAWLOdIIwE4xI3JKzV4tch"
        static let sessionID = "01890a5d-ac96-774b-bcce-b302099a8057"
        static let salt = Octets32((0..<32).map { UInt8($0) })!
        static let accessSecret = Octets32((0..<32).map { UInt8(0xA0 + $0) })!
        static let refreshSecret = Octets32((0..<32).map { UInt8(0xC0 + $0) })!
    }

    private let mint = TokenMint(cryptography: OpenSSLTokenCryptography())

    @Test func `a token string is prefix, session id, generation, secret and checksum`() throws {
        let token = try #require(AccessToken(Golden.access1))
        #expect(token.sessionID.text == Golden.sessionID)
        #expect(token.generation == .first)
        #expect(token.secret.equalsInConstantTime(Golden.accessSecret))
        #expect(token.reveal() == Golden.access1)
        #expect(Golden.access1.utf8.count == 79)
    }

    @Test func `a successor is derived from the refresh token and the salt as the format says`() throws {
        let token = try #require(RefreshToken(Golden.refresh1))
        #expect(token.reveal() == Golden.refresh1)
        #expect(token.secret.equalsInConstantTime(Golden.refreshSecret))
        let successor = try #require(try mint.successor(of: token, salt: Golden.salt))
        #expect(successor.access.reveal() == Golden.access2)
        #expect(successor.refresh.reveal() == Golden.refresh2)
    }

    /// Whether the mint takes the token for one of a session whose current refresh token is the other one.
    private func isAuthentic(_ token: RefreshToken, current: RefreshToken, salt: Octets32 = Golden.salt) throws -> Bool {
        let (generation, digest) = (current.generation, try mint.digest(of: current.secret))
        switch try mint.authenticity(of: token, current: generation, digest: digest, salt: salt) {
        case .recent: return true
        case .tagged, .formerlyTagged: return try mint.isAncestor(token, current: generation, digest: digest, salt: salt)
        case .foreign: return false
        }
    }

    /// Counts what a token costs.
    private final class CountingCryptography: TokenCryptography {
        private let base = OpenSSLTokenCryptography()
        let count = Atomic(0)

        func sha256(_ octets: Octets32) throws(AuthError) -> Octets32 { try base.sha256(octets) }
        func sha256(_ octets: [UInt8]) throws(AuthError) -> Octets32 { try base.sha256(octets) }
        func hmacSHA256(key: Octets32, message: [UInt8]) throws(AuthError) -> Octets32 {
            count.add(1, ordering: .relaxed)
            return try base.hmacSHA256(key: key, message: message)
        }
    }

    /// Whoever once held a token has its tag, and can put other secrets before it.
    @Test(arguments: [0, 1, 2, 10, 999, 1000, 1001, 100_000])
    func `an altered token is foreign after at most four HMACs, however old it says it is`(age: Int32) throws {
        let cryptography = CountingCryptography()
        let mint = TokenMint(cryptography: cryptography)
        // Made by this mint, so that its tag is right whatever it covers.
        let token = try mint.first(for: SessionID(UUID()), salt: Golden.salt).refresh
        cryptography.count.store(0, ordering: .relaxed)
        let forged = RefreshToken(sessionID: token.sessionID, generation: token.generation, secret: .random(), tag: token.tag)
        let authenticity = try mint.authenticity(
            of: forged, current: TokenGeneration(1 + age), digest: try mint.digest(of: token.secret), salt: Golden.salt)
        #expect(authenticity == .foreign)
        #expect(cryptography.count.load(ordering: .relaxed) <= 4)
    }

    @Test func `RF1: a token whose tag does not cover the secret is proven by derivation, and its successor has the new tag`() throws {
        let former = try #require(RefreshToken(Golden.formerRefresh1))
        let second = try #require(try mint.successor(of: former, salt: Golden.salt)).refresh
        let third = try #require(try mint.successor(of: second, salt: Golden.salt)).refresh
        #expect(try isAuthentic(former, current: former) && isAuthentic(former, current: second))
        #expect(try isAuthentic(former, current: third))
        let forged = RefreshToken(sessionID: former.sessionID, generation: former.generation, secret: .random(), tag: former.tag)
        for current in [former, second, third] { #expect(try !isAuthentic(forged, current: current)) }
        #expect(second.reveal() == Golden.refresh2)
    }

    @Test func `a token is authentic when it is the current one or the current one derives from it`() throws {
        let first = try #require(RefreshToken(Golden.refresh1))
        let second = try #require(try mint.successor(of: first, salt: Golden.salt)).refresh
        let third = try #require(try mint.successor(of: second, salt: Golden.salt)).refresh
        for token in [first, second, third] { #expect(try isAuthentic(token, current: third)) }
        #expect(try !isAuthentic(third, current: second))
        for token in [first, second, third] {
            let forged = RefreshToken(sessionID: token.sessionID, generation: token.generation, secret: .random(), tag: token.tag)
            #expect(try !isAuthentic(forged, current: third))
        }
    }

    @Test func `beyond the longest lineage the tag alone is witness`() throws {
        let token = try #require(RefreshToken(Golden.refresh1))
        let current = { (generation: Int32) in
            RefreshToken(sessionID: token.sessionID, generation: TokenGeneration(generation), secret: .random(), tag: token.tag)
        }
        #expect(try !isAuthentic(token, current: current(1001)))
        #expect(try isAuthentic(token, current: current(1002)))
        #expect(try isAuthentic(token, current: current(100_000)))
        let untagged = try mint.first(for: token.sessionID, salt: .random()).refresh
        #expect(try !isAuthentic(untagged, current: current(1002)))
    }

    @Test func `another salt yields another successor and refuses the tag`() throws {
        let token = try #require(RefreshToken(Golden.refresh1))
        let successor = try #require(try mint.successor(of: token, salt: Golden.accessSecret))
        #expect(successor.access.reveal() != Golden.access2)
        #expect(successor.refresh.reveal() != Golden.refresh2)
        #expect(try !isAuthentic(token, current: token, salt: Golden.accessSecret))
    }

    @Test func `a tag is for its generation alone`() throws {
        let token = try #require(RefreshToken(Golden.refresh1))
        for generation in [0, 2, 3, Int32.max, -1] {
            let forged = RefreshToken(
                sessionID: token.sessionID, generation: TokenGeneration(generation), secret: token.secret, tag: token.tag)
            #expect(try !isAuthentic(forged, current: forged))
        }
    }

    @Test func `at the end of the counter there is no successor`() throws {
        let token = try #require(RefreshToken(Golden.refresh1))
        let last = RefreshToken(sessionID: token.sessionID, generation: TokenGeneration(.max), secret: token.secret, tag: token.tag)
        #expect(try mint.successor(of: last, salt: Golden.salt) == nil)
    }

    @Test func `SE1: each first pair is new`() throws {
        let id = SessionID(UUID())
        let pairs = try (0..<100).map { _ in try mint.first(for: id, salt: Golden.salt) }
        #expect(Set(pairs.map { $0.access.reveal() }).count == 100)
        #expect(Set(pairs.map { $0.refresh.reveal() }).count == 100)
    }

    @Test func `SE1: each of the 256 bits of a secret is chance, and goes with no other`() throws {
        let pairs = try (0..<100).map { _ in try mint.first(for: SessionID(UUID()), salt: Golden.salt) }
        let secrets: [[UInt8]] = pairs.map { $0.access.secret.array + $0.refresh.secret.array }
        let bits = (0..<512).map { (bit: Int) -> [UInt8] in secrets.map { $0[bit / 8] >> UInt8(bit % 8) & 1 } }
        #expect(secrets.allSatisfy { $0.count == 64 })
        #expect(bits.allSatisfy { $0.contains(0) && $0.contains(1) })
        #expect(Set(bits).count == 512)
    }

    @Test func `a token, a password and a hash print nothing of themselves`() throws {
        let token = try #require(AccessToken(Golden.access1))
        let refresh = try #require(RefreshToken(Golden.refresh1))
        #expect("\(token) \(String(reflecting: token))" == "aat_**** aat_****")
        #expect("\(refresh) \(String(reflecting: refresh))" == "art_**** art_****")
        #expect("\(PasswordHash(phc: "$argon2id$secret"))" == "****")
    }

    /// Every character replaced by every other of the alphabet, and some foreign ones; every length; every case change.
    @Test(arguments: [Golden.access1, Golden.refresh1])
    func `SE3: every change of a token string makes it none`(_ token: String) {
        let alphabet = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_=+/. \0\n\u{7F}é")
        let characters = Array(token)
        for index in characters.indices {
            for replacement in alphabet where replacement != characters[index] {
                var changed = characters
                changed[index] = replacement
                #expect(!Self.isToken(String(changed)), "\(index): \(replacement)")
            }
            #expect(!Self.isToken(String(characters[..<index])))
            #expect(!Self.isToken(String(characters[..<index] + characters[(index + 1)...])))
            #expect(!Self.isToken(String(characters[..<index] + "A" + characters[index...])))
        }
        for text in [token + "A", token + "=", token + " ", " " + token, token + token, token.uppercased(), token.lowercased(), ""] {
            #expect(!Self.isToken(text))
        }
    }

    @Test func `RF6: an access token is no refresh token, nor the other way round`() {
        #expect(RefreshToken(Golden.access1) == nil)
        #expect(AccessToken(Golden.refresh1) == nil)
        #expect(AccessToken("art_" + Golden.access1.dropFirst(4)) == nil)
        #expect(RefreshToken("aat_" + Golden.refresh1.dropFirst(4)) == nil)
    }

    private static func isToken(_ text: String) -> Bool {
        AccessToken(text) != nil || RefreshToken(text) != nil
    }
}
