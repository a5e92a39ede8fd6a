public import AuthCore
import AuthMiddleware
import HTTPTypes
public import Hummingbird

/// The pages of the mail catcher: a list, each mail, and the same as JSON. They show links that work, so only a listener that others cannot
/// reach has them.
public struct CaughtMailPages: Sendable {
    private let library: PageLibrary
    private let newest: @Sendable () -> [MailMessage]

    /// - Parameters:
    ///   - service: the name of the service that people know.
    ///   - newest: the mails, the newest first.
    public init(service: String, newest: @escaping @Sendable () -> [MailMessage]) {
        library = PageLibrary(service: service, minimumLength: 0)
        self.newest = newest
    }

    /// Adds the pages at `/mails`. `/` leads there.
    public func add(to router: some RouterMethods<some RequestContext>) {
        router.get("/") { _, _ in Response.redirect(to: "/mails") }
        router.get("mails") { _, _ in list() }
        router.get("mails.json") { _, _ in try JSONBody.response(newest().map(CaughtMail.init)) }
        router.get("mails/:id") { _, context in try mail(context.parameters.require("id")) }
    }

    private struct ListView: Sendable {
        let service: String
        let mails: [MailView]
        let hasMails: Bool
    }

    private struct MailView: Sendable {
        let service: String
        let id: String
        let to: String
        let locale: String
        let time: String
        let subject: String
        let parts: [TextPart]
        let html: String

        init(_ mail: CaughtMail, service: String) {
            self.service = service
            (id, to, locale, time, subject) = (mail.id, mail.to, mail.locale, mail.shownTime, mail.subject)
            parts = TextPart.parts(of: mail.text)
            // Links open a page of their own: no frame shows the pages that they lead to.
            html = "<base target=\"_blank\">\(mail.html)"
        }
    }

    private func list() -> Response {
        let mails = newest().map { MailView(CaughtMail($0), service: library.service) }
        return library.answer("mails", ListView(service: library.service, mails: mails, hasMails: !mails.isEmpty))
    }

    private func mail(_ id: String) throws -> Response {
        guard let message = newest().first(where: { $0.id.text.hasSameOctets(as: id) }) else { throw HTTPError(.notFound) }
        let view = MailView(CaughtMail(message), service: library.service)
        // The frame has the policy of this page, and a mail has styles of its own. Nothing in it runs.
        return library.answer("mail", view, allowsStyles: true)
    }
}
