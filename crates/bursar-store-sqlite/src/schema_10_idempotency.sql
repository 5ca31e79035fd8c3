-- Requests that may be sent twice and are carried out once. Answers are sealed: they may show a secret.

CREATE TABLE idempotency_key (
    hash BLOB PRIMARY KEY,
    asked BLOB NOT NULL,
    node BLOB NOT NULL,
    since INTEGER NOT NULL,
    status INTEGER,
    sealed BLOB,
    version INTEGER NOT NULL,
    CHECK ((status IS NULL) = (sealed IS NULL))
) STRICT, WITHOUT ROWID;

CREATE INDEX idempotency_key_by_since ON idempotency_key (since);
