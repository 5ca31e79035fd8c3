-- Reviews that are written and not sent in.

CREATE TABLE review_draft (
    application BLOB NOT NULL,
    reviewer BLOB NOT NULL,
    body TEXT NOT NULL,
    version INTEGER NOT NULL,
    PRIMARY KEY (application, reviewer)
) STRICT, WITHOUT ROWID;

CREATE INDEX review_draft_by_reviewer ON review_draft (reviewer, application);
