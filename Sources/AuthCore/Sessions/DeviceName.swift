/// The name that a device gives itself at login. The owner sees it in the list of sessions.
public struct DeviceName: Sendable {
    /// In Unicode code points: as much as a list can show.
    public static let maximumLength = 100

    public let text: String

    /// - Throws: what is wrong with the name.
    public init(_ text: String) throws(FieldError) {
        if text.unicodeScalars.count > Self.maximumLength {
            throw FieldError(field: "name", code: .tooLong, detail: "At most \(Self.maximumLength) characters.")
        }
        if !VisibleText.isShown(text) {
            throw FieldError(field: "name", code: .invalidCharacters, detail: "No control characters, and none that is not shown.")
        }
        self.text = text
    }
}
