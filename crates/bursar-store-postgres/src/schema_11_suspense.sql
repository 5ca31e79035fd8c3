-- What calls in suspense were found to have cost, once somebody knew; null until then.

ALTER TABLE resolution ADD COLUMN settled BIGINT
    CHECK (settled IS NULL OR (kind = 'suspended' AND settled >= 0));

CREATE FUNCTION suspense_is_settled_once() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'what lies in suspense is settled once';
END $$;

CREATE TRIGGER suspense_is_settled_once BEFORE UPDATE OF settled ON resolution
    FOR EACH ROW WHEN (old.settled IS NOT NULL) EXECUTE FUNCTION suspense_is_settled_once();

-- What nobody has settled, and what was spent of leases without a call that is known.
CREATE INDEX resolution_in_suspense ON resolution (hold)
    WHERE kind = 'suspended' AND settled IS NULL;
CREATE INDEX lease_of_lender ON lease (lender);
CREATE INDEX lease_by_account ON lease (account);
CREATE INDEX transfer_settled ON transfer (debit) WHERE kind = 'settle';
