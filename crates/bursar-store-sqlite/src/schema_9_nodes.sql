-- The processes that share the database, and what each has to hear of the others. A change's number
-- is one more than the one before it, so that nobody misses one unawares.

CREATE TABLE node (
    id BLOB PRIMARY KEY,
    beats INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE change (
    number INTEGER PRIMARY KEY,
    kind TEXT NOT NULL,
    subject BLOB NOT NULL
) STRICT;
