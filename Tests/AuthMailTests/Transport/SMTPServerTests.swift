import Testing

@testable import AuthMail

@Suite struct SMTPServerTests {
    @Test(arguments: [
        ("smtp://mail.example.net", "smtp://mail.example.net:587", SMTPServer.Encryption.startTLS),
        ("SMTP://mail.example.net/", "smtp://mail.example.net:587", .startTLS),
        ("smtp://mail.example.net:25", "smtp://mail.example.net:25", .startTLS),
        ("smtps://mail.example.net", "smtps://mail.example.net:465", .implicit),
        ("smtps://127.0.0.1:4650", "smtps://127.0.0.1:4650", .implicit),
        ("smtp://[2001:db8::1]", "smtp://[2001:db8::1]:587", .startTLS),
        ("smtp://[2001:db8::1]:2525", "smtp://[2001:db8::1]:2525", .startTLS),
        ("smtp://localhost:1025", "smtp://localhost:1025", .none),
        ("smtp://LocalHost", "smtp://LocalHost:587", .none),
        ("smtp://127.8.9.1", "smtp://127.8.9.1:587", .none),
        ("smtp://[::1]", "smtp://[::1]:587", .none),
        // They look like loopback, and are names.
        ("smtp://127.0.0.1.example.net", "smtp://127.0.0.1.example.net:587", .startTLS),
        ("smtp://localhost.example.net", "smtp://localhost.example.net:587", .startTLS),
        ("smtp://127.1", "smtp://127.1:587", .startTLS),
    ])
    func `a URL names the server, and only a loopback server does without TLS`(
        _ url: String, _ description: String, _ encryption: SMTPServer.Encryption
    ) throws {
        let server = try SMTPServer(url: url)
        #expect(server.description == description)
        #expect(server.encryption == encryption)
        #expect(server.credentials == nil)
    }

    @Test(arguments: [
        ("ada:secret", "ada", "secret"),
        ("ada%40example.net:p%C3%A4ss%2Fw%3ar%25d", "ada@example.net", "päss/w:r%d"),
        ("ada@example.net:se:cret", "ada@example.net", "se:cret"),
    ])
    func `the user and the password are percent-decoded`(_ text: String, _ user: String, _ password: String) throws {
        let server = try SMTPServer(url: "smtp://\(text)@mail.example.net:2525")
        #expect(server.credentials?.user == user)
        #expect(server.credentials?.password == password)
        #expect(server.host == "mail.example.net" && server.port == 2525)
    }

    @Test func `nothing prints the password`() throws {
        let server = try SMTPServer(url: "smtp://ada:hidden@mail.example.net")
        let credentials = try #require(server.credentials)
        for text in ["\(server)", String(reflecting: server), "\([server])", "\(credentials)", String(reflecting: credentials)] {
            #expect(!text.contains("hidden"))
        }
    }

    @Test(arguments: [
        ("", "must begin with smtp:// or smtps://"),
        ("http://hidden:hidden@mail.example.net", "must begin with smtp:// or smtps://"),
        ("mail.example.net:587", "must begin with smtp:// or smtps://"),
        ("smtp://", "must have a host"),
        ("smtp://:587", "must have a host"),
        ("smtp://exa mple.net", "must have a host"),
        ("smtp://müller.example", "must have a host"),
        ("smtp://mail.example.net\r\n", "must have a host"),
        ("smtp://2001:db8::1", "must have a port"),
        ("smtp://[2001:db8::1", "has [ without ]"),
        ("smtp://[hidden]", "must have a host"),
        ("smtp://mail.example.net:", "must have a port"),
        ("smtp://mail.example.net:0", "must have a port"),
        ("smtp://mail.example.net:65536", "must have a port"),
        ("smtp://mail.example.net:+25", "must have a port"),
        ("smtp://[::1]587", "must have a port"),
        ("smtp://mail.example.net/hidden", "must end after the host and the port"),
        ("smtp://ada:hid/den@mail.example.net", "must end after the host and the port"),
        ("smtp://mail.example.net?hidden", "must end after the host and the port"),
        ("smtp://hidden@mail.example.net", "must have user:password before the @"),
        ("smtp://:hidden@mail.example.net", "has an empty user or password"),
        ("smtp://hidden:@mail.example.net", "has an empty user or password"),
        ("smtp://ada:hidden%@mail.example.net", "not percent-encoded"),
        ("smtp://ada:hidden%4@mail.example.net", "not percent-encoded"),
        ("smtp://ada:hidden%zz@mail.example.net", "not percent-encoded"),
        ("smtp://ada:hidden%FF@mail.example.net", "not percent-encoded"),
        ("smtp://ada:hidden%00@mail.example.net", "has a control character"),
        ("smtp://ada:hidden%0D%0A@mail.example.net", "has a control character"),
    ])
    func `a wrong URL is refused with words that show no secret`(_ url: String, _ problem: String) {
        let error = #expect(throws: MailProblem.self) { try SMTPServer(url: url) }
        #expect(error?.description.contains(problem) == true, "\(error?.description ?? "")")
        #expect(error?.description.contains("hid") == false)
    }
}
