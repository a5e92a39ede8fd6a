// script/check-text --self-test compiles this. It must find each line that ends in "found", and no other.

struct Planted {
    let text: String
    let maybe: String?
}

func equal(_ a: String, _ b: String) -> Bool { a == b }  // found
func unequal(_ a: String) -> Bool { a != "close" }  // found
func equalOptional(_ a: String?) -> Bool { a == "close" }  // found
func equalChain(_ a: String?) -> Bool { a?.lowercased() == "close" }  // found
func equalMembers(_ all: [Planted]) -> Bool { all.contains { $0.text == "a" } }  // found
func equalOptionalMembers(_ all: [Planted]) -> Bool { all.contains { $0.maybe != "a" } }  // found
func equalSubstring(_ a: Substring) -> Bool { a == "abc" }  // found
func equalMixed(_ a: Substring, _ b: String) -> Bool { a == b }  // found
func equalGeneric(_ a: some StringProtocol, _ b: some StringProtocol) -> Bool { a == b }  // found
func equalCharacter(_ a: String) -> Bool { a.first == "a" }  // found
func unequalCharacter(_ a: String) -> Substring { a.prefix { $0 != " " } }  // found
func equalArrays(_ a: [String], _ b: [String]) -> Bool { a == b }  // found
func matched(_ a: String) -> Bool {
    switch a {
    case "a": true  // found
    default: false
    }
}
func ordered(_ a: String) -> Bool { a < "b" }  // found
func sorted(_ a: [String]) -> [String] { a.sorted() }  // found
func among(_ a: String) -> Bool { ["a", "b"].contains(a) }  // found
func containing(_ a: String) -> Bool { a.contains("b") }  // found
func prefixed(_ a: String) -> Bool { a.hasPrefix("b") }  // found
func suffixed(_ a: Substring) -> Bool { a.hasSuffix("b") }  // found
func separated(_ a: String) -> [Substring] { a.split(separator: ",") }  // found
func separatedOnce(_ a: Substring) -> [Substring] { a.split(separator: ",", maxSplits: 1, omittingEmptySubsequences: false) }  // found
func found(_ a: String) -> String.Index? { a.firstIndex(of: "@") }  // found
func foundLast(_ a: String) -> String.Index? { a.lastIndex(of: "@") }  // found
func hashed(_ a: String, _ known: Set<String>) -> Bool { known.contains(a) }  // found
func inserted(_ a: String, _ known: inout Set<String>) { known.insert(a) }  // found
func keyed(_ a: String, _ known: [String: Int]) -> Int? { known[a] }  // found
func keyedByDefault(_ a: String, _ known: inout [String: Int]) { known[a, default: 0] += 1 }  // found
func updated(_ a: String, _ known: inout [String: Int]) -> Bool { known.updateValue(1, forKey: a) == nil }  // found

func equalNumbers(_ a: Int) -> Bool { a == 1 }
func equalOctets(_ a: String) -> Bool { a.utf8.elementsEqual("abc".utf8) }
func equalOctetArrays(_ a: [UInt8], _ b: [UInt8]) -> Bool { a == b }
func equalScalars(_ a: String) -> Bool { a.unicodeScalars.contains("a") || a.unicodeScalars.first?.value == 0x62 }
func foundOctet(_ a: String) -> String.Index? { a.utf8.firstIndex(of: UInt8(ascii: "@")) }
func isMissing(_ a: String?) -> Bool { a == nil }
func isEmpty(_ a: String) -> Bool { a.isEmpty }
func separatedOctets(_ a: String) -> [Substring.UTF8View] { a.utf8.split(separator: UInt8(ascii: ",")) }
