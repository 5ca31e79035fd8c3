-- Named budgets of a grant, and what keys are for.

CREATE TABLE study (
    id BLOB PRIMARY KEY,
    grant_id BLOB NOT NULL,
    body TEXT NOT NULL,
    version INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE INDEX study_by_grant ON study (grant_id, id);

ALTER TABLE api_key ADD COLUMN study BLOB;
ALTER TABLE api_key ADD COLUMN scope TEXT;
