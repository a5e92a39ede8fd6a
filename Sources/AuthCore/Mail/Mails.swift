/// Mails: what is queued, and its way to the mail server.
public struct Mails: Sendable {
    public let delivery: MailDelivery
    public let administration: MailAdministration
    let requests: MailRequests
    let notices: MailNotices

    init(_ stores: MailStores, _ kit: Kit, _ tokens: OneTimeTokens, _ attempts: AttemptLimits, _ outlet: MailOutlet, _ policy: MailPolicy) {
        requests = MailRequests(queue: stores.requests, kit: kit, attempts: attempts, policy: policy)
        notices = MailNotices(identifiers: kit.identifiers, isOn: policy.isOn)
        delivery = MailDelivery(queue: stores.queue, kit: kit, tokens: tokens, outlet: outlet, policy: policy)
        administration = MailAdministration(store: stores.administration, kit: kit, outlet: outlet, policy: policy)
    }
}

/// Where mails are kept. One store may be all of these.
public struct MailStores: Sendable {
    public var requests: any MailRequestStore
    public var queue: any MailQueueStore
    public var administration: any MailAdministrationStore

    /// The parts of the way of a mail.
    public init(_ store: some MailRequestStore & MailQueueStore & MailAdministrationStore) {
        requests = store
        queue = store
        administration = store
    }
}

/// The way out of the server.
public struct MailOutlet: Sendable {
    let rendering: any MailRendering
    let transport: any MailTransport

    /// The parts of the way of a mail.
    public init(rendering: any MailRendering, transport: any MailTransport) {
        self.rendering = rendering
        self.transport = transport
    }
}

/// A mail about to be queued by the transaction of its cause. It has no secret.
public struct NewMail: Sendable {
    public let id: MailID
    public let kind: MailKind

    /// The parts of the way of a mail.
    public init(id: MailID, kind: MailKind) {
        self.id = id
        self.kind = kind
    }
}
