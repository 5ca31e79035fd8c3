-- What is to show an affiliation, and verdicts that a person is asked to look at.

CREATE TABLE claim (
    id BLOB PRIMARY KEY,
    person BLOB NOT NULL,
    application BLOB NOT NULL,
    secret_hash BLOB UNIQUE,
    body TEXT NOT NULL,
    version INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE INDEX claim_by_person ON claim (person, id);
CREATE INDEX claim_by_application ON claim (application, id);

CREATE TABLE appeal (
    id BLOB PRIMARY KEY,
    program TEXT NOT NULL,
    email TEXT NOT NULL,
    state TEXT NOT NULL,
    secret_hash BLOB NOT NULL UNIQUE,
    body TEXT NOT NULL,
    version INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE INDEX appeal_by_email ON appeal (email, id);
CREATE INDEX appeal_by_state ON appeal (program, state, id);
