-- Institutions as records of ROR have them, by their names, and by their domains.

CREATE TABLE institution (
    ror TEXT PRIMARY KEY,
    body TEXT NOT NULL
) STRICT, WITHOUT ROWID;

-- Apart from the records, so that a search reads names alone.
CREATE TABLE institution_name (
    ror TEXT NOT NULL,
    number INTEGER NOT NULL,
    folded TEXT NOT NULL,
    PRIMARY KEY (ror, number)
) STRICT, WITHOUT ROWID;

CREATE TABLE institution_domain (
    domain TEXT NOT NULL,
    ror TEXT NOT NULL,
    PRIMARY KEY (domain, ror)
) STRICT, WITHOUT ROWID;

CREATE INDEX institution_domain_by_ror ON institution_domain (ror);
