import AuthCore

/// The values of `page.html`. Its names are those of the template.
struct PageView: Sendable {
    let locale: String
    let service: String
    let title: String
    let text: String
    var alert: String?
    var form: FormView?
}

/// The form of a page.
struct FormView: Sendable {
    let action: String
    let token: String
    let button: String
    /// What a reader does who did not expect the page.
    let note: String
    let fields: [FieldView]
}

/// A field for a new password.
struct FieldView: Sendable {
    let name: String
    let label: String
    let hint: String?
    /// What is wrong with the text that came.
    let wrong: String?
    /// Whether the cursor is there when the page opens.
    let isFocused: Bool

    /// The ids of the elements that describe the field; `nil` for none.
    private let describedBy: String?

    init(name: String, label: String, hint: String?, wrong: String?, isFocused: Bool) {
        (self.name, self.label, self.hint, self.wrong, self.isFocused) = (name, label, hint, wrong, isFocused)
        let ids = [hint.map { _ in "\(name)-hint" }, wrong.map { _ in "\(name)-wrong" }].compactMap(\.self)
        describedBy = ids.isEmpty ? nil : ids.joined(separator: " ")
    }
}
