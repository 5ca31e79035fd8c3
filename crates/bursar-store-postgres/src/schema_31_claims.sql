-- What is to show an affiliation, and verdicts that a person is asked to look at.

CREATE TABLE claim (
    id UUID PRIMARY KEY,
    person UUID NOT NULL,
    application UUID NOT NULL,
    secret_hash BYTEA UNIQUE,
    body TEXT NOT NULL,
    version BIGINT NOT NULL
);

CREATE INDEX claim_by_person ON claim (person, id);
CREATE INDEX claim_by_application ON claim (application, id);

CREATE TABLE appeal (
    id UUID PRIMARY KEY,
    program TEXT NOT NULL,
    email TEXT NOT NULL,
    state TEXT NOT NULL,
    secret_hash BYTEA NOT NULL UNIQUE,
    body TEXT NOT NULL,
    version BIGINT NOT NULL
);

CREATE INDEX appeal_by_email ON appeal (email, id);
CREATE INDEX appeal_by_state ON appeal (program, state, id);
