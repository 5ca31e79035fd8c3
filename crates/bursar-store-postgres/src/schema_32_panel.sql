-- Who reviews what, who must not, and what reviewers say of themselves.

CREATE TABLE assignment (
    id UUID PRIMARY KEY,
    application UUID NOT NULL,
    reviewer UUID NOT NULL,
    program TEXT NOT NULL,
    round TEXT NOT NULL,
    is_open BOOLEAN NOT NULL,
    body TEXT NOT NULL,
    version BIGINT NOT NULL
);

CREATE INDEX assignment_by_round ON assignment (program, round, id);
CREATE INDEX assignment_by_reviewer ON assignment (reviewer, id);
-- One reviewer is asked for one review of an application.
CREATE UNIQUE INDEX assignment_open ON assignment (application, reviewer) WHERE is_open;
CREATE INDEX assignment_by_application ON assignment (application, id);

CREATE TABLE conflict (
    id UUID PRIMARY KEY,
    application UUID NOT NULL,
    person UUID NOT NULL,
    body TEXT NOT NULL,
    version BIGINT NOT NULL
);

CREATE INDEX conflict_by_application ON conflict (application, id);
CREATE INDEX conflict_by_person ON conflict (person, id);

CREATE TABLE profile (
    person UUID PRIMARY KEY,
    body TEXT NOT NULL,
    version BIGINT NOT NULL
);
