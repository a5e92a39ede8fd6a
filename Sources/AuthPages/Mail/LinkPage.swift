import AuthCore
public import AuthMiddleware
import HTTPTypes
public import Hummingbird

/// The page that a link in a mail opens. To open it changes nothing and reads nothing from the database, so programs that follow the links
/// in mails do no harm. Only the form on the page acts.
public struct LinkPage: Sendable {
    /// What the form sends.
    struct Entry: Sendable {
        let token: String
        let password: String
        let confirmation: String
        let locale: MailLocale
    }

    /// The names that the query of the page may have.
    public static let parameters: [StaticString] = ["token"]

    let purpose: OneTimeTokenPurpose
    /// Sentences for the list of routes.
    public let opens: String
    public let acts: String
    /// Before a password is hashed; `nil` for a form without a password.
    private let gate: PasswordGate?
    private let pages: LinkPages
    private let act: @Sendable (Entry, RequestOrigin) async throws -> Void

    init(
        _ purpose: OneTimeTokenPurpose, _ pages: LinkPages, opens: String, acts: String, gate: PasswordGate? = nil,
        act: @escaping @Sendable (Entry, RequestOrigin) async throws -> Void
    ) {
        (self.purpose, self.pages, self.opens, self.acts, self.gate, self.act) = (purpose, pages, opens, acts, gate, act)
    }

    /// With a slash at its beginning.
    public var path: String { "/account/\(purpose.action)" }

    /// Answers `GET`.
    public func show(_ request: Request, _ context: AuthRequestContext) async throws -> Response {
        let tokens = request.parameters.values(of: "token")
        guard tokens.count == 1, let token = String(validating: tokens[0], as: UTF8.self), OneTimeToken(token) != nil else {
            return pages.message("incomplete", in: request.pageLocale, .badRequest)
        }
        return form(token, in: request.pageLocale)
    }

    /// Answers `POST`.
    public func submit(_ request: Request, _ context: AuthRequestContext) async throws -> Response {
        let (form, locale) = (try await request.form(), request.pageLocale)
        guard let token = try form.value(of: "token"), OneTimeToken(token) != nil else {
            return pages.message("incomplete", in: locale, .badRequest)
        }
        let (password, confirmation) = (try form.value(of: "password"), try form.value(of: "password2"))
        let entry = Entry(token: token, password: password ?? "", confirmation: confirmation ?? "", locale: locale)
        do {
            return try await perform(entry, request, context)
        } catch {
            return try retry(entry, AuthError(foreign: error), context)
        }
    }

    private func perform(_ entry: Entry, _ request: Request, _ context: AuthRequestContext) async throws -> Response {
        let next = { (request: Request, context: AuthRequestContext) async throws -> Response in
            try await act(entry, context.origin(of: request))
            return pages.message("\(purpose.action).done", in: entry.locale)
        }
        guard let gate else { return try await next(request, context) }
        return try await gate.handle(request, context: context, next: next)
    }

    /// The form again, if the reader can correct the error or wait for its end.
    private func retry(_ entry: Entry, _ error: AuthError, _ context: AuthRequestContext) throws -> Response {
        switch error {
        case .validationFailed(let errors) where gate != nil:
            return form(entry.token, in: entry.locale, error, wrong: errors)
        case .overloaded, .unavailable:
            pages.observer.failed(error, requestID: context.requestID)
            return form(entry.token, in: entry.locale, error, alert: "alert.busy")
        case .tooManyAttempts: return form(entry.token, in: entry.locale, error, alert: "alert.attempts")
        default: throw error
        }
    }

    private func form(
        _ token: String, in locale: MailLocale, _ error: AuthError? = nil, wrong: [FieldError] = [], alert: String? = nil
    ) -> Response {
        func text(_ name: String) -> String { pages.library.text("\(purpose.action).\(name)", in: locale) }
        let form = FormView(
            action: path, token: token, button: text("button"), note: text("note"),
            fields: gate == nil ? [] : pages.passwordFields(in: locale, wrong: wrong))
        let view = PageView(
            locale: locale.rawValue, service: pages.library.service, title: text("title"), text: text("text"),
            alert: alert.map { pages.library.text($0, in: locale) }, form: form)
        return pages.library.answer("page", view, error?.status ?? .ok, headers: error?.headerFields ?? [:])
    }
}

extension Request {
    /// The language of a page: the one that the browser asks for, or English.
    var pageLocale: MailLocale { locale ?? .english }
}
