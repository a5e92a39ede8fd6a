import HTTPTypes
import Testing

@testable import AuthMiddleware

@Suite struct LocalRequestsTests {
    @Test(arguments: [
        ("localhost", true), ("LOCALHOST:8001", true), ("127.0.0.1:8001", true), ("127.9.9.9", true), ("[::1]:8001", true), ("[::1]", true),
        ("evil.example", false), ("localhost.evil.example", false), ("127.0.0.1.evil.example", false), ("192.0.2.1:8001", false),
        ("[2001:db8::1]", false), ("0.0.0.0:8001", false), ("", false), ("localhost@evil.example", false), ("[::1", false),
    ])
    func `only names and addresses of this machine are local`(_ host: String, _ isLocal: Bool) {
        #expect(LocalRequests<AuthRequestContext>.isLocal(host) == isLocal)
    }
}
