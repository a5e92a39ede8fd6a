import Glibc

/// Values under the names of a statement's parameters, in the order in which they are written.
public struct PostgresNamed<Value: Sendable>: Sendable, ExpressibleByDictionaryLiteral {
    public let elements: [(StaticString, Value)]

    public init(dictionaryLiteral elements: (StaticString, Value)...) {
        self.elements = elements
    }

    private init(_ elements: [(StaticString, Value)]) {
        self.elements = elements
    }

    /// The names of both, first those of the left side.
    public static func + (left: PostgresNamed, right: PostgresNamed) -> PostgresNamed {
        PostgresNamed(left.elements + right.elements)
    }

    /// - Parameter index: where the value is, unless the values have another order than the parameters.
    func value(of name: StaticString, near index: Int) -> Value? {
        if index < elements.count, elements[index].0.hasSameOctets(as: name) { return elements[index].1 }
        return elements.first { $0.0.hasSameOctets(as: name) }?.1
    }
}

extension StaticString {
    func hasSameOctets(as other: StaticString) -> Bool {
        utf8CodeUnitCount == other.utf8CodeUnitCount
            && (utf8Start == other.utf8Start || memcmp(utf8Start, other.utf8Start, utf8CodeUnitCount) == 0)
    }
}
