-- Passkeys, and the questions that were answered with one: each once.

CREATE TABLE passkey (
    id TEXT COLLATE "C" PRIMARY KEY,
    person UUID,
    body TEXT NOT NULL,
    version BIGINT NOT NULL
);

CREATE INDEX passkey_by_person ON passkey (person) WHERE person IS NOT NULL;

CREATE TABLE used_challenge (
    hash BYTEA PRIMARY KEY,
    expires_at BIGINT NOT NULL
);

CREATE INDEX used_challenge_by_expiry ON used_challenge (expires_at);
