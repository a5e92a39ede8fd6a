import AuthCore
import AuthMail
import Foundation
import Testing

/// Writes every mail as a person gets it, for `script/mail-pictures`. The variable MAIL_PICTURES names the folder.
@Suite(.enabled(if: ProcessInfo.processInfo.environment["MAIL_PICTURES"] != nil))
struct MailPicturesTests {
    @Test func `Every mail is written to a file`() throws {
        let folder = URL(filePath: try #require(ProcessInfo.processInfo.environment["MAIL_PICTURES"]))
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        let templates = try MailTemplates()
        for (locale, kind) in MailSamples.combinations {
            let mail = try templates.render(kind, in: locale, MailSamples.all(for: kind))
            let name = "\(locale.rawValue)-\(kind.rawValue)"
            try Data(mail.html.utf8).write(to: folder.appending(path: "\(name).html"))
            try Data("\(mail.subject)\n\n\(mail.text)".utf8).write(to: folder.appending(path: "\(name).txt"))
        }
    }
}
