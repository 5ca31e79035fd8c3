-- The chain: which link each movement and each lot is in, and what a link comes to. Number zero is
-- what was there before; the server makes that link when it first opens the database.

ALTER TABLE transfer ADD COLUMN link INTEGER NOT NULL DEFAULT 0;
ALTER TABLE lot ADD COLUMN link INTEGER NOT NULL DEFAULT 0;

CREATE TABLE chain_link (
    number INTEGER PRIMARY KEY,
    size INTEGER NOT NULL CHECK (size > 0),
    digest BLOB NOT NULL
) STRICT;

CREATE TRIGGER chain_link_is_never_changed BEFORE UPDATE ON chain_link
BEGIN SELECT RAISE (ABORT, 'a link of the chain is never changed'); END;

CREATE TRIGGER chain_link_is_never_deleted BEFORE DELETE ON chain_link
BEGIN SELECT RAISE (ABORT, 'a link of the chain is never deleted'); END;
