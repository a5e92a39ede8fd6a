import AuthTestSupport
import Configuration
import Testing

@testable import AuthServer

@Suite struct OperationsSettingsTests {
    /// The problem with this host in this environment; `nil` for none.
    private func problem(_ host: String, in environment: String) -> String? {
        var read = SettingReader(
            source: ConfigReader(
                provider: EnvironmentVariablesProvider(
                    environmentVariables: ["OPERATIONS_HOST": host, "AUTH_ENVIRONMENT": environment])))
        _ = Environment.read(&read)
        _ = OperationsSettings(&read)
        return read.problems.first
    }

    @Test(arguments: ["127.0.0.1", "127.0.0.2", "::1", "[::1]", "localhost"])
    func `OPERATIONS_HOST may be an address that only this machine reaches`(_ host: String) {
        for environment in ["development", "production"] { #expect(problem(host, in: environment) == nil) }
    }

    @Test(arguments: ["0.0.0.0", "*", "192.0.2.1", "::"])
    func `any other OPERATIONS_HOST is refused in production`(_ host: String) {
        #expect(problem(host, in: "development") == nil)
        #expect(problem(host, in: "production") == "OPERATIONS_HOST=\(host) can be reached from other machines: use 127.0.0.1")
    }
}
