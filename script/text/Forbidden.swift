// script/check-text compiles this with the sources of each module that reads text from outside. It is part of no target. In such a module
// these declarations hide those of the standard library, so that the compiler reports each use of them.

// MARK: Equality

extension String {
    @available(*, deprecated, message: "text: compare octets") static func == (left: String, right: String) -> Bool { fatalError() }
    @available(*, deprecated, message: "text: compare octets") static func != (left: String, right: String) -> Bool { fatalError() }
    @available(*, deprecated, message: "text: compare octets") static func ~= (left: String, right: String) -> Bool { fatalError() }
}

extension Substring {
    @available(*, deprecated, message: "text: compare octets") static func == (left: Substring, right: Substring) -> Bool { fatalError() }
    @available(*, deprecated, message: "text: compare octets") static func != (left: Substring, right: Substring) -> Bool { fatalError() }
    @available(*, deprecated, message: "text: compare octets") static func ~= (left: Substring, right: Substring) -> Bool { fatalError() }
}

extension StringProtocol {
    @available(*, deprecated, message: "text: compare octets")
    static func == <Other: StringProtocol>(left: Self, right: Other) -> Bool { fatalError() }
    @available(*, deprecated, message: "text: compare octets")
    static func != <Other: StringProtocol>(left: Self, right: Other) -> Bool { fatalError() }
}

extension Character {
    @available(*, deprecated, message: "text: compare octets") static func == (left: Character, right: Character) -> Bool { fatalError() }
    @available(*, deprecated, message: "text: compare octets") static func != (left: Character, right: Character) -> Bool { fatalError() }
    @available(*, deprecated, message: "text: compare octets") static func ~= (left: Character, right: Character) -> Bool { fatalError() }
}

@available(*, deprecated, message: "text: compare octets") func == (left: String?, right: String?) -> Bool { fatalError() }
@available(*, deprecated, message: "text: compare octets") func == (left: String?, right: String) -> Bool { fatalError() }
@available(*, deprecated, message: "text: compare octets") func == (left: Substring?, right: Substring?) -> Bool { fatalError() }
@available(*, deprecated, message: "text: compare octets") func == (left: Substring?, right: Substring) -> Bool { fatalError() }
@available(*, deprecated, message: "text: compare octets") func == (left: Character?, right: Character?) -> Bool { fatalError() }
@available(*, deprecated, message: "text: compare octets") func == (left: [String], right: [String]) -> Bool { fatalError() }
@available(*, deprecated, message: "text: compare octets") func == (left: [Substring], right: [Substring]) -> Bool { fatalError() }
@available(*, deprecated, message: "text: compare octets") func != (left: String?, right: String?) -> Bool { fatalError() }
@available(*, deprecated, message: "text: compare octets") func != (left: String?, right: String) -> Bool { fatalError() }
@available(*, deprecated, message: "text: compare octets") func != (left: Substring?, right: Substring?) -> Bool { fatalError() }
@available(*, deprecated, message: "text: compare octets") func != (left: Substring?, right: Substring) -> Bool { fatalError() }
@available(*, deprecated, message: "text: compare octets") func != (left: Character?, right: Character?) -> Bool { fatalError() }
@available(*, deprecated, message: "text: compare octets") func != (left: [String], right: [String]) -> Bool { fatalError() }
@available(*, deprecated, message: "text: compare octets") func != (left: [Substring], right: [Substring]) -> Bool { fatalError() }
@available(*, deprecated, message: "text: compare octets") func ~= (left: String, right: String?) -> Bool { fatalError() }
@available(*, deprecated, message: "text: compare octets") func ~= (left: String, right: Substring) -> Bool { fatalError() }

// MARK: Order

extension String {
    @available(*, deprecated, message: "text: order octets") static func < (left: String, right: String) -> Bool { fatalError() }
    @available(*, deprecated, message: "text: order octets") static func > (left: String, right: String) -> Bool { fatalError() }
    @available(*, deprecated, message: "text: order octets") static func <= (left: String, right: String) -> Bool { fatalError() }
    @available(*, deprecated, message: "text: order octets") static func >= (left: String, right: String) -> Bool { fatalError() }
}

extension Sequence<String> {
    @available(*, deprecated, message: "text: order octets") func sorted() -> [String] { fatalError() }
    @available(*, deprecated, message: "text: order octets") func min() -> String? { fatalError() }
    @available(*, deprecated, message: "text: order octets") func max() -> String? { fatalError() }
}

// MARK: Search

extension Sequence<String> {
    @available(*, deprecated, message: "text: compare octets") func contains(_ element: String) -> Bool { fatalError() }
}

extension Sequence<Substring> {
    @available(*, deprecated, message: "text: compare octets") func contains(_ element: Substring) -> Bool { fatalError() }
}

extension Collection<String> {
    @available(*, deprecated, message: "text: compare octets") func firstIndex(of element: String) -> Index? { fatalError() }
}

extension StringProtocol {
    @available(*, deprecated, message: "text: compare octets") func hasPrefix(_ other: String) -> Bool { fatalError() }
    @available(*, deprecated, message: "text: compare octets") func hasSuffix(_ other: String) -> Bool { fatalError() }
    @available(*, deprecated, message: "text: compare octets") func contains(_ element: Character) -> Bool { fatalError() }
    @available(*, deprecated, message: "text: compare octets") func contains(_ other: some StringProtocol) -> Bool { fatalError() }
    @available(*, deprecated, message: "text: compare octets") func elementsEqual(_ other: some StringProtocol) -> Bool { fatalError() }
    @available(*, deprecated, message: "text: compare octets") func starts(with other: some StringProtocol) -> Bool { fatalError() }
    @available(*, deprecated, message: "text: compare octets") func firstIndex(of element: Character) -> Index? { fatalError() }
    @available(*, deprecated, message: "text: compare octets") func lastIndex(of element: Character) -> Index? { fatalError() }
    @available(*, deprecated, message: "text: compare octets")
    func split(separator: Character, maxSplits: Int = 0, omittingEmptySubsequences: Bool = true) -> [SubSequence] { fatalError() }
    @available(*, deprecated, message: "text: compare octets")
    func split(separator: some StringProtocol, maxSplits: Int = 0, omittingEmptySubsequences: Bool = true) -> [SubSequence] { fatalError() }
}

extension String {
    @available(*, deprecated, message: "text: compare octets") func hasPrefix(_ other: String) -> Bool { fatalError() }
    @available(*, deprecated, message: "text: compare octets") func hasSuffix(_ other: String) -> Bool { fatalError() }
}

// MARK: Hashing

extension Set where Element == String {
    @available(*, deprecated, message: "text: hash octets") func contains(_ element: String) -> Bool { fatalError() }
    @available(*, deprecated, message: "text: hash octets")
    mutating func insert(_ element: String) -> (inserted: Bool, memberAfterInsert: String) { fatalError() }
    @available(*, deprecated, message: "text: hash octets") mutating func remove(_ element: String) -> String? { fatalError() }
}

extension Dictionary where Key == String {
    @available(*, deprecated, message: "text: hash octets") subscript(key: String) -> Value? { get { fatalError() } set { fatalError() } }
    @available(*, deprecated, message: "text: hash octets")
    subscript(key: String, default value: @autoclosure () -> Value) -> Value { get { fatalError() } set { fatalError() } }
    @available(*, deprecated, message: "text: hash octets")
    mutating func updateValue(_ value: Value, forKey key: String) -> Value? { fatalError() }
    @available(*, deprecated, message: "text: hash octets") mutating func removeValue(forKey key: String) -> Value? { fatalError() }
}
