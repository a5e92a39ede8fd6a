import AuthCore
import AuthMiddleware
import HTTPTypes
import Hummingbird

/// What all pages of links share.
struct LinkPages: Sendable {
    let library: PageLibrary
    let observer: RequestObserver

    /// A page without a form.
    ///
    /// - Parameter name: the beginning of the names of its texts.
    func message(
        _ name: String, in locale: MailLocale, _ status: HTTPResponse.Status = .ok, headers: HTTPFields = [:], requestID: String = ""
    ) -> Response {
        let view = PageView(
            locale: locale.rawValue, service: library.service, title: library.text("\(name).title", in: locale),
            text: library.text("\(name).text", in: locale, requestID: requestID))
        return library.answer("page", view, status, headers: headers)
    }

    /// The two fields for a new password. The cursor is in the first one that is wrong.
    func passwordFields(in locale: MailLocale, wrong errors: [FieldError]) -> [FieldView] {
        func complaint(_ field: String) -> String? {
            errors.first { $0.field.hasSameOctets(as: field) }.map { library.text("wrong.\(Self.complaint($0.code))", in: locale) }
        }
        let (first, second) = (complaint("password"), complaint("password2"))
        return [
            FieldView(
                name: "password", label: library.text("field.password", in: locale), hint: library.text("field.hint", in: locale),
                wrong: first, isFocused: first != nil || second == nil),
            FieldView(
                name: "password2", label: library.text("field.password2", in: locale), hint: nil, wrong: second,
                isFocused: first == nil && second != nil),
        ]
    }

    private static func complaint(_ code: FieldError.Code) -> String {
        switch code {
        case .passwordTooShort, .passwordTooLong, .passwordTooCommon, .passwordBreached, .passwordMismatch: code.rawValue
        default: "other"
        }
    }
}
