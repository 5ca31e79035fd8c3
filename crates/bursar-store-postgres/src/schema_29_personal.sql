-- What is somebody's own is found by whose it is.

CREATE INDEX review_by_reviewer ON review (reviewer, id);
CREATE INDEX mail_by_recipient ON mail (recipient, id);
CREATE INDEX audit_line_by_actor ON audit_line (actor, id);
CREATE INDEX audit_line_by_subject ON audit_line (subject, id);

-- Wishes to be forgotten: the last of each person.

CREATE TABLE erasure (
    person UUID PRIMARY KEY,
    secret_hash BYTEA NOT NULL UNIQUE,
    state TEXT NOT NULL,
    due_at BIGINT NOT NULL,
    body TEXT NOT NULL,
    version BIGINT NOT NULL
);

CREATE INDEX erasure_due ON erasure (due_at) WHERE state IN ('confirmed', 'parting');
