import AuthTestSupport
import Configuration
import Logging
import NIOConcurrencyHelpers
import NIOPosix
import Testing

@testable import AuthServer

@Suite struct OperationsServiceTests {
    private func configuration(_ variables: [String: String]) -> ServerConfiguration {
        var read = SettingReader(source: ConfigReader(provider: EnvironmentVariablesProvider(environmentVariables: variables)))
        return ServerConfiguration(&read)
    }

    /// The lines that the closure logs.
    private func lines(_ body: (Logger) -> Void) -> [String] {
        let lines = NIOLockedValueBox<[String]>([])
        body(
            Logger(label: "test") { label in
                LineLogHandler(
                    label: label, format: .text, clock: ManualClock(), write: { line in lines.withLockedValue { $0.append(line) } },
                    logLevel: .info)
            })
        return lines.withLockedValue { $0 }
    }

    @Test(
        arguments: [
            ([:], true), (["AUTH_ENVIRONMENT": "production"], false), (["MAIL_URL": "smtp://127.0.0.1:2525"], false),
            (["AUTH_ENVIRONMENT": "production", "MAIL_URL": "smtp://127.0.0.1:2525"], false),
        ] as [([String: String], Bool)])
    func `mails are shown only in development, and only if no mail server gets them`(_ variables: [String: String], _ listens: Bool) {
        let configuration = configuration(variables)
        let service = OperationsService(
            configuration, MailWay(configuration.mail), eventLoops: MultiThreadedEventLoopGroup.singleton, logger: Logger(label: "test"))
        #expect((service != nil) == listens)
    }

    @Test func `production without MAIL_URL says at its start what is off`() {
        let production = lines(configuration(["AUTH_ENVIRONMENT": "production"]).warnOfMissingMail)
        #expect(production.count == 1 && production[0].contains("no MAIL_URL is set") && production[0].contains("invitations"))
        #expect(lines(configuration([:]).warnOfMissingMail).isEmpty)
        let mailed = ["AUTH_ENVIRONMENT": "production", "MAIL_URL": "smtp://127.0.0.1:2525"]
        #expect(lines(configuration(mailed).warnOfMissingMail).isEmpty)
    }
}
