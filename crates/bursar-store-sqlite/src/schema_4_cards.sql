-- Payment cards and their checks. A card's number is never here.

CREATE TABLE card (
    person BLOB PRIMARY KEY,
    body TEXT NOT NULL,
    version INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE card_check (
    id BLOB PRIMARY KEY,
    person BLOB NOT NULL,
    state TEXT NOT NULL,
    due_at INTEGER NOT NULL,
    body TEXT NOT NULL,
    version INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE INDEX card_check_by_person ON card_check (person);
-- One at a time for each person.
CREATE UNIQUE INDEX card_check_open ON card_check (person) WHERE state IN ('started', 'held');
CREATE INDEX card_check_due ON card_check (due_at) WHERE state IN ('started', 'held');
