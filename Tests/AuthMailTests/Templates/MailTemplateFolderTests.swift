import AuthCore
import Foundation
import Testing

@testable import AuthMail

@Suite struct MailTemplateFolderTests {
    /// Runs with a folder that has these files.
    private func withFolder<Result>(_ files: [String: String], _ body: (String) throws -> Result) throws -> Result {
        let folder = FileManager.default.temporaryDirectory.appending(path: "mail-\(UUID().uuidString)")
        defer { try? FileManager.default.removeItem(at: folder) }
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        for (path, text) in files {
            let file = folder.appending(path: path)
            try FileManager.default.createDirectory(at: file.deletingLastPathComponent(), withIntermediateDirectories: true)
            try Data(text.utf8).write(to: file)
        }
        return try body(folder.path())
    }

    /// What is said of a folder with these files, without the path of the folder.
    private func problems(_ files: [String: String]) throws -> [String] {
        try withFolder(files) { folder in
            do {
                _ = try MailTemplates(replacements: folder)
                return []
            } catch let faults as MailTemplateFaults {
                return faults.problems.map { $0.replacingOccurrences(of: "\(folder)/", with: "") }
            }
        }
    }

    @Test func `A folder replaces the files that it has, and no others`() throws {
        let files = [
            "en/test.subject": "Hi {{email}}\n", "de/test.txt": "{{#ip}}\n{{ip}}\n{{/ip}}\n{{service}} & <Sohn>\n",
            "README.md": "{{nothing}}",
            ".hidden": "{{nothing}}", "fr/test.html": "{{<layout}}\n{{$title}}A & {{service}}{{/title}}\n{{/layout}}\n",
        ]
        try withFolder(files) { folder in
            let (own, replaced) = (try MailTemplates(), try MailTemplates(replacements: folder))
            var values = MailSamples.all(for: .test)
            values.service = "Vater & <Sohn>"
            let before = try own.render(.test, in: .english, values)
            let english = try replaced.render(.test, in: .english, values)
            #expect(english.subject == "Hi ana@example.com")
            #expect(english.text == before.text && english.html == before.html)
            let german = try replaced.render(.test, in: .german, values)
            #expect(german.text == "2001:db8::17\nVater & <Sohn> & <Sohn>\n")
            #expect(german.subject == "Test-E-Mail von Vater & <Sohn>")
            let french = try replaced.render(.test, in: .french, values).html
            #expect(french.contains("<h1 style=\"margin: 0 0 16px; font-size: 24px; line-height: 1.3;\">A & Vater &amp; &lt;Sohn&gt;</h1>"))
        }
    }

    @Test func `A folder replaces the layout`() throws {
        let layout = "<p>{{$title}}{{/title}}{{$content}}{{/content}}{{$button}}{{/button}}{{$hint}}{{/hint}}{{$code_hint}}{{/code_hint}}"
        try withFolder(["layout.html": layout + "{{$after}}{{/after}}|{{$why}}{{/why}}|{{secure_link}}\n"]) { folder in
            let mail = try MailTemplates(replacements: folder).render(.newSignIn, in: .spanish, MailSamples.required)
            #expect(mail.html.hasPrefix("<p>Nuevo inicio de sesión"))
            #expect(mail.html.hasSuffix("|\(MailSamples.secureLink.replacingOccurrences(of: "&", with: "&amp;"))\n"))
        }
    }

