-- The chain: which link each movement and each lot is in, and what a link comes to. Number zero is
-- what was there before; the server makes that link when it first opens the database.

ALTER TABLE transfer ADD COLUMN link BIGINT NOT NULL DEFAULT 0;
ALTER TABLE lot ADD COLUMN link BIGINT NOT NULL DEFAULT 0;

CREATE TABLE chain_link (
    number BIGINT PRIMARY KEY,
    size BIGINT NOT NULL CHECK (size > 0),
    digest BYTEA NOT NULL
);

CREATE FUNCTION a_chain_link_stays() RETURNS TRIGGER LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'a link of the chain is never changed and never deleted';
END $$;

CREATE TRIGGER chain_link_is_never_changed BEFORE UPDATE OR DELETE OR TRUNCATE ON chain_link
    FOR EACH STATEMENT EXECUTE FUNCTION a_chain_link_stays();
