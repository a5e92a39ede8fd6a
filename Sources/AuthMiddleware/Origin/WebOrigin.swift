import HTTPEdge

/// The origin of a page as its browser writes it (the HTML standard's serialisation of an origin).
struct WebOrigin: Sendable {
    /// Schemes of web pages, of pages in an app's web view, and of browser extensions. Any other is probably a typing error, and a page
    /// from a file has the origin `null`.
    enum Scheme: String, CaseIterable {
        case http, https
        case capacitor, ionic, tauri
        case chromeExtension = "chrome-extension"
        case mozExtension = "moz-extension"
        case safariWebExtension = "safari-web-extension"

        /// Schemes whose hosts are domain names or addresses, and may have ports.
        var isOfWeb: Bool { self == .http || self == .https }

        fileprivate var defaultPort: Int? {
            switch self {
            case .http: 80
            case .https: 443
            default: nil
            }
        }
    }

    let scheme: Scheme
    let text: String

    /// Scheme, host and port. Upper case and the scheme's own port are accepted, and rewritten as a browser does. `nil` for anything else.
    init?(_ octets: some BidirectionalCollection<UInt8>) {
        let inLowerCase = octets.lazy.map(\.inLowerCase)
        guard let scheme = Scheme.allCases.first(where: { inLowerCase.starts(with: "\($0.rawValue)://".utf8) }) else { return nil }
        let rest = Array(octets.dropFirst(scheme.rawValue.utf8.count + 3))[...]
        let colon = rest.lastIndex(of: UInt8(ascii: ":")).flatMap { rest.last == UInt8(ascii: "]") ? nil : $0 } ?? rest.endIndex
        guard let host = Self.host(rest[..<colon], of: scheme), let port = Self.port(rest[colon...], of: scheme) else { return nil }
        self.scheme = scheme
        text = "\(scheme.rawValue)://\(host)\(port)"
    }

    /// - Returns: the port with its colon; nothing for the scheme's own port.
    private static func port(_ octets: ArraySlice<UInt8>, of scheme: Scheme) -> String? {
        guard !octets.isEmpty else { return "" }
        let digits = octets.dropFirst()
        guard scheme.isOfWeb, (1...5).contains(digits.count), digits.allSatisfy(\.isDigit) else { return nil }
        let number = digits.reduce(0) { $0 * 10 + Int($1 - 0x30) }
        guard (1...65_535).contains(number) else { return nil }
        return number == scheme.defaultPort ? "" : ":\(number)"
    }

    private static func host(_ octets: ArraySlice<UInt8>, of scheme: Scheme) -> String? {
        if scheme.isOfWeb, octets.first == UInt8(ascii: "[") { return bracketed(octets) }
        let octets = scheme.isOfWeb ? octets.map(\.inLowerCase) : Array(octets)
        let labels = octets.split(separator: UInt8(ascii: "."), omittingEmptySubsequences: false)
        guard octets.count <= 253, labels.allSatisfy(isLabel), let last = labels.last else { return nil }
        // A last label of digits makes it an IPv4 address (the URL standard's "ends in a number").
        let isNumber = last.allSatisfy(\.isDigit)
        guard !isNumber || IPAddress(octets) != nil else { return nil }
        return String(decoding: octets, as: UTF8.self)
    }

    /// Letters, digits, inner hyphens and underscores.
    private static func isLabel(_ label: ArraySlice<UInt8>) -> Bool {
        let hyphen = UInt8(ascii: "-")
        return (1...63).contains(label.count) && label.first != hyphen && label.last != hyphen
            && label.allSatisfy { $0.isLetter || $0.isDigit || $0 == hyphen || $0 == UInt8(ascii: "_") }
    }

    /// An IPv6 address in its one text form (RFC 5952).
    private static func bracketed(_ octets: ArraySlice<UInt8>) -> String? {
        guard octets.last == UInt8(ascii: "]"), octets.contains(UInt8(ascii: ":")) else { return nil }
        guard let address = IPAddress(octets.dropFirst().dropLast()), !address.isIPv4 else { return nil }
        return "[\(address)]"
    }
}
