-- What calls cost after all, beside what they were charged at first.

CREATE TABLE correction (
    id UUID PRIMARY KEY,
    hold UUID NOT NULL,
    number BIGINT NOT NULL,
    body TEXT NOT NULL,
    UNIQUE (hold, number)
);

CREATE FUNCTION a_correction_stays() RETURNS TRIGGER LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'a correction is never changed and never deleted';
END $$;

CREATE TRIGGER correction_is_never_changed BEFORE UPDATE OR DELETE OR TRUNCATE ON correction
    FOR EACH STATEMENT EXECUTE FUNCTION a_correction_stays();

-- The last word on a call's cost; null while it is the first.
ALTER TABLE call ADD COLUMN corrected BIGINT;
