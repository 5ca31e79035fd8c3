-- What a lease is a part of, and its accounts, so that a lot is read with what was lent of it.

ALTER TABLE lease ADD COLUMN lender TEXT NOT NULL DEFAULT '';
ALTER TABLE lease ADD COLUMN account TEXT NOT NULL DEFAULT '';
ALTER TABLE lease ADD COLUMN suspense TEXT NOT NULL DEFAULT '';

CREATE INDEX lease_by_lender ON lease (lender) WHERE NOT ended;
