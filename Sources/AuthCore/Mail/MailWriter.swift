/// Writes a mail at the moment of sending: makes its tokens, stores their digests, and renders the text.
struct MailWriter: Sendable {
    let queue: any MailQueueStore
    let tokens: OneTimeTokens
    let rendering: any MailRendering
    let links: MailLinks
    let routing: RoutingKeys
    let service: String

    /// - Returns: `nil` if the account has changed so that the mail must not be sent.
    func message(_ letter: MailPlan.Letter, for mail: ClaimedMail) async throws(AuthError) -> MailMessage? {
        let key: RoutingKey
        if let account = letter.account { key = account.id.routing } else { key = try routing.key(of: letter.recipient) }
        var minted: [OneTimeTokens.Minted] = []
        for purpose in letter.purposes { minted.append(try await tokens.mint(purpose, routing: key)) }
        if !minted.isEmpty {
            let isStored = try await queue.store(minted.map(\.token), of: mail, account: letter.account?.id, about: letter.recipient)
            guard isStored else { return nil }
        }
        let locale = letter.account?.locale ?? mail.locale ?? .english
        let content = try rendering.render(letter.kind, in: locale, values(letter, mail, minted))
        return MailMessage(id: mail.id, recipient: letter.recipient, locale: locale, content: content)
    }

    private func values(_ letter: MailPlan.Letter, _ mail: ClaimedMail, _ minted: [OneTimeTokens.Minted]) -> MailValues {
        var values = MailValues(service: service, email: letter.account?.email ?? mail.email, time: mail.createdAt.forMail)
        values.displayName = letter.account?.displayName
        values.ip = mail.details.ip
        values.userAgent = mail.details.userAgent
        values.newEmail = letter.kind == .confirmEmail ? letter.recipient.text : mail.details.newEmail
        values.reason = mail.details.reason
        values.deletedAfter = letter.account?.deletedAfter?.forMail
        for (purpose, made) in zip(letter.purposes, minted) { put(made, purpose, isLink: purpose == letter.link, into: &values) }
        return values
    }

    private func put(_ made: OneTimeTokens.Minted, _ purpose: OneTimeTokenPurpose, isLink: Bool, into values: inout MailValues) {
        let link = links.link(purpose, made.text)
        guard isLink else {
            values.secureLink = link
            return
        }
        values.link = link
        // To undo the change of an address is to say that it was somebody else.
        if purpose == .undoEmail { values.secureLink = link }
        values.linkMinutes = made.token.lifetime.minutes
        values.code = made.code
        values.codeMinutes = made.code.map { _ in made.token.codeLifetime.minutes }
    }
}

extension Duration {
    fileprivate var minutes: Int { Int(components.seconds / 60) }
}

extension Timestamp {
    /// `2026-12-01 10:58 UTC`.
    fileprivate var forMail: String {
        let text = description
        return "\(text.prefix(10)) \(text.dropFirst(11).prefix(5)) UTC"
    }
}
