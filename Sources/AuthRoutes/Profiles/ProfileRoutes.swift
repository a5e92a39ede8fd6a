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
