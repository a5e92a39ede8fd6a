public import Mustache

/// Escapes text for HTML, scalar by scalar.
///
/// The library escapes character by character. A `<` or a `"` with a combining mark behind it is another character, and stays as it is.
public struct EscapedHTML: MustacheContentType {
    /// Templates name it: `{{% CONTENT_TYPE:ESCAPED_HTML}}`.
    public static let name = "ESCAPED_HTML"

    /// The library knows it from here on.
    public static let registered: Void = MustacheContentTypes.register(EscapedHTML(), named: name)

    /// The text as the content of an element, or of an attribute in quotation marks.
    public func escapeText(_ text: String) -> String {
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
