-- What grants made in an upstream's account, by way of a credential that they share.

CREATE TABLE belonging (
    id UUID PRIMARY KEY,
    grant_id UUID NOT NULL,
    kind TEXT NOT NULL,
    upstream TEXT NOT NULL,
    -- Its name there; null until that is known.
    upstream_id TEXT,
    purpose TEXT,
    state TEXT NOT NULL,
    body TEXT NOT NULL,
    version BIGINT NOT NULL
);

-- It has one owner.
CREATE UNIQUE INDEX belonging_there ON belonging (upstream, upstream_id);
CREATE INDEX belonging_by_grant ON belonging (grant_id, kind, id);
CREATE INDEX belonging_by_name ON belonging (grant_id, upstream_id);
-- Batches that are asked after until they end.
CREATE INDEX belonging_open ON belonging (id) WHERE state = 'open';
