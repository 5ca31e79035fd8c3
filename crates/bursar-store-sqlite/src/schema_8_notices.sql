-- What a grant's holder was told, each once: the key is what keeps a letter from being sent twice.

CREATE TABLE notice (
    grant_id BLOB NOT NULL,
    milestone TEXT NOT NULL,
    at INTEGER NOT NULL,
    PRIMARY KEY (grant_id, milestone)
) STRICT, WITHOUT ROWID;
