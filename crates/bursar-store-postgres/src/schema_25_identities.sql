-- Who people are at providers: ways into their accounts beside the mailed link.

CREATE TABLE identity (
    issuer TEXT COLLATE "C" NOT NULL,
    subject TEXT COLLATE "C" NOT NULL,
    person UUID,
    body TEXT NOT NULL,
    version BIGINT NOT NULL,
    PRIMARY KEY (issuer, subject)
);
CREATE INDEX identity_by_person ON identity (person) WHERE person IS NOT NULL;
CREATE INDEX session_by_person ON session (person, created_at) WHERE ended_at IS NULL;
