-- What a mail says in HTML, which letter it is and until when it is of use; how far each is on its
-- way to a relay; and what is known of addresses.

ALTER TABLE mail ADD COLUMN html TEXT NOT NULL DEFAULT '';
ALTER TABLE mail ADD COLUMN letter TEXT NOT NULL DEFAULT '';
ALTER TABLE mail ADD COLUMN useless_after INTEGER;
CREATE INDEX mail_unsent ON mail (created_at) WHERE sent_at IS NULL;

CREATE TABLE delivery (
    mail BLOB NOT NULL PRIMARY KEY REFERENCES mail (id),
    state TEXT NOT NULL,
    next_at INTEGER NOT NULL,
    body TEXT NOT NULL,
    version INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX delivery_open ON delivery (next_at) WHERE state IN ('waiting', 'sending');
CREATE INDEX delivery_by_state ON delivery (state, mail);

CREATE TABLE address (
    email TEXT NOT NULL PRIMARY KEY,
    bounced_at INTEGER,
    body TEXT NOT NULL,
    version INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX address_bounced ON address (email) WHERE bounced_at IS NOT NULL;
