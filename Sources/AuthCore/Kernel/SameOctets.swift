extension StringProtocol {
    /// Equality of octets. Swift's `==` compares normal forms: it calls different texts equal, and its time grows with the square of
    /// the length of a run of combining marks, which an attacker can choose.
    public func hasSameOctets(as other: some StringProtocol) -> Bool { utf8.elementsEqual(other.utf8) }
}
