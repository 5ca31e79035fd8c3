-- Requests for limited models.

CREATE TABLE access_request (
    id UUID PRIMARY KEY,
    grant_id UUID NOT NULL,
    model TEXT NOT NULL,
    state TEXT NOT NULL,
    body TEXT NOT NULL,
    version BIGINT NOT NULL
);

CREATE INDEX access_request_by_grant ON access_request (grant_id, id);
-- One waits at a time, and the officers' list asks for those that wait.
CREATE UNIQUE INDEX access_request_waiting ON access_request (grant_id, model)
    WHERE state = 'asked';
