/// Accounts: what their owners and what operators may do with them.
public struct Accounts: Sendable {
    public let registration: Registration
    public let administration: AccountAdministration
    let store: any AccountStore

    init(
        _ stores: AccountStores, _ kit: Kit, _ passwords: Passwords, _ attempts: AttemptLimits, _ tokens: OneTimeTokens, _ mails: Mails,
        _ policies: Policies
    ) {
        store = stores.accounts
        registration = Registration(accounts: stores.accounts, kit, passwords, attempts, tokens, mails, policies.registration)
        administration = AccountAdministration(store: stores.administration, identifiers: kit.identifiers, notices: mails.notices)
    }
}

/// Where accounts are kept.
public struct AccountStores: Sendable {
    public var accounts: any AccountStore
    public var administration: any AccountAdministrationStore

    public init(accounts: any AccountStore, administration: any AccountAdministrationStore) {
        self.accounts = accounts
        self.administration = administration
    }
}
