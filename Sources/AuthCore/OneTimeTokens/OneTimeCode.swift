/// The code in a mail, for people who cannot open its link where they need it: 8 characters without look-alikes, 38 bits.
public struct OneTimeCode: Sendable, CustomStringConvertible, CustomDebugStringConvertible {
    static let length = 8
    /// Neither vowels, so that no words appear, nor 0, 1, 5, 8, B, I, L, O, S, Z.
    private static let alphabet = Array("234679CDFGHJKMNPQRTVWXY".utf8)

    private let characters: [UInt8]

    static func random() -> OneTimeCode {
        OneTimeCode(characters: (0..<length).map { _ in alphabet.randomElement()! })
    }

    private init(characters: [UInt8]) { self.characters = characters }

    /// Takes what a person types: in either case, with spaces and hyphens.
    ///
    /// - Returns: `nil` if no code looks like this.
    public init?(_ text: String) {
        let typed = text.uppercased().utf8.filter { octet in octet != UInt8(ascii: " ") && octet != UInt8(ascii: "-") }
        guard typed.count == Self.length, typed.allSatisfy(Self.alphabet.contains) else { return nil }
        characters = Array(typed)
    }

    /// In two groups, as the mail shows it.
    func reveal() -> String {
        String(decoding: characters.prefix(4) + [UInt8(ascii: "-")] + characters.suffix(4), as: UTF8.self)
    }

    /// What is hashed.
    var password: String { String(decoding: characters, as: UTF8.self) }

    public var description: String { "****-****" }
    public var debugDescription: String { description }
}
