import Testing

@testable import AuthCrypto

@Suite struct PHCStringTests {
    private static let salt = "AAECAwQFBgcICQoLDA0ODw"
    private static let hash = "gYJZtjEAJqjg26xdLmknq8/bB7MiWPrE9hsYuA+SkIU"

    @Test func `what we write we read`() throws {
        let text = "$argon2id$v=19$m=19456,t=2,p=1$\(Self.salt)$\(Self.hash)"
        let phc = try #require(PHCString(text))
        #expect(phc.parameters == .floor)
        #expect(phc.salt == (0..<16).map { UInt8($0) })
        #expect(phc.hash.count == 32)
        #expect(phc.text == text)
    }

    @Test(arguments: [
        "", "$", "$$$$$", "plain", "$2b$12$abcdefghijklmnopqrstuv", "argon2id$v=19$m=19456,t=2,p=1$SALT$HASH",
        "$argon2i$v=19$m=19456,t=2,p=1$SALT$HASH", "$argon2d$v=19$m=19456,t=2,p=1$SALT$HASH", "$argon2id$v=16$m=19456,t=2,p=1$SALT$HASH",
        "$argon2id$m=19456,t=2,p=1$SALT$HASH", "$argon2id$v=19$m=19456,t=2,p=17$SALT$HASH", "$argon2id$v=19$m=19456,t=2,p=0$SALT$HASH",
        "$argon2id$v=19$m=31,t=2,p=4$SALT$HASH", "$argon2id$v=19$m=019456,t=2,p=1$SALT$HASH", "$argon2id$v=19$m=19456,t=2$SALT$HASH",
        "$argon2id$v=19$t=2,m=19456,p=1$SALT$HASH", "$argon2id$v=19$m=-1,t=2,p=1$SALT$HASH", "$argon2id$v=19$m=+19456,t=2,p=1$SALT$HASH",
        "$argon2id$v=19$m=0,t=2,p=1$SALT$HASH", "$argon2id$v=19$m=7,t=2,p=1$SALT$HASH", "$argon2id$v=19$m=262145,t=2,p=1$SALT$HASH",
        "$argon2id$v=19$m=19456,t=0,p=1$SALT$HASH", "$argon2id$v=19$m=19456,t=17,p=1$SALT$HASH",
        "$argon2id$v=19$m=99999999999999999999,t=2,p=1$SALT$HASH", "$argon2id$v=19$m=19456,t=2,p=1$SALT$",
        "$argon2id$v=19$m=19456,t=2,p=1$$HASH",
        "$argon2id$v=19$m=19456,t=2,p=1$SALT$HASH$", "$argon2id$v=19$m=19456,t=2,p=1$SALT=$HASH",
        "$argon2id$v=19$m=19456,t=2,p=1$SALT$HASHAB", "$argon2id$v=19$m=19456,t=2,p=1$SALTx$HASH",
        "$argon2id$v=19$m=19456,t=2,p=1$AAECAwQFBg$HASH", "$argon2id$v=19$m=19456,t=2,p=1$SALT$AAECAwQFBgcICQoLDA0O",
        "$argon2id$v=19$m=19456,t=2,p=1$SALT$" + String(repeating: "AAAA", count: 22),
        " $argon2id$v=19$m=19456,t=2,p=1$SALT$HASH",
        "$argon2id$v=19$m=19456,t=2,p=1$SALT$HASH\n", "$argon2id$v=19$m=,t=2,p=1$SALT$HASH", "$argon2id$v=19$m=1٩456,t=2,p=1$SALT$HASH",
        "$argon2id$v=19$m=" + String(repeating: "0", count: 200) + "19456,t=2,p=1$SALT$HASH",
    ])
    func `PW13: poisoned or foreign`(_ text: String) {
        let text = text.replacing("SALT", with: Self.salt).replacing("HASH", with: Self.hash)
        #expect(PHCString(text) == nil)
    }
}
