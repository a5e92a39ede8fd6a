import ServerTestSupport

/// Asks the servers, over HTTP alone, and notes what came of it.
struct Client: Sendable {
    static let password = "correct horse battery staple"

    let number: Int
    let servers: Servers
    let history: History
    let disturbance: Disturbance
    /// A service's credential: `client_id:client_secret` in base 64.
    let credential: String

    func register(_ account: String, on instance: Int) async -> Operation {
        await history.record(.register, client: number, instance: instance, account: account) {
            let body = #"{"email":"\#(account)","password":"\#(Self.password)","password2":"\#(Self.password)"}"#
            return await outcome(Request("POST", "/api/register/", json: body), on: instance) { reply in
                switch reply.status {
                case 201: .accepted
                case 409: .refused("email_taken")
                default: nil
                }
            }
        }
    }

    func logIn(_ account: String, on instance: Int) async -> Operation {
        await history.record(.logIn, client: number, instance: instance, account: account) {
            let body = #"{"email":"\#(account)","password":"\#(Self.password)"}"#
            return await outcome(Request("POST", "/api/auth/login/", json: body), on: instance) { reply in
                switch reply.status {
                case 200: reply.pair.map { .issued($0) }
                case 401: .refused(reply.json("code") ?? "")
                // Attempts that an instance was killed with stay counted. It was not looked at.
                case 429 where reply["Retry-After"] != nil && reply.json("code") == "too_many_attempts": .failed
                default: nil
                }
            }
        }
    }

    func refresh(_ token: Token, of account: String, on instance: Int) async -> Operation {
        await present(token, of: account, on: instance, as: .refresh, Request("POST", "/api/auth/refresh/", bearer: token.text)) { reply in
            guard reply.status == 200, let pair = reply.pair, pair.session == token.session, pair.generation == token.generation + 1
            else { return nil }
            return .issued(pair)
        }
    }

    enum Asking: CaseIterable { case verify, profile, introspect }

    func use(_ token: Token, of account: String, on instance: Int, by asking: Asking) async -> Operation {
        switch asking {
        case .verify:
            await present(token, of: account, on: instance, as: .use, Request("GET", "/api/auth/verify/", bearer: token.text)) { reply in
                guard reply.status == 200, reply["X-Auth-Email"] == account, reply["X-Auth-Session-Id"] == token.session else { return nil }
                return .accepted
            }
        case .profile:
            await present(token, of: account, on: instance, as: .use, Request("GET", "/api/profile/", bearer: token.text)) { reply in
                reply.status == 200 && reply.json("email") == account && reply.body.contains(token.session) ? .accepted : nil
            }
        case .introspect:
            await present(token, of: account, on: instance, as: .use, form("/api/auth/introspect/", token)) { reply in
                guard reply.status == 200 else { return nil }
                if reply.body == #"{"active":false}"# { return .refused("inactive") }
                return reply.json("username") == account && reply.json("sid") == token.session ? .accepted : nil
            }
        }
    }

    /// Ends something by an access token.
    func end(_ kind: Operation.Kind, with token: Token, of account: String, on instance: Int) async -> Operation {
        let request =
            switch kind {
            case .endOne(let target): Request("DELETE", "/api/sessions/\(target)/", bearer: token.text)
            case .endOthers: Request("POST", "/api/sessions/revoke-others/", bearer: token.text)
            case .endAll: Request("POST", "/api/logoutall/", bearer: token.text)
            case .register, .logIn, .use, .refresh, .logOut, .revoke: Request("POST", "/api/logout/", bearer: token.text)
            }
        return await present(token, of: account, on: instance, as: kind, request) { $0.status == 204 ? .accepted : nil }
    }

    /// Ends the token's session as a service.
    func revoke(_ token: Token, of account: String, on instance: Int) async -> Operation {
        await history.record(.revoke, client: number, instance: instance, account: account, token: token) {
            await outcome(form("/api/auth/revoke/", token), on: instance) { $0.status == 200 ? .accepted : nil }
        }
    }

    private func form(_ path: String, _ token: Token) -> Request {
        Request("POST", path, form: "token=\(token.text)", basic: credential)
    }

    private func present(
        _ token: Token, of account: String, on instance: Int, as kind: Operation.Kind, _ request: Request,
        _ judge: (Loopback.Reply) -> Operation.Outcome?
    ) async -> Operation {
        await history.record(kind, client: number, instance: instance, account: account, token: token) {
            await outcome(request, on: instance) { reply in
                reply.status == 401 ? .refused(reply.json("code") ?? "") : judge(reply)
            }
        }
    }

    /// - Parameter judge: `nil` for an answer that the operation may not have. What every operation may have is 503.
    private func outcome(
        _ request: Request, on instance: Int, _ judge: (Loopback.Reply) -> Operation.Outcome?
    ) async -> Operation.Outcome {
        let server = Loopback(port: servers.port(of: instance), timeout: .seconds(4))
        do {
            if disturbance.cutsNow() {
                try await server.abandon(request.octets, after: .milliseconds(Int.random(in: 1...30)))
                return .unknown("cut")
            }
            let reply = try await server.exchange(request.octets)
            if reply.status == 503, reply["Retry-After"] != nil, reply.json("code") == "unavailable" { return .unknown("503") }
            return judge(reply) ?? .wrong("\(reply.status) \(reply.headers) \(reply.body)")
        } catch Loopback.Failure.refused {
            try? await Task.sleep(for: .milliseconds(20))
            return .failed
        } catch {
            return .unknown("no answer")
        }
    }
}

extension Loopback.Reply {
    fileprivate var pair: Pair? {
        guard let access = json("access_token").flatMap(Token.init(access:)),
            let refresh = json("refresh_token").flatMap(Token.init(refresh:)),
            access.session == json("session_id"), access.session == refresh.session, access.generation == refresh.generation
        else { return nil }
        return Pair(access: access, refresh: refresh)
    }
}
