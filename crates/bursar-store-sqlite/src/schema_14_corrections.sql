-- What calls cost after all, beside what they were charged at first.

CREATE TABLE correction (
    id BLOB PRIMARY KEY,
    hold BLOB NOT NULL,
    number INTEGER NOT NULL,
    body TEXT NOT NULL,
    UNIQUE (hold, number)
) STRICT, WITHOUT ROWID;

CREATE TRIGGER correction_is_never_changed BEFORE UPDATE ON correction
BEGIN SELECT RAISE (ABORT, 'a correction is never changed'); END;

CREATE TRIGGER correction_is_never_deleted BEFORE DELETE ON correction
BEGIN SELECT RAISE (ABORT, 'a correction is never deleted'); END;

-- The last word on a call's cost; null while it is the first.
ALTER TABLE call ADD COLUMN corrected INTEGER;
