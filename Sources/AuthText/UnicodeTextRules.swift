public import AuthCore
import CIdn2
import CUnistring
import Glibc

/// Normalisation by libunistring, domain names by libidn2.
public struct UnicodeTextRules: TextRules {
    /// RFC 1035 §2.3.4, without the root's dot.
    private static let maximumDomainOctets = 253

    public init() {}

    public func normalized(_ text: String) -> String {
        if text.utf8.allSatisfy({ $0 < 0x80 }) { return text }
        let octets = Array(text.utf8)
        var length = 0
        guard let result = u8_normalize(unistring_nfc(), octets, octets.count, nil, &length) else { return text }
        defer { free(result) }
        return String(decoding: UnsafeBufferPointer(start: result, count: length), as: UTF8.self)
    }

    public func asciiDomain(_ domain: String) -> String? {
        guard !domain.isEmpty, !domain.unicodeScalars.contains("\0") else { return nil }
        // Not IDN2_USE_STD3_ASCII_RULES: it drops what it does not allow, and "exa mple" would be "example".
        let flags = Int32(IDN2_NFC_INPUT.rawValue | IDN2_NONTRANSITIONAL.rawValue)
        var output: UnsafeMutablePointer<CChar>?
        guard idn2_to_ascii_8z(domain, &output, flags) == IDN2_OK.rawValue, let output else { return nil }
        defer { idn2_free(output) }
        let ascii = String(cString: output).lowercased()
        return Self.isDomainName(ascii) ? ascii : nil
    }

    /// Letters, digits and inner hyphens in labels of 1 to 63 octets (RFC 5321 §4.1.2); the last is no number, which would be an address.
    private static func isDomainName(_ name: String) -> Bool {
        let labels = name.utf8.split(separator: UInt8(ascii: "."), omittingEmptySubsequences: false)
        guard name.utf8.count <= maximumDomainOctets, labels.allSatisfy(isLabel), let last = labels.last else { return false }
        return !last.allSatisfy { (0x30...0x39).contains($0) }
    }

    private static func isLabel(_ label: Substring.UTF8View) -> Bool {
        let hyphen = UInt8(ascii: "-")
        return (1...63).contains(label.count) && label.first != hyphen && label.last != hyphen
            && label.allSatisfy { (0x30...0x39).contains($0) || (0x61...0x7A).contains($0) || $0 == hyphen }
    }
}
