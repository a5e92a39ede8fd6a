/// The text of a statement whose parameters have names (`:name`), and the text for PostgreSQL, where they have numbers (`$n`).
///
/// Casts (`::`), literals, quoted identifiers and comments stay as they are. Escape strings (`E'…'`) and dollar quotes are refused.
struct NamedSQL {
    /// For PostgreSQL.
    let text: String
    /// What is wrong with the statement; `nil` if nothing is.
    let fault: String?

    /// - Parameters:
    ///   - names: the names of the parameters, in the order of their numbers.
    ///   - replacements: the new name for a name, such as that of a table. A qualified name is one name.
    init(_ sql: String, names: [StaticString], replacements: [String: String] = [:]) {
        var scanner = Scanner(octets: Array(sql.utf8), names: names.map { Array("\($0)".utf8) }, replacements: replacements)
        scanner.scan()
        text = String(decoding: scanner.text, as: UTF8.self)
        fault = scanner.fault
    }

    private struct Scanner {
        let octets: [UInt8]
        let names: [[UInt8]]
        let replacements: [String: String]
        private(set) var text: [UInt8] = []
        private var isUsed: [Bool]
        private var firstFault: String?
        private var index = 0

        init(octets: [UInt8], names: [[UInt8]], replacements: [String: String]) {
            self.octets = octets
            self.names = names
            self.replacements = replacements
            isUsed = names.map { _ in false }
        }

        var fault: String? {
            if let firstFault { return firstFault }
            if Set(names).count < names.count { return "two parameters have one name" }
            return isUsed.firstIndex(of: false).map { ":\(String(decoding: names[$0], as: UTF8.self)) is not used" }
        }

        mutating func scan() {
            while index < octets.count {
                switch (octets[index], next) {
                case (UInt8(ascii: "'"), _), (UInt8(ascii: "\""), _): copy(through: quoteEnd)
                case (UInt8(ascii: "-"), UInt8(ascii: "-")): copy(through: octets[index...].firstIndex(of: UInt8(ascii: "\n")))
                case (UInt8(ascii: "/"), UInt8(ascii: "*")): copy(through: commentEnd)
                case (UInt8(ascii: ":"), UInt8(ascii: ":")): copy(through: index + 1)
                case (UInt8(ascii: ":"), let next) where Self.isName(next) && !Self.isDigit(next): replaceName()
                case (UInt8(ascii: "$"), _):
                    note("has a $: parameters have names")
                    copy(through: index)
                case (UInt8(ascii: "E"), UInt8(ascii: "'")), (UInt8(ascii: "e"), UInt8(ascii: "'")):
                    if !Self.isName(text.last ?? 0) { note("has an escape string") }
                    copy(through: index)
                case (let octet, _) where Self.isName(octet) && !Self.isDigit(octet): copyIdentifier()
                default: copy(through: index)
                }
            }
        }

        private var next: UInt8 { index + 1 < octets.count ? octets[index + 1] : 0 }

        private mutating func note(_ fault: String) { firstFault = firstFault ?? fault }

        /// - Parameter last: the last octet to copy; `nil`: up to the end.
        private mutating func copy(through last: Int?) {
            let end = (last ?? octets.count - 1) + 1
            text += octets[index..<end]
            index = end
        }

        /// A doubled quote ends a literal and begins the next.
        private var quoteEnd: Int? { octets[(index + 1)...].firstIndex(of: octets[index]) }

        /// Comments may be nested.
        private var commentEnd: Int? {
            var (depth, end) = (1, index + 2)
            while end + 1 < octets.count {
                switch (octets[end], octets[end + 1]) {
                case (UInt8(ascii: "*"), UInt8(ascii: "/")):
                    depth -= 1
                    end += 2
                    if depth == 0 { return end - 1 }
                case (UInt8(ascii: "/"), UInt8(ascii: "*")):
                    depth += 1
                    end += 2
                default: end += 1
                }
            }
            return nil
        }

        /// Copies or replaces a name together with its qualifiers.
        private mutating func copyIdentifier() {
            var end = index
            while end < octets.count, Self.isName(octets[end]) || isDot(end) { end += 1 }
            let name = octets[index..<end]
            text += replacements.isEmpty ? name : replacements[String(decoding: name, as: UTF8.self)].map { Array($0.utf8)[...] } ?? name
            index = end
        }

        /// Whether this octet is the dot between a qualifier and a name.
        private func isDot(_ index: Int) -> Bool {
            guard octets[index] == UInt8(ascii: "."), index + 1 < octets.count else { return false }
            return Self.isName(octets[index + 1]) && !Self.isDigit(octets[index + 1])
        }

        private mutating func replaceName() {
            let name = Array(octets[(index + 1)...].prefix(while: Self.isName))
            index += 1 + name.count
            guard let number = names.firstIndex(of: name) else {
                return note("has no parameter :\(String(decoding: name, as: UTF8.self))")
            }
            isUsed[number] = true
            text += "$\(number + 1)".utf8
        }

        /// What an identifier of PostgreSQL may have, except `$`: the octets above ASCII count as letters.
        private static func isName(_ octet: UInt8) -> Bool {
            switch octet {
            case UInt8(ascii: "_"), UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"), 0x80...: true
            default: isDigit(octet)
            }
        }

        private static func isDigit(_ octet: UInt8) -> Bool { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(octet) }
    }
}
