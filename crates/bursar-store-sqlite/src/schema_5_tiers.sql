-- A tier that an officer named for a grant.

ALTER TABLE award_grant ADD COLUMN tier TEXT;
