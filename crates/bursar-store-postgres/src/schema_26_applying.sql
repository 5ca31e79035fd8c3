-- Who takes part in an application, what is asked about it, its files, and forms whose session had
-- ended.

CREATE TABLE member (
    id UUID PRIMARY KEY,
    application UUID NOT NULL,
    person UUID,
    state TEXT NOT NULL,
    secret_hash BYTEA NOT NULL UNIQUE,
    body TEXT NOT NULL,
    version BIGINT NOT NULL
);

CREATE INDEX member_by_application ON member (application, id);
CREATE INDEX member_by_person ON member (person, id) WHERE person IS NOT NULL;

CREATE TABLE question (
    id UUID PRIMARY KEY,
    application UUID NOT NULL,
    body TEXT NOT NULL,
    version BIGINT NOT NULL
);

CREATE INDEX question_by_application ON question (application, id);

CREATE TABLE application_file (
    application UUID NOT NULL,
    hash BYTEA NOT NULL,
    number BIGINT NOT NULL,
    bytes BYTEA NOT NULL,
    PRIMARY KEY (application, hash, number)
);

CREATE TABLE kept_form (
    secret_hash BYTEA PRIMARY KEY,
    sealed BYTEA NOT NULL,
    expires_at BIGINT NOT NULL
);

CREATE INDEX kept_form_by_expiry ON kept_form (expires_at);
