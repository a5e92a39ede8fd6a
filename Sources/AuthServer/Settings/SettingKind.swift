/// The allowed texts of a setting, and the value that each means.
struct SettingKind<Value: Sendable>: Sendable {
    enum Reading: Sendable {
        case value(Value)
        /// - Parameter substitute: an allowed value, so that a refused text causes no second problem with another setting.
        case refused(reason: String, substitute: Value)
    }

    /// The allowed values, as the table of settings names them.
    let values: String
    var isSecret = false
    let read: @Sendable (String) -> Reading
}

extension SettingKind {
    /// Values with a form of their own.
    ///
    /// - Parameters:
    ///   - values: completes "is not …".
    ///   - parse: `nil` refuses the text.
    static func parsed(_ values: String, otherwise substitute: Value, _ parse: @escaping @Sendable (String) -> Value?) -> SettingKind {
        SettingKind(values: values) { text in
            parse(text).map { .value($0) } ?? .refused(reason: "is not \(values)", substitute: substitute)
        }
    }
}

extension SettingKind where Value == String {
    /// Any text.
    static func text(_ values: String) -> SettingKind { SettingKind(values: values) { .value($0) } }

    /// Any text, which may also come from a file.
    static func secret(_ values: String) -> SettingKind { SettingKind(values: values, isSecret: true) { .value($0) } }
}

extension SettingKind where Value == Bool {
    static var boolean: SettingKind {
        SettingKind(values: "true or false") { text in
            ["true": true, "false": false][text].map { .value($0) }
                ?? .refused(reason: "is neither true nor false", substitute: false)
        }
    }
}

extension SettingKind where Value == Int {
    static func integer(_ range: ClosedRange<Int>) -> SettingKind {
        let reason = "is not a whole number from \(range.lowerBound) to \(range.upperBound)"
        return SettingKind(values: "\(range.lowerBound) to \(range.upperBound)") { text in
            guard let value = Int(text), text.utf8.allSatisfy({ (0x30...0x39).contains($0) }) else {
                return .refused(reason: reason, substitute: range.lowerBound)
            }
            return range.contains(value)
                ? .value(value) : .refused(reason: reason, substitute: min(max(value, range.lowerBound), range.upperBound))
        }
    }
}

extension SettingKind where Value == Duration {
    /// A duration within a range. The ends are texts, because refusals and the table of settings name them as an operator writes them.
    ///
    /// - Parameters:
    ///   - shortest: a whole number and a unit, such as `500ms`.
    ///   - longest: the same, such as `14d`.
    static func duration(from shortest: String, to longest: String) -> SettingKind {
        let range = Duration(settingText: shortest)!...Duration(settingText: longest)!
        return SettingKind(values: "\(shortest) to \(longest)") { text in
            guard let duration = Duration(settingText: text) else {
                return .refused(reason: "is not a duration such as 500ms, 10s, 15m, 1h or 14d", substitute: range.lowerBound)
            }
            return range.contains(duration)
                ? .value(duration)
                : .refused(
                    reason: "is not between \(shortest) and \(longest)",
                    substitute: min(max(duration, range.lowerBound), range.upperBound))
        }
    }
}

extension SettingKind where Value: RawRepresentable & CaseIterable, Value.RawValue == String {
    /// The names of the cases.
    static var choice: SettingKind {
        let names = Value.allCases.map(\.rawValue)
        let values = names.dropLast().joined(separator: ", ") + " or \(names.last!)"
        return SettingKind(values: values) { text in
            Value(rawValue: text).map { .value($0) }
                ?? .refused(reason: "is not one of \(names.joined(separator: ", "))", substitute: Value.allCases.first!)
        }
    }
}
