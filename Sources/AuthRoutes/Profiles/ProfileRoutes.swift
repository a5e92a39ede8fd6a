import AuthCore
import AuthMiddleware
import HTTPEdge
import Hummingbird

struct ProfileRoutes: Sendable {
    let profiles: Profiles
    let limits: HTTPLimits

    func add(to surfaces: Surfaces) {
        surfaces.session.patch(
            "api/profile", "Changes what the owner says of themselves: `display_name`, `locale`, `metadata`; null removes a field.",
            use: change)
        surfaces.session.get("api/account", "Answers with the account: whether its address is verified, and its profile.", use: account)
        surfaces.session.get(
            "api/profile/export", "Answers with everything that is stored about the account. Needs a recent login.", use: export)
    }

    func account(_ request: Request, _ context: AuthenticatedRequestContext) async throws -> Response {
        let profile = try await profiles.profile(of: context.session.user.id)
        return JSONBody.response { OwnerBody.write(profile, into: &$0) }
    }

    func export(_ request: Request, _ context: AuthenticatedRequestContext) async throws -> Response {
        let export = try await profiles.export(for: context.session, origin: context.origin(of: request))
        let events = try JSONBody.text(export.events.map(OwnEventBody.init))
        return JSONBody.response { body in
            JSONObjectWriter.write(into: &body) { object, buffer in
                object.member("events", json: events, into: &buffer)
                object.member("events_next_cursor", export.next?.text, into: &buffer)
                object.member("stored", json: export.stored, into: &buffer)
            }
        }
    }

    func change(_ request: Request, _ context: AuthenticatedRequestContext) async throws -> Response {
        var form = try await request.jsonForm(limits: limits)
        let (name, locale, metadata) = (form.change(of: "display_name"), form.change(of: "locale"), form.changeOfObject("metadata"))
        try form.finish()
        let change = try ProfileChange(
            displayName: ProfileChange.Field(name), locale: ProfileChange.Field(locale), metadata: ProfileChange.Field(metadata))
        let profile = try await profiles.change(change, of: context.session.user.id, origin: context.origin(of: request))
        return JSONBody.response { OwnerBody.write(profile, into: &$0) }
    }
}

extension ProfileChange.Field {
    fileprivate init(_ member: JSONForm.Change) {
        switch member {
        case .missing: self = .keep
        case .null: self = .remove
        case .text(let text): self = .set(text)
        }
    }
}
