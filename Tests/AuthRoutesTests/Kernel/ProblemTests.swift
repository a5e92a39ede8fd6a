import AuthCore
import FoundationEssentials
import HTTPEdge
import HTTPTypes
import Testing

@testable import AuthMiddleware

/// Each error as the wire has it.
@Suite struct ProblemTests {
    private static let table: [(AuthError, Int)] = [
        (.malformedHTTP(reason: "r"), 400), (.malformedJSON(reason: "r"), 400), (.invalidRequest(reason: "r"), 400),
        (.unsupportedGrantType, 400),
        (.missingToken, 401), (.invalidToken, 401), (.invalidCredentials, 401), (.refreshTokenReused, 401),
        (.invalidClient, 401), (.insufficientAuthentication(maxAge: .seconds(600)), 401), (.invalidOneTimeToken, 400),
        (.emailUnverified, 403), (.passwordResetRequired, 403), (.deletionPending, 403), (.emailFrozen, 403), (.registrationClosed, 403),
        (.mailOff, 501),
        (.notFound, 404), (.methodNotAllowed(allowed: ["GET", "HEAD"]), 405), (.emailTaken, 409), (.bodyTooLarge(limit: 16_384), 413),
        (.unsupportedMediaType(expected: "application/json"), 415),
        (.validationFailed([FieldError(field: "email", code: .required, detail: "d")]), 422),
        (.tooManyAttempts(retryAfter: .seconds(2)), 429), (.unavailable(cause: "SECRET"), 503),
        (.internalError(cause: "SECRET"), 500),
    ]

    @Test func `each error has its status, a stable code and the members of RFC 9457`() throws {
        for (error, status) in Self.table {
            let problem = Problem(error, requestID: "request-1")
            let members = try JSONDecoder().decode([String: JSON].self, from: Data(problem.encoded))
            #expect(members["status"] == .number(status))
            #expect(members["type"] == .text("urn:auth-api:problem:\(error.code)"))
            #expect(members["code"] == .text(error.code))
            #expect(members["request_id"] == .text("request-1"))
            #expect(members["title"]?.text?.isEmpty == false)
            #expect(members["detail"]?.text?.isEmpty == false)
            #expect(problem.headers[.contentType] == "application/problem+json")
            #expect(problem.httpStatus.code == status)
            #expect(!String(decoding: problem.encoded, as: UTF8.self).contains("SECRET"))
        }
        #expect(Set(Self.table.map(\.0.code)).count == Self.table.count)
    }

    @Test func `docs/errors.md has each code with its status, and each code of a field`() throws {
        let root = #filePath.split(separator: "/", omittingEmptySubsequences: false).dropLast(4).joined(separator: "/")
        let page = try String(contentsOfFile: root + "/docs/errors.md", encoding: .utf8)
        let rows = page.matches(of: /\n\| (\d{3}) \| `([a-z_]+)` \|/).map { "\($0.1) \($0.2)" }
        let refusals: [MessageRefusal] = [.expectationFailed, .uriTooLong, .headersTooLarge, .timeout]
        let codes = Self.table.map { "\($0.1) \($0.0.code)" } + refusals.map { "\($0.status.code) \($0.code)" }
        #expect(rows.sorted() == codes.sorted())
        for code in FieldError.Code.allCases { #expect(page.contains("`\(code.rawValue)`"), "\(code)") }
    }

    @Test func `who is told of an overload is told when to come again, in whole seconds and not too soon`() {
        for (time, expected) in [(Duration.zero, "1"), (.milliseconds(300), "1"), (.milliseconds(1001), "2"), (.seconds(7), "7")] {
            let problem = Problem(.overloaded(retryAfter: time), requestID: "r")
            #expect(problem.headers[.retryAfter] == expected && problem.status == 503 && problem.code == "unavailable")
            let refusal = Problem(.tooManyAttempts(retryAfter: time), requestID: "r")
            #expect(refusal.headers[.retryAfter] == expected && refusal.status == 429 && refusal.code == "too_many_attempts")
        }
    }

    @Test func `a 401 always has a challenge, a 405 Allow, a 429 and a 503 Retry-After, and nothing else has`() {
        for (error, status) in Self.table {
            let headers = Problem(error, requestID: "r").headers
            #expect((headers[.allow] != nil) == (status == 405))
            #expect((headers[.retryAfter] != nil) == (status == 429 || status == 503))
            let isChallenged = status == 401 || error.code == "invalid_request"
            #expect((headers[.wwwAuthenticate] != nil) == isChallenged, "\(error)")
        }
    }

    @Test func `a validation error names every field`() throws {
        let errors = FieldError.Code.allCases.map { FieldError(field: "f", code: $0, detail: "d") }
        let problem = Problem(.validationFailed(errors), requestID: "r")
        let members = try JSONDecoder().decode([String: JSON].self, from: Data(problem.encoded))
        guard case .array(let listed) = members["errors"] else {
            Issue.record("no errors")
            return
        }
        #expect(listed.map { $0.members?["code"]?.text } == FieldError.Code.allCases.map(\.rawValue))
        #expect(listed.allSatisfy { Set($0.members?.keys ?? [:].keys) == ["field", "code", "detail"] })
    }

    @Test func `an error of another module is a failure of the server`() {
        struct Foreign: Error {}
        #expect(AuthError(foreign: Foreign()).code == "unavailable")
        #expect(AuthError(foreign: AuthError.emailTaken) == .emailTaken)
    }
}
