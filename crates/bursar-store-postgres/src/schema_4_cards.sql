-- Payment cards and their checks. A card's number is never here.

CREATE TABLE card (
    person UUID PRIMARY KEY,
    body TEXT NOT NULL,
    version BIGINT NOT NULL
);

CREATE TABLE card_check (
    id UUID PRIMARY KEY,
    person UUID NOT NULL,
    state TEXT NOT NULL,
    due_at BIGINT NOT NULL,
    body TEXT NOT NULL,
    version BIGINT NOT NULL
);

CREATE INDEX card_check_by_person ON card_check (person);
-- One at a time for each person.
CREATE UNIQUE INDEX card_check_open ON card_check (person) WHERE state IN ('started', 'held');
CREATE INDEX card_check_due ON card_check (due_at) WHERE state IN ('started', 'held');
