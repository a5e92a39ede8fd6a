/// One `{{…}}` of a template. The library neither reports unknown names nor says what a template names, so the check reads tags itself.
struct MailTemplateTag {
    enum Kind { case value, section, end, comment, parent, block, partial, unescaped, directive }

    let kind: Kind
    let name: String
    /// From 1.
    let line: Int
    /// Whether something else than white space stands between the tag before and this one.
    let followsText: Bool

    /// All tags of a template, in order. A tag that does not end is left to the library's parser.
    static func all(in text: String) -> [Self] {
        let octets = Array(text.utf8)
        var tags: [Self] = []
        var line = 1
        var position = 0
        while let start = octets.index(ofTwo: brace, from: position) {
            let between = octets[position..<start]
            guard let end = octets.index(ofTwo: closing, from: start + 2) else { break }
            line += between.lineBreaks
            tags.append(tag(of: octets[(start + 2)..<end], line: line, followsText: between.contains { !isBlank($0) }))
            line += octets[start..<end].lineBreaks
            position = octets.dropFirst(end + 2).first == closing ? end + 3 : end + 2
        }
        return tags
    }

    private static let brace = UInt8(ascii: "{")
    private static let closing = UInt8(ascii: "}")

    private static func isBlank(_ octet: UInt8) -> Bool { [0x20, 0x09, 0x0A, 0x0D].contains(octet) }

    private static func tag(of inside: ArraySlice<UInt8>, line: Int, followsText: Bool) -> Self {
        let kind: Kind =
            switch inside.first {
            case UInt8(ascii: "#"), UInt8(ascii: "^"): .section
            case UInt8(ascii: "/"): .end
            case UInt8(ascii: "!"): .comment
            case UInt8(ascii: "<"): .parent
            case UInt8(ascii: "$"): .block
            case UInt8(ascii: ">"): .partial
            case UInt8(ascii: "{"), UInt8(ascii: "&"): .unescaped
            case UInt8(ascii: "="), UInt8(ascii: "%"): .directive
            default: .value
            }
        let name = (kind == .value ? inside : inside.dropFirst()).filter { !isBlank($0) }
        return Self(kind: kind, name: String(decoding: name, as: UTF8.self), line: line, followsText: followsText)
    }
}

extension Array<UInt8> {
    fileprivate func index(ofTwo octet: UInt8, from start: Int) -> Int? {
        var place = start
        while place + 1 < count {
            if self[place] == octet, self[place + 1] == octet { return place }
            place += 1
        }
        return nil
    }
}

extension ArraySlice<UInt8> {
    fileprivate var lineBreaks: Int { count { $0 == UInt8(ascii: "\n") } }
}
