-- Named budgets of a grant, and what keys are for.

CREATE TABLE study (
    id UUID PRIMARY KEY,
    grant_id UUID NOT NULL,
    body TEXT NOT NULL,
    version BIGINT NOT NULL
);

CREATE INDEX study_by_grant ON study (grant_id, id);

ALTER TABLE api_key ADD COLUMN study UUID;
ALTER TABLE api_key ADD COLUMN scope TEXT;
