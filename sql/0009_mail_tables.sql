-- Mails, from the transaction that causes them to the answer of the mail server.

-- A row has no secret: the server makes the token of a link when it sends the mail.
CREATE TABLE mails (
    routing     integer     NOT NULL,             -- of the account, or of the address if the mail was asked for by its address
    id          uuid        NOT NULL,
    kind        text        COLLATE "C" NOT NULL,
    user_id     uuid,                             -- NULL: the mail was asked for by its address. The sender looks for the account.
    email       text        NOT NULL,             -- the recipient at that time, as its owner wrote it
    address     text        COLLATE "C",          -- the same in canonical form, if user_id is NULL
    locale      text,
    details     jsonb       NOT NULL DEFAULT '{}', -- what the mail tells: where from, on which device, the new address
    state       text        NOT NULL DEFAULT 'queued',
    -- When it may be sent. While it is being sent: when another instance may take it over.
    due_at      timestamptz NOT NULL DEFAULT now(),
    attempts    integer     NOT NULL DEFAULT 0,
    answer      text,                             -- the last answer of the mail server, or what failed
    request_id  text        NOT NULL,
    created_at  timestamptz NOT NULL DEFAULT now(),
    finished_at timestamptz,
    CONSTRAINT mails_pkey PRIMARY KEY (id, routing),
    CONSTRAINT mails_user_fkey FOREIGN KEY (user_id, routing) REFERENCES users (id, routing) ON DELETE CASCADE,
    CONSTRAINT mails_owner CHECK ((user_id IS NULL) = (address IS NOT NULL)),
    CONSTRAINT mails_state CHECK (state IN ('queued', 'sending', 'sent', 'failed', 'given_up', 'suppressed', 'cancelled')),
    CONSTRAINT mails_finished CHECK ((finished_at IS NULL) = (state IN ('queued', 'sending'))),
    CONSTRAINT mails_sizes CHECK (octet_length(details::text) <= 16384 AND octet_length(answer) <= 2000)
) WITH (fillfactor = 70);
CREATE INDEX mails_due ON mails (due_at) WHERE finished_at IS NULL;
CREATE INDEX mails_of_account ON mails (user_id, routing) WHERE user_id IS NOT NULL;
CREATE INDEX mails_of_address ON mails (address, routing) WHERE address IS NOT NULL;

-- When mails to an address were asked for, so that nobody can flood it: the last ten times, the newest first.
CREATE TABLE mail_budgets (
    routing      integer       NOT NULL,             -- of the address
    address      text          COLLATE "C" NOT NULL,
    requested_at timestamptz[] NOT NULL,
    forgotten_at timestamptz   NOT NULL,             -- from then on the row has no effect
    CONSTRAINT mail_budgets_pkey PRIMARY KEY (address, routing),
    CONSTRAINT mail_budgets_bounded CHECK (cardinality(requested_at) <= 10)
);
CREATE INDEX mail_budgets_forgotten_at ON mail_budgets (forgotten_at);

-- Addresses to which nothing is sent, because mails to them come back or because their reader has complained.
CREATE TABLE mail_suppressions (
    routing integer     NOT NULL,             -- of the address
    address text        COLLATE "C" NOT NULL,
    reason  text        NOT NULL,
    since   timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT mail_suppressions_pkey PRIMARY KEY (address, routing)
);

ALTER TABLE network_attempts DROP CONSTRAINT network_attempts_kind;
ALTER TABLE network_attempts ADD CONSTRAINT network_attempts_kind CHECK (
    kind IN ('login', 'registration', 'refresh', 'client', 'mail', 'token')
);
