-- The first migration. Migrations only add; what has been released is never edited.
-- Amounts are nano-dollars, instants milliseconds since 1970, identifiers sixteen bytes.

-- The book.

CREATE TABLE account (
    id INTEGER PRIMARY KEY,
    name TEXT NOT NULL UNIQUE,
    may_be_negative INTEGER NOT NULL,
    posted INTEGER NOT NULL,
    held INTEGER NOT NULL DEFAULT 0,
    CHECK (held >= 0),
    CHECK (may_be_negative = 1 OR posted - held >= 0)
) STRICT;

CREATE TABLE transfer (
    id BLOB PRIMARY KEY,
    debit INTEGER NOT NULL REFERENCES account (id),
    credit INTEGER NOT NULL REFERENCES account (id),
    amount INTEGER NOT NULL CHECK (amount > 0),
    kind TEXT NOT NULL,
    hold BLOB,
    at INTEGER NOT NULL,
    actor TEXT NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TRIGGER transfer_is_never_changed BEFORE UPDATE ON transfer
BEGIN SELECT RAISE (ABORT, 'a transfer is never changed'); END;

CREATE TRIGGER transfer_is_never_deleted BEFORE DELETE ON transfer
BEGIN SELECT RAISE (ABORT, 'a transfer is never deleted'); END;

CREATE TABLE lot (
    id BLOB PRIMARY KEY,
    account TEXT NOT NULL UNIQUE,
    holder BLOB NOT NULL,
    grant_id BLOB,
    expires_at INTEGER NOT NULL,
    body TEXT NOT NULL
) STRICT, WITHOUT ROWID;

CREATE INDEX lot_by_holder ON lot (holder);
CREATE INDEX lot_by_grant ON lot (grant_id);
CREATE INDEX lot_by_expiry ON lot (expires_at);

CREATE TABLE hold (
    id BLOB PRIMARY KEY,
    holder BLOB NOT NULL,
    grant_id BLOB,
    amount INTEGER NOT NULL CHECK (amount >= 0),
    placed_at INTEGER NOT NULL,
    settle_by INTEGER NOT NULL,
    note TEXT NOT NULL,
    open INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE INDEX hold_open ON hold (settle_by) WHERE open = 1;

CREATE TABLE hold_part (
    hold BLOB NOT NULL REFERENCES hold (id),
    ordinal INTEGER NOT NULL,
    account TEXT NOT NULL,
    amount INTEGER NOT NULL CHECK (amount > 0),
    PRIMARY KEY (hold, ordinal)
) STRICT, WITHOUT ROWID;

-- The primary key refuses a second resolution.
CREATE TABLE resolution (
    hold BLOB PRIMARY KEY REFERENCES hold (id),
    kind TEXT NOT NULL,
    captured INTEGER NOT NULL,
    at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

-- People.

CREATE TABLE person (
    id BLOB PRIMARY KEY,
    email TEXT NOT NULL UNIQUE,
    name TEXT NOT NULL,
    roles TEXT NOT NULL,
    created_at INTEGER NOT NULL,
    version INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE sign_in_link (
    secret_hash BLOB PRIMARY KEY,
    email TEXT NOT NULL,
    expires_at INTEGER NOT NULL,
    used_at INTEGER
) STRICT, WITHOUT ROWID;

CREATE TABLE session (
    secret_hash BLOB PRIMARY KEY,
    id BLOB NOT NULL UNIQUE,
    person BLOB NOT NULL,
    created_at INTEGER NOT NULL,
    expires_at INTEGER NOT NULL,
    ended_at INTEGER
) STRICT, WITHOUT ROWID;

-- Applications.

CREATE TABLE application (
    id BLOB PRIMARY KEY,
    program TEXT NOT NULL,
    applicant BLOB NOT NULL,
    state TEXT NOT NULL,
    round TEXT,
    body TEXT NOT NULL,
    version INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE INDEX application_by_applicant ON application (applicant);
CREATE INDEX application_by_state ON application (state, program, round);

CREATE TABLE application_event (
    application BLOB NOT NULL,
    version INTEGER NOT NULL,
    body TEXT NOT NULL,
    PRIMARY KEY (application, version)
) STRICT, WITHOUT ROWID;

CREATE TABLE review (
    id BLOB PRIMARY KEY,
    application BLOB NOT NULL,
    reviewer BLOB NOT NULL,
    body TEXT NOT NULL,
    version INTEGER NOT NULL,
    UNIQUE (application, reviewer)
) STRICT, WITHOUT ROWID;

-- Grants, keys and calls.

CREATE TABLE award_grant (
    id BLOB PRIMARY KEY,
    program TEXT NOT NULL,
    program_version INTEGER NOT NULL,
    holder BLOB NOT NULL,
    application BLOB UNIQUE,
    title TEXT NOT NULL,
    amount INTEGER NOT NULL,
    created_at INTEGER NOT NULL,
    deliver_from INTEGER NOT NULL,
    deliver_until INTEGER NOT NULL,
    delivered_at INTEGER,
    expires_at INTEGER,
    expires_no_later_than INTEGER,
    lot BLOB,
    version INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE INDEX award_grant_by_holder ON award_grant (holder);
CREATE INDEX award_grant_waiting ON award_grant (deliver_from) WHERE delivered_at IS NULL;

CREATE TABLE api_key (
    id BLOB PRIMARY KEY,
    grant_id BLOB NOT NULL,
    holder BLOB NOT NULL,
    name TEXT NOT NULL,
    secret_hash BLOB NOT NULL UNIQUE,
    hint TEXT NOT NULL,
    cap INTEGER,
    created_at INTEGER NOT NULL,
    expires_at INTEGER,
    revoked_at INTEGER,
    version INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE INDEX api_key_by_grant ON api_key (grant_id);

-- A call is settled once: its hold is unique.
CREATE TABLE call (
    request BLOB PRIMARY KEY,
    hold BLOB NOT NULL UNIQUE,
    grant_id BLOB NOT NULL,
    key_id BLOB NOT NULL,
    cost INTEGER NOT NULL,
    ended_at INTEGER NOT NULL,
    body TEXT NOT NULL
) STRICT, WITHOUT ROWID;

CREATE INDEX call_by_grant ON call (grant_id, request);

-- Mail, the audit trail, and what the installation remembers about itself.

CREATE TABLE mail (
    id BLOB PRIMARY KEY,
    recipient TEXT NOT NULL,
    subject TEXT NOT NULL,
    body TEXT NOT NULL,
    created_at INTEGER NOT NULL,
    sent_at INTEGER
) STRICT, WITHOUT ROWID;

CREATE TABLE audit_line (
    id BLOB PRIMARY KEY,
    at INTEGER NOT NULL,
    actor TEXT NOT NULL,
    action TEXT NOT NULL,
    subject TEXT NOT NULL,
    detail TEXT NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE setting (
    key TEXT PRIMARY KEY,
    value TEXT NOT NULL
) STRICT, WITHOUT ROWID;
