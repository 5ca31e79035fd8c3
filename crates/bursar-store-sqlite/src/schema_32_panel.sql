-- Who reviews what, who must not, and what reviewers say of themselves.

CREATE TABLE assignment (
    id BLOB PRIMARY KEY,
    application BLOB NOT NULL,
    reviewer BLOB NOT NULL,
    program TEXT NOT NULL,
    round TEXT NOT NULL,
    is_open INTEGER NOT NULL,
    body TEXT NOT NULL,
    version INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE INDEX assignment_by_round ON assignment (program, round, id);
CREATE INDEX assignment_by_reviewer ON assignment (reviewer, id);
-- One reviewer is asked for one review of an application.
CREATE UNIQUE INDEX assignment_open ON assignment (application, reviewer) WHERE is_open = 1;
CREATE INDEX assignment_by_application ON assignment (application, id);

CREATE TABLE conflict (
    id BLOB PRIMARY KEY,
    application BLOB NOT NULL,
    person BLOB NOT NULL,
    body TEXT NOT NULL,
    version INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE INDEX conflict_by_application ON conflict (application, id);
CREATE INDEX conflict_by_person ON conflict (person, id);

CREATE TABLE profile (
    person BLOB PRIMARY KEY,
    body TEXT NOT NULL,
    version INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
