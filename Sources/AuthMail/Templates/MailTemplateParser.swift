import AuthCore
import AuthTemplates
import Mustache

/// Parses templates, and collects every problem with them.
struct MailTemplateParser {
    private let files: MailTemplateFiles
    private let blocks: Set<String>
    private(set) var library = MustacheLibrary()
    private(set) var problems: [String]

    init(_ files: MailTemplateFiles) {
        _ = EscapedHTML.registered
        self.files = files
        blocks = MailTemplateCheck.blocks(of: files.files[MailTemplateFiles.layout]?.text ?? "")
        problems = files.problems
        parseLayout()
        for name in MailTemplateName.all { parse(name) }
    }

    private mutating func parseLayout() {
        guard let file = files.files[MailTemplateFiles.layout] else { return missing(MailTemplateFiles.layout) }
        parse(file, named: "layout", type: EscapedHTML.name, .init(variables: Set(MailVariable.allCases), blocks: nil, isLayout: true))
    }

    private mutating func parse(_ name: MailTemplateName) {
        guard let file = files[name] else { return missing(name.path) }
        let isHTML = name.form == .html
        let rules = MailTemplateCheck.Rules(variables: MailVariable.known(to: name.kind), blocks: isHTML ? blocks : nil, isLayout: false)
        parse(file, named: name.path, type: isHTML ? EscapedHTML.name : "TEXT", rules)
    }

    private mutating func parse(_ file: MailTemplateFile, named name: String, type: String, _ rules: MailTemplateCheck.Rules) {
        let mistakes = MailTemplateCheck(file, rules).problems
        guard mistakes.isEmpty else {
            problems += mistakes
            return
        }
        do {
            // The directive has a line of its own, so the lines of problems are one too high.
            let template = try MustacheTemplate(string: "{{% CONTENT_TYPE:\(type)}}\n\(file.text)")
            library.register(template, named: name)
        } catch let error as MustacheTemplate.ParserError {
            problems.append("\(file.path):\(error.context.lineNumber - 1): \(Self.explanation(of: error.error))")
        } catch {
            problems.append("\(file.path): \(error)")
        }
    }

    private mutating func missing(_ path: String) { problems.append("mail/\(path): this template is missing.") }

    private static func explanation(of error: any Error) -> String {
        switch error as? MustacheTemplate.Error {
        case .sectionCloseNameIncorrect: "this tag closes another section than the one that is open."
        case .unfinishedName: "a tag here does not end with }}, or its name has characters that no name has."
        case .expectedSectionEnd: "a section is not closed."
        case .some(let other): "\(other)"
        case nil: "the text ends within a tag."
        }
    }
}
