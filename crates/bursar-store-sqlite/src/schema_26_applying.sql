-- Who takes part in an application, what is asked about it, its files, and forms whose session had
-- ended.

CREATE TABLE member (
    id BLOB PRIMARY KEY,
    application BLOB NOT NULL,
    person BLOB,
    state TEXT NOT NULL,
    secret_hash BLOB NOT NULL UNIQUE,
    body TEXT NOT NULL,
    version INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE INDEX member_by_application ON member (application, id);
CREATE INDEX member_by_person ON member (person, id) WHERE person IS NOT NULL;

CREATE TABLE question (
    id BLOB PRIMARY KEY,
    application BLOB NOT NULL,
    body TEXT NOT NULL,
    version INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE INDEX question_by_application ON question (application, id);

CREATE TABLE application_file (
    application BLOB NOT NULL,
    hash BLOB NOT NULL,
    number INTEGER NOT NULL,
    bytes BLOB NOT NULL,
    PRIMARY KEY (application, hash, number)
) STRICT;

CREATE TABLE kept_form (
    secret_hash BLOB PRIMARY KEY,
    sealed BLOB NOT NULL,
    expires_at INTEGER NOT NULL
) STRICT;

CREATE INDEX kept_form_by_expiry ON kept_form (expires_at);
