enum ClientSettings {
    /// A URL without query and fragment (RFC 8414 §2).
    static let setting = Setting<String?>(
        "ISSUER",
        .parsed("a URL without a query, such as https://auth.example.org, or none", otherwise: nil) { text in
            if text == "none" { return .some(nil) }
            let isURL = text.wholeMatch(of: /https?:\/\/[!$-.0-;=A-Z_a-z~\[\]]+(\/[!$-;=@-Z_a-z~%]*)?/) != nil
            guard isURL else { return nil }
            return .some(text)
        },
        default: "none", "The URL by which services know this server. Introspection answers it as iss.")

    /// - Returns: the `iss` of introspection; `nil` for none.
    static func issuer(_ read: inout SettingReader) -> String? {
        read.section = "Services"
        let issuer = read(setting)
        read.requireInProduction(
            issuer?.utf8.starts(with: "http:".utf8) != true, setting, "is a URL whose answers can be changed on their way: use https")
        return issuer
    }
}
