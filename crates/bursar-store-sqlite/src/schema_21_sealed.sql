-- Secrets that have to be read again, sealed under a master key that is not here.

CREATE TABLE sealed_secret (
    purpose TEXT NOT NULL PRIMARY KEY,
    body TEXT NOT NULL,
    version INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
