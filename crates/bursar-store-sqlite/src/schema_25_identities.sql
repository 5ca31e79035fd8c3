-- Who people are at providers: ways into their accounts beside the mailed link.

CREATE TABLE identity (
    issuer TEXT NOT NULL,
    subject TEXT NOT NULL,
    person BLOB,
    body TEXT NOT NULL,
    version INTEGER NOT NULL,
    PRIMARY KEY (issuer, subject)
) STRICT, WITHOUT ROWID;
CREATE INDEX identity_by_person ON identity (person) WHERE person IS NOT NULL;
CREATE INDEX session_by_person ON session (person, created_at) WHERE ended_at IS NULL;
