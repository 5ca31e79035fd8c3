-- The processes that share the database, and what each has to hear of the others. A change's number
-- is one more than the one before it, so that nobody misses one unawares.

CREATE TABLE node (
    id UUID PRIMARY KEY,
    beats BIGINT NOT NULL
);

CREATE TABLE change (
    number BIGINT PRIMARY KEY,
    kind TEXT NOT NULL,
    subject UUID NOT NULL
);

ALTER TABLE writer ADD COLUMN last_at TIMESTAMPTZ NOT NULL DEFAULT now();
