import Mustache

/// Escapes text for HTML, scalar by scalar.
///
/// The library escapes character by character. A `<` or a `"` with a combining mark behind it is another character, and stays as it is.
struct MailHTML: MustacheContentType {
    /// Templates name it: `{{% CONTENT_TYPE:MAIL_HTML}}`.
    static let name = "MAIL_HTML"

    /// The library knows it from here on.
    static let registered: Void = MustacheContentTypes.register(MailHTML(), named: name)

    func escapeText(_ text: String) -> String {
        var result = ""
        for scalar in text.unicodeScalars {
            switch scalar {
            case "<": result += "&lt;"
            case ">": result += "&gt;"
            case "&": result += "&amp;"
            case "\"": result += "&quot;"
            case "'": result += "&#39;"
            default: result.unicodeScalars.append(scalar)
            }
        }
        return result
    }
}
