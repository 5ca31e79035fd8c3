-- Reviews that are written and not sent in.

CREATE TABLE review_draft (
    application UUID NOT NULL,
    reviewer UUID NOT NULL,
    body TEXT NOT NULL,
    version BIGINT NOT NULL,
    PRIMARY KEY (application, reviewer)
);

CREATE INDEX review_draft_by_reviewer ON review_draft (reviewer, application);
