import AuthCore
import FoundationEssentials

/// The texts of all templates: those of the program, and those of a folder in their place.
struct MailTemplateFiles {
    static let layout = "layout.html"
    /// Of one file. The largest of the program has 3,000.
    static let maximumOctets = 65_536

    /// By its path in the folder, such as `en/verify_email.txt`.
    private(set) var files: [String: MailTemplateFile]
    private(set) var problems: [String] = []

    /// - Parameter folder: its files replace those of the program with the same path. `nil` replaces none.
    init(replacements folder: String?) {
        let names = EmbeddedTemplates.files.keys
        files = Dictionary(
            uniqueKeysWithValues: names.map { ($0, MailTemplateFile(path: "mail/\($0)", text: EmbeddedTemplates.files[$0] ?? "")) })
        if let folder { replace(from: folder) }
    }

    subscript(name: MailTemplateName) -> MailTemplateFile? { files[name.path] }

    private mutating func replace(from folder: String) {
        for entry in entries(of: folder) where entry != "README.md" {
            if entry == Self.layout {
                replace(Self.layout, from: folder)
            } else if let locale = MailLocale(rawValue: entry) {
                replace(locale, from: folder)
            } else {
                let languages = MailLocale.allCases.map(\.rawValue).joined(separator: ", ")
                problems.append("\(folder)/\(entry): this is no template. There may be \(Self.layout), and folders for \(languages).")
            }
        }
    }

    private mutating func replace(_ locale: MailLocale, from folder: String) {
        let names = Set(MailTemplateName.all.filter { $0.locale == locale }.map(\.file))
        for entry in entries(of: "\(folder)/\(locale.rawValue)") {
            if names.contains(entry) {
                replace("\(locale.rawValue)/\(entry)", from: folder)
            } else {
                problems.append("\(folder)/\(locale.rawValue)/\(entry): no mail has a template of this name.")
            }
        }
    }

    private mutating func replace(_ path: String, from folder: String) {
        let place = "\(folder)/\(path)"
        guard let contents = FileManager.default.contents(atPath: place) else {
            problems.append("\(place): this file cannot be read.")
            return
        }
        guard contents.count <= Self.maximumOctets else {
            problems.append("\(place): this file has \(contents.count) bytes. A template has at most \(Self.maximumOctets).")
            return
        }
        guard let text = String(validating: contents, as: UTF8.self) else {
            problems.append("\(place): this file is not UTF-8.")
            return
        }
        files[path] = MailTemplateFile(path: place, text: text)
    }

    /// The names in a folder, in order. Hidden files are left out: file systems, editors and Kubernetes make them.
    private mutating func entries(of folder: String) -> [String] {
        guard let names = try? FileManager.default.contentsOfDirectory(atPath: folder) else {
            problems.append("\(folder): this folder cannot be read.")
            return []
        }
        return names.filter { !$0.hasPrefix(".") }.sorted()
    }
}