    @Test(arguments: [
        (
            "en/test.txt", "a\n{{user_agent}}\n", 2,
            "this mail has no value `user_agent`. It has service, email, locale, time, ip, button_link."
        ),
        ("en/test.subject", "{{#Email}}x{{/Email}}\n", 1, "this mail has no value `Email`. It has"),
        ("en/test.subject", "{{.}}\n", 1, "this mail has no value `.`."),
        ("en/test.subject", "{{_guts}}\n", 1, "this mail has no value `_guts`."),
        ("en/test.subject", "{{uppercased(email)}}\n", 1, "this mail has no value `uppercased(email)`."),
        ("en/verify_email.txt", "{{display_name}}\n", 1, "this mail has no value `display_name`."),
        ("ja/test.html", "<p>\n{{{email}}}\n", 2, "`{{{…}}}` and `{{&…}}` are refused"),
        ("ja/test.html", "<p>\n\n{{& email}}\n", 3, "`{{{…}}}` and `{{&…}}` are refused"),
        ("ja/test.txt", "{{& email}}\n", 1, "`{{{…}}}` and `{{&…}}` are refused"),
        ("ja/test.html", "{{% CONTENT_TYPE:TEXT}}\n{{email}}\n", 1, "`{{=…}}` and `{{%…}}` are refused."),
        ("ja/test.html", "{{=<% %>=}}\n<%& email%>\n", 1, "`{{=…}}` and `{{%…}}` are refused."),
        ("es/test.html", "{{>layout}}\n", 1, "a template cannot include another"),
        ("layout.html", "<p>\n{{> layout}}\n", 2, "a template cannot include another"),
        ("layout.html", "<p>\n{{<layout}}{{/layout}}\n", 2, "only an .html template of a mail can have a layout."),
        ("es/test.html", "{{<other}}\n{{/other}}\n", 1, "there is no layout `other`."),
        (
            "es/test.html", "{{<layout}}\n{{$foot}}x{{/foot}}\n{{/layout}}\n", 2,
            "the layout has no block `foot`. It has after, button, code_hint"
        ),
        ("es/test.html", "{{<layout}}\nlost\n{{/layout}}\n", 3, "no mail shows the text before this tag"),
        ("es/test.html", "{{<layout}}\n{{email}}\n{{/layout}}\n", 2, "only blocks may stand"),
        ("es/test.txt", "{{<layout}}\n{{/layout}}\n", 1, "only an .html template of a mail can have a layout."),
        ("es/test.txt", "{{$why}}{{/why}}\n", 1, "only .html templates have blocks."),
        ("fr/test.txt", "a\nb {{#email}} c\n", 3, "a section is not closed."),
        ("fr/test.txt", "a\n{{#email}}{{/time}}\n", 2, "this tag closes another section"),
        ("fr/test.txt", "a\n{{email}\n", 2, "a tag here does not end with }}"),
        ("fr/test.txt", "a\nb {{email", 2, "the text ends within a tag."),
    ])
    func `A mistake in a template is named with its file and line`(_ path: String, _ text: String, _ line: Int, _ problem: String) throws {
        let found = try problems([path: text])
        #expect(
            found.contains { $0.hasPrefix("\(path):\(line): \(problem)") || $0.hasPrefix("\(path):\(line): ") && $0.contains(problem) },
            "\(found)")
    }

    @Test func `A layout that lacks a block is refused once for each mail that fills it`() throws {
        let found = try problems(["layout.html": "{{$title}}{{/title}}\n"])
        #expect(found.contains("mail/en/test.html:3: the layout has no block `content`. It has title."))
    }

    @Test func `A file that no mail uses is refused, and every problem is named`() throws {
        let large = String(repeating: "x", count: MailTemplateFiles.maximumOctets + 1)
        let files = ["en/verify_mail.txt": "", "it/test.txt": "", "style.css": "", "de/test.txt": large, "en/test.txt": "{{x}}"]
        let found = try problems(files)
        #expect(found.count == 5, "\(found)")
        #expect(found.contains { $0.hasPrefix("de/test.txt: this file has 65537 bytes.") })
        #expect(found.contains("en/verify_mail.txt: no mail has a template of this name."))
        #expect(found.contains { $0.hasPrefix("it: this is no template. There may be layout.html, and folders for en, de, fr, es, ja.") })
        #expect(found.contains { $0.hasPrefix("style.css: this is no template.") })
        #expect(found.contains { $0.hasPrefix("en/test.txt:1: ") })
    }

    @Test func `A folder that cannot be read, and text that is not UTF-8, are refused`() throws {
        #expect(throws: MailTemplateFaults(problems: ["/nowhere/mail: this folder cannot be read."])) {
            try MailTemplates(replacements: "/nowhere/mail")
        }
        try withFolder(["en/test.txt": ""]) { folder in
            try Data([0x61, 0xFF, 0x0A]).write(to: URL(filePath: "\(folder)/en/test.txt"))
            #expect(throws: MailTemplateFaults(problems: ["\(folder)/en/test.txt: this file is not UTF-8."])) {
                try MailTemplates(replacements: folder)
            }
        }
    }
}
