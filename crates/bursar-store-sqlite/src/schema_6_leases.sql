-- Leases: what nodes have borrowed of lots and of keys' rights. Their balances are accounts.

CREATE TABLE lease (
    id BLOB PRIMARY KEY,
    reports INTEGER NOT NULL,
    watermark INTEGER NOT NULL CHECK (watermark >= 0),
    ended INTEGER NOT NULL,
    body TEXT NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TRIGGER lease_ends_once BEFORE UPDATE ON lease
WHEN old.ended = 1 AND new.ended = 0
BEGIN SELECT RAISE (ABORT, 'a lease that has ended stays so'); END;

CREATE TRIGGER lease_counts_its_reports BEFORE UPDATE ON lease
WHEN new.reports < old.reports
BEGIN SELECT RAISE (ABORT, 'a report is taken in once'); END;
