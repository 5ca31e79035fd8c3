-- What is somebody's own is found by whose it is.

CREATE INDEX review_by_reviewer ON review (reviewer, id);
CREATE INDEX mail_by_recipient ON mail (recipient, id);
CREATE INDEX audit_line_by_actor ON audit_line (actor, id);
CREATE INDEX audit_line_by_subject ON audit_line (subject, id);

-- Wishes to be forgotten: the last of each person.

CREATE TABLE erasure (
    person BLOB PRIMARY KEY,
    secret_hash BLOB NOT NULL UNIQUE,
    state TEXT NOT NULL,
    due_at INTEGER NOT NULL,
    body TEXT NOT NULL,
    version INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE INDEX erasure_due ON erasure (due_at) WHERE state IN ('confirmed', 'parting');
