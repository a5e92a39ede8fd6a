/// The subject and the issuer of a certificate (RFC 5280 §4.1.2.4, §4.1.2.6), as the octets of their names.
struct CertificateNames {
    let issuer: [UInt8]
    let subject: [UInt8]

    /// - Parameter certificate: in DER.
    init?(_ certificate: [UInt8]) {
        var outer = DERReader(certificate[...])
        guard let body = outer.next() else { return nil }
        var parts = DERReader(body.content)
        guard let toBeSigned = parts.next() else { return nil }
        var fields = DERReader(toBeSigned.content)
        // version [0], if it is not 1; then serialNumber, signature, issuer, validity, subject.
        guard var field = fields.next() else { return nil }
        if field.tag == 0xA0 {
            guard let serialNumber = fields.next() else { return nil }
            field = serialNumber
        }
        guard fields.next() != nil, let issuer = fields.next(), fields.next() != nil, let subject = fields.next() else { return nil }
        (self.issuer, self.subject) = (Array(issuer.content), Array(subject.content))
    }
}

/// Reads one value after another (X.690 §8.1).
private struct DERReader {
    private var rest: ArraySlice<UInt8>

    init(_ octets: ArraySlice<UInt8>) { rest = octets }

    mutating func next() -> (tag: UInt8, content: ArraySlice<UInt8>)? {
        guard let tag = rest.popFirst(), let first = rest.popFirst() else { return nil }
        var length = Int(first)
        if first & 0x80 != 0 {
            let count = Int(first & 0x7F)
            guard (1...4).contains(count), rest.count >= count else { return nil }
            length = rest.prefix(count).reduce(0) { $0 << 8 | Int($1) }
            rest = rest.dropFirst(count)
        }
        guard rest.count >= length else { return nil }
        defer { rest = rest.dropFirst(length) }
        return (tag, rest.prefix(length))
    }
}
