-- Leases: what nodes have borrowed of lots and of keys' rights. Their balances are accounts.

CREATE TABLE lease (
    id UUID PRIMARY KEY,
    reports BIGINT NOT NULL,
    watermark BIGINT NOT NULL CHECK (watermark >= 0),
    ended BOOLEAN NOT NULL,
    body TEXT NOT NULL
);

CREATE FUNCTION lease_goes_forward() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF (old.ended AND NOT new.ended) OR new.reports < old.reports THEN
        RAISE EXCEPTION 'a lease ends once, and a report is taken in once';
    END IF;
    RETURN new;
END $$;

CREATE TRIGGER lease_goes_forward BEFORE UPDATE ON lease
    FOR EACH ROW EXECUTE FUNCTION lease_goes_forward();

-- The calls that go on on a lease, when it ends.
CREATE INDEX hold_part_on_lease ON hold_part (account)
    WHERE account LIKE 'lease/%' OR account LIKE 'cap_lease/%';
