import AuthCore
import AuthMiddleware
import AuthTemplates
import HTTPTypes
import Hummingbird
import Mustache
import NIOCore

/// Writes pages from the templates and texts that are compiled in.
struct PageLibrary: Sendable {
    let service: String
    private let minimumLength: Int

    /// - Parameters:
    ///   - service: the name of the service that people know.
    ///   - minimumLength: of new passwords.
    init(service: String, minimumLength: Int) {
        (self.service, self.minimumLength) = (service, minimumLength)
    }

    /// Parsed once. The templates of the program have no faults: a test renders all of them.
    private static let library: MustacheLibrary = {
        _ = EscapedHTML.registered
        var library = MustacheLibrary()
        for (name, text) in EmbeddedPages.templates { register(text, name, EscapedHTML.name) }
        for (locale, texts) in EmbeddedPages.texts {
            for (name, text) in texts { register(text, "\(locale)/\(name)", "TEXT") }
        }
        func register(_ text: String, _ name: String, _ type: String) {
            try! library.register("{{% CONTENT_TYPE:\(type)}}\n\(text)", named: name)
        }
        return library
    }()

    /// A text of `pages/`, not yet escaped.
    func text(_ name: String, in locale: MailLocale, requestID: String = "") -> String {
        let values = ["service": service, "minimum": "\(minimumLength)", "request_id": requestID]
        return Self.library.render(values, withTemplate: "\(locale.rawValue)/\(name)") ?? ""
    }

    /// - Parameters:
    ///   - view: the values of the template. It sees private properties too.
    ///   - allowsStyles: whether the page shows HTML with styles of its own.
    func answer(
        _ template: String, _ view: some Sendable, _ status: HTTPResponse.Status = .ok, allowsStyles: Bool = false,
        headers: HTTPFields = [:]
    ) -> Response {
        let html = Self.library.render(view, withTemplate: template) ?? ""
        let styles = allowsStyles ? "'unsafe-inline'" : EmbeddedPages.styles[template] ?? "'none'"
        var headers = headers
        headers[.contentType] = "text/html; charset=utf-8"
        headers[.contentSecurityPolicy] =
            "default-src 'none'; style-src \(styles); form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
        // The address of the page has a token, which no other site may learn.
        headers[.referrerPolicy] = "no-referrer"
        return Response(status: status, headers: headers, body: .init(byteBuffer: ByteBuffer(string: html)))
    }
}

extension HTTPField.Name {
    fileprivate static let referrerPolicy = Self("Referrer-Policy")!
}
