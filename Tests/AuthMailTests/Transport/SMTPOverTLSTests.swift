import AuthCore
import Foundation
import Testing

@testable import AuthMail

/// What `script/check-mail` has started, and the mail that it expects.
private struct CheckedServers {
    let variables = ProcessInfo.processInfo.environment

    var isPresent: Bool { variables["MAIL_CHECK_AUTHORITY"] != nil }

    func server(_ port: String, authority: String? = nil, password: String? = nil, host: String = "127.0.0.1") throws -> SMTPServer {
        let credentials = SMTPServer.Credentials(user: try value("USER"), password: try password ?? value("PASSWORD"))
        return SMTPServer(
            host: host, port: try #require(Int(value("\(port)_PORT"))), encryption: port == "TLS" ? .implicit : .startTLS,
            credentials: credentials, authorities: try authority ?? value("AUTHORITY"))
    }

    func message(_ locale: MailLocale) throws -> MailMessage {
        .example(
            to: try value("RECIPIENT"), subject: try value("SUBJECT"), text: try value("TEXT"), html: try value("HTML"), locale: locale)
    }

    func value(_ name: String) throws -> String { try #require(variables["MAIL_CHECK_\(name)"]) }
}

private let servers = CheckedServers()

@Suite(.enabled(if: servers.isPresent, "script/check-mail runs it")) struct SMTPOverTLSTests {
    private func send(to server: SMTPServer, count: Int = 1) async throws -> [MailOutcome] {
        var outcomes: [MailOutcome] = []
        try await withTransport(server, from: try servers.value("SENDER")) { transport in
            for locale in MailLocale.allCases.prefix(count) { outcomes.append(await transport.send(try servers.message(locale))) }
        }
        return outcomes
    }

    @Test(arguments: ["STARTTLS", "TLS"])
    func `mails arrive over TLS, with credentials`(_ port: String) async throws {
        let outcomes = try await send(to: servers.server(port), count: 2)
        #expect(outcomes.map(\.kind) == ["sent", "sent"], "\(outcomes)")
    }

    @Test(arguments: ["STARTTLS", "TLS"])
    func `nothing is sent to a server whose authority is not trusted`(_ port: String) async throws {
        let outcome = try await send(to: servers.server(port, authority: "/etc/ssl/certs/ca-certificates.crt"))[0]
        #expect(outcome.kind == "misconfigured")
        #expect(outcome.text.contains("certificate"), "\(outcome.text)")
    }

    @Test func `nothing is sent to a server whose certificate has another name`() async throws {
        let outcome = try await send(to: servers.server("WRONG_NAME"))[0]
        #expect(outcome.kind == "misconfigured")
        #expect(outcome.text.contains("127.0.0.1"), "\(outcome.text)")
    }

    @Test func `a file of authorities that is not there is a wrong setting`() async throws {
        let outcome = try await send(to: servers.server("STARTTLS", authority: "/nowhere/authority.pem"))[0]
        #expect(outcome.kind == "misconfigured")
        #expect(outcome.text.contains("/nowhere/authority.pem"), "\(outcome.text)")
    }

    @Test func `a wrong password is a wrong setting, and is not shown`() async throws {
        let outcome = try await send(to: servers.server("STARTTLS", password: "not the password"))[0]
        #expect(outcome.kind == "misconfigured")
        #expect(outcome.text.hasPrefix("535"), "\(outcome.text)")
        #expect(!outcome.text.contains("not the password"))
    }

    @Test func `a server that requires STARTTLS takes no mail without it`() async throws {
        var plain = try servers.server("STARTTLS")
        plain = SMTPServer(host: plain.host, port: plain.port, encryption: .none, credentials: nil, authorities: nil)
        let outcome = try await send(to: plain)[0]
        #expect(outcome.kind == "misconfigured")
        #expect(outcome.text.hasPrefix("530"), "\(outcome.text)")
    }
}
