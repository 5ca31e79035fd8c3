-- Who spends a grant beside its holder, and whom each key is for.

CREATE TABLE participant (
    id BLOB PRIMARY KEY,
    grant_id BLOB NOT NULL,
    person BLOB,
    email TEXT NOT NULL,
    state TEXT NOT NULL,
    secret_hash BLOB NOT NULL UNIQUE,
    body TEXT NOT NULL,
    version INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE INDEX participant_by_grant ON participant (grant_id, id);
CREATE INDEX participant_by_person ON participant (person, id) WHERE person IS NOT NULL;
CREATE INDEX participant_by_email ON participant (email, id);
-- Nobody is in a grant twice, whoever invites them at the same time.
CREATE UNIQUE INDEX participant_open ON participant (grant_id, email)
    WHERE state IN ('invited', 'accepted');

ALTER TABLE api_key ADD COLUMN person BLOB;
UPDATE api_key SET person = holder;
