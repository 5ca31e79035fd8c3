-- Passkeys, and the questions that were answered with one: each once.

CREATE TABLE passkey (
    id TEXT PRIMARY KEY,
    person BLOB,
    body TEXT NOT NULL,
    version INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE INDEX passkey_by_person ON passkey (person) WHERE person IS NOT NULL;

CREATE TABLE used_challenge (
    hash BLOB PRIMARY KEY,
    expires_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE INDEX used_challenge_by_expiry ON used_challenge (expires_at);
