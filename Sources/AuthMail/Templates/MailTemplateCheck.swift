import AuthCore

/// What is wrong with a template although the library parses it. It renders most of these mistakes as empty text.
struct MailTemplateCheck {
    /// What a template may do.
    struct Rules {
        let variables: Set<MailVariable>
        /// The blocks of the layout that this template may fill; `nil` if it has no layout.
        let blocks: Set<String>?
        let isLayout: Bool
    }

    private let file: MailTemplateFile
    private let rules: Rules
    private(set) var problems: [String] = []
    private var open: [MailTemplateTag] = []

    init(_ file: MailTemplateFile, _ rules: Rules) {
        self.file = file
        self.rules = rules
        for tag in MailTemplateTag.all(in: file.text) { check(tag) }
    }

    /// The blocks that a layout has.
    static func blocks(of layout: String) -> Set<String> {
        Set(MailTemplateTag.all(in: layout).filter { $0.kind == .block }.map(\.name))
    }

    private mutating func check(_ tag: MailTemplateTag) {
        if open.last?.kind == .parent, tag.followsText {
            report(tag, "no mail shows the text before this tag, because it stands in no block of the layout.")
        }
        if open.last?.kind == .parent, ![.block, .end, .comment].contains(tag.kind) {
            report(tag, "between `{{<layout}}` and `{{/layout}}` only blocks may stand: `{{$name}}…{{/name}}`.")
        }
        switch tag.kind {
        case .value: checkVariable(tag)
        case .section:
            checkVariable(tag)
            open.append(tag)
        case .parent:
            checkParent(tag)
            open.append(tag)
        case .block:
            checkBlock(tag)
            open.append(tag)
        case .end: _ = open.popLast()
        case .comment: break
        case .partial: report(tag, "a template cannot include another (`>`). It can fill the blocks of the layout.")
        case .unescaped:
            report(tag, "`{{{…}}}` and `{{&…}}` are refused, because they would show a stranger's text as HTML. Write `{{…}}`.")
        case .directive: report(tag, "`{{=…}}` and `{{%…}}` are refused.")
        }
    }

    private mutating func checkVariable(_ tag: MailTemplateTag) {
        if MailVariable(rawValue: tag.name).map(rules.variables.contains) ?? false { return }
        let names = MailVariable.allCases.filter(rules.variables.contains).map(\.rawValue).joined(separator: ", ")
        report(tag, "this mail has no value `\(tag.name)`. It has \(names).")
    }

    private mutating func checkParent(_ tag: MailTemplateTag) {
        if rules.blocks == nil {
            report(tag, "only an .html template of a mail can have a layout.")
        } else if tag.name != "layout" {
            report(tag, "there is no layout `\(tag.name)`. It is called `layout`.")
        }
    }

    private mutating func checkBlock(_ tag: MailTemplateTag) {
        if rules.isLayout { return }
        guard let blocks = rules.blocks else {
            report(tag, "only .html templates have blocks.")
            return
        }
        if !blocks.contains(tag.name) {
            report(tag, "the layout has no block `\(tag.name)`. It has \(blocks.sorted().joined(separator: ", ")).")
        }
    }

    private mutating func report(_ tag: MailTemplateTag, _ problem: String) {
        problems.append("\(file.path):\(tag.line): \(problem)")
    }
}
